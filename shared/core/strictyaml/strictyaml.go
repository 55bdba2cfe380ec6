// Package strictyaml decodes one YAML document and keeps the position of each
// value.
//
// It refuses unknown and duplicate keys, anchors, aliases, merge keys, tags,
// several documents, large files and deep nesting.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Problem is one error of a file, with its position and the expected value.
type Problem struct {
	File string
	// Line and Column begin at 1. Line is 0 if the problem concerns the whole file.
	Line, Column int
	Message      string
}

// Error returns "file:line:column: message" on one line.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Position is the place of a value in a file. Both numbers begin at 1.
type Position struct{ Line, Column int }

// Lines maps the path of each value, such as "$.services[0].image", to its
// position.
type Lines struct {
	File string
	At   map[string]Position
}

// Problem returns a problem of the value at a path, or of the nearest value
// around it.
func (l Lines) Problem(path, message string) Problem {
	pos := l.Position(path)
	return Problem{File: l.File, Line: pos.Line, Column: pos.Column, Message: message}
}

// Position returns the position of the value at a path, or of the nearest value
// around it.
func (l Lines) Position(path string) Position {
	pos := l.At[path]
	for pos.Line == 0 && strings.Contains(path, ".") {
		path = path[:strings.LastIndexByte(path, '.')]
		pos = l.At[path]
	}
	return pos
}

// Decode decodes one YAML document into a struct. The name appears in messages
// only. The error is a Problem.
func Decode(name string, data []byte, into any) (lines Lines, err error) {
	defer recoverPanic(name, &lines, &err)
	lines.File = name
	if _, lines.At, err = parse(name, data); err != nil {
		return lines, err
	}
	err = yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowUnknownField()).Decode(into)
	if err != nil && !errors.Is(err, io.EOF) {
		problem := problemOf(name, err)
		if problem.Line == 0 {
			problem.Line, problem.Column = placeOf(data, err)
		}
		return Lines{File: name}, problem
	}
	return lines, nil
}

// placeOf returns the place of the value that an error quotes, because the library
// loses the place of a wrong duration; 0 if there is none.
func placeOf(data []byte, err error) (line, column int) {
	_, rest, _ := strings.Cut(firstLine(err.Error()), `"`)
	value, _, quoted := strings.Cut(rest, `"`)
	if !quoted || value == "" {
		return 0, 0
	}
	for i, text := range strings.Split(string(data), "\n") {
		for _, before := range []string{": ", "- ", `"`, "'"} {
			if at := strings.Index(text, before+value); at >= 0 {
				return i + 1, at + len(before) + 1
			}
		}
	}
	return 0, 0
}

// recoverPanic converts a panic into a Problem. The library panics on some
// malformed input.
func recoverPanic(name string, lines *Lines, err *error) {
	if recover() != nil {
		*lines, *err = Lines{File: name}, Problem{File: name, Message: "this cannot be read as YAML"}
	}
}

// parse returns the syntax tree of the only document, and the position of each
// value.
func parse(name string, data []byte) (*ast.File, map[string]Position, error) {
	if err := checkSize(name, data); err != nil {
		return nil, nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, nil, problemOf(name, err)
	}
	if len(file.Docs) > 1 {
		return nil, nil, Problem{File: name, Line: 1, Column: 1, Message: "expected one document, got several (remove the \"---\" between them)"}
	}
	at, err := positions(name, file)
	return file, at, err
}

// checkSize refuses large and deeply nested input before the parser reads it.
func checkSize(name string, data []byte) error {
	if len(data) > maxBytes {
		return Problem{File: name, Message: fmt.Sprintf("the file has %d bytes, expected at most %d", len(data), maxBytes)}
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		indent := len(line) - len(bytes.TrimLeft(line, " -"))
		if indent > spacesPerLevel*maxDepth || bytes.Count(line, []byte("[")) > maxDepth || bytes.Count(line, []byte("{")) > maxDepth {
			return Problem{File: name, Line: i + 1, Column: 1, Message: fmt.Sprintf("nested too deeply, expected at most %d levels", maxDepth)}
		}
	}
	return nil
}

// positions returns the position of each value. It refuses anchors and aliases,
// because they can expand without bound.
func positions(name string, file *ast.File) (map[string]Position, error) {
	v := &visitor{at: map[string]Position{}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(v, doc.Body)
		}
	}
	if v.refused != nil {
		return nil, Problem{
			File: name, Line: v.refused.Position.Line, Column: v.refused.Position.Column,
			Message: "anchors, aliases, merge keys and tags are not supported; write the values out",
		}
	}
	return v.at, nil
}

// visitor collects positions, and the first token with an unsupported feature.
type visitor struct {
	at      map[string]Position
	refused *token.Token
}

// Visit implements ast.Visitor.
func (v *visitor) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		if v.refused == nil {
			v.refused = n.GetToken()
		}
	case *ast.MappingValueNode: // its token is the colon; its value follows
		return v
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		// A key and its value have the same path. The value follows and replaces the key.
		v.at[n.GetPath()] = Position{t.Position.Line, t.Position.Column}
	}
	return v
}

// problemOf converts an error of the library into a Problem.
func problemOf(name string, err error) Problem {
	problem := Problem{File: name, Message: firstLine(err.Error())}
	if located, ok := errors.AsType[yaml.Error](err); ok {
		problem.Message = firstLine(located.GetMessage())
		if t := located.GetToken(); t != nil && t.Position != nil {
			problem.Line, problem.Column = t.Position.Line, t.Position.Column
		}
	}
	if strings.HasSuffix(problem.Message, "of type time.Duration") || strings.HasPrefix(problem.Message, "time: ") {
		problem.Message = "expected a time with its unit, such as 30s, 5m or 12h"
	}
	return problem
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
