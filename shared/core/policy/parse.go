package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a policy file: far above any real one, far below what could hurt.
const (
	maxBytes = 1 << 20
	maxDepth = 32
	maxTasks = 5000 // ECS's own limit of tasks in a service
)

type position struct{ line, column int }

// Problem is one fault of a policy file, where it is, and what was expected.
type Problem struct {
	File         string
	Line, Column int
	Message      string
}

// Error is file:line:column: message, on one line.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Parse reads a policy. The name is only for messages. The error joins one
// Problem for each fault; the policy is nil then.
func Parse(name string, data []byte) (*Policy, error) {
	p := &Policy{file: name}
	line, err := strict(name, data, p)
	if err != nil {
		return nil, err
	}
	p.line = line
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// Strict decodes one YAML document into a struct with the strictness of a
// policy: no unknown or duplicate key, no anchors, bounded size and depth. The
// error is a Problem; the lines are where each value stands.
func Strict(name string, data []byte, into any) (Lines, error) {
	lines, err := strict(name, data, into)
	return Lines{name, lines}, err
}

// Lines knows where each value of a file stands.
type Lines struct {
	file string
	line map[string]position
}

// Problem is a fault of the value at a path such as "$.services[0].image", or
// of the nearest value around it.
func (l Lines) Problem(path, message string) Problem {
	pos := l.position(path)
	return Problem{File: l.file, Line: pos.line, Column: pos.column, Message: message}
}

func (l Lines) position(path string) position {
	pos := l.line[path]
	for pos.line == 0 && strings.Contains(path, ".") {
		path = path[:strings.LastIndexByte(path, '.')]
		pos = l.line[path]
	}
	return pos
}

func strict(name string, data []byte, into any) (lines map[string]position, err error) {
	// The library panics on some input that is no YAML anybody would write.
	defer func() {
		if recover() != nil {
			lines, err = nil, Problem{File: name, Message: "this cannot be read as YAML"}
		}
	}()
	if err := refuse(name, data); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, problemOf(name, err)
	}
	if len(file.Docs) > 1 {
		return nil, Problem{File: name, Line: 1, Column: 1, Message: "expected one document, got several (remove the \"---\" between them)"}
	}
	line, err := index(name, file)
	if err != nil {
		return nil, err
	}
	err = yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowUnknownField()).Decode(into)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, problemOf(name, err)
	}
	return line, nil
}

// refuse keeps input away from the parser that no policy needs.
func refuse(name string, data []byte) error {
	if len(data) > maxBytes {
		return Problem{File: name, Message: fmt.Sprintf("the file has %d bytes, expected at most %d", len(data), maxBytes)}
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		indent := len(line) - len(bytes.TrimLeft(line, " -"))
		if indent > 4*maxDepth || bytes.Count(line, []byte("[")) > maxDepth || bytes.Count(line, []byte("{")) > maxDepth {
			return Problem{File: name, Line: i + 1, Column: 1, Message: fmt.Sprintf("nested too deeply, expected at most %d levels", maxDepth)}
		}
	}
	return nil
}

// index remembers where each value stands and refuses anchors and aliases,
// which could grow without bound and which no policy needs.
func index(name string, file *ast.File) (map[string]position, error) {
	v := &indexer{line: map[string]position{}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(v, doc.Body)
		}
	}
	if v.refused != nil {
		return nil, Problem{
			File: name, Line: v.refused.Position.Line, Column: v.refused.Position.Column,
			Message: "anchors, aliases, merge keys and tags are not used here; write the values out",
		}
	}
	return v.line, nil
}

type indexer struct {
	line    map[string]position
	refused *token.Token
}

// Visit implements ast.Visitor.
func (v *indexer) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		if v.refused == nil {
			v.refused = n.GetToken()
		}
	case *ast.MappingValueNode: // its token is the colon, its value comes next
		return v
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		// A key and its value share a path; the value comes later and is the place to mend.
		v.line[n.GetPath()] = position{t.Position.Line, t.Position.Column}
	}
	return v
}

// problemOf turns the library's error into ours: one line, with its place.
func problemOf(name string, err error) error {
	problem := Problem{File: name, Message: firstLine(err.Error())}
	if located, ok := errors.AsType[yaml.Error](err); ok {
		problem.Message = firstLine(located.GetMessage())
		if strings.HasSuffix(problem.Message, "of type time.Duration") {
			problem.Message = "expected a time with its unit, such as 30s, 5m or 12h"
		}
		if t := located.GetToken(); t != nil && t.Position != nil {
			problem.Line, problem.Column = t.Position.Line, t.Position.Column
		}
	}
	return problem
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// where is "file:line" of a value's path.
func (p *Policy) where(at string) string {
	if pos, ok := p.line[at]; ok {
		return fmt.Sprintf("%s:%d", p.file, pos.line)
	}
	return p.file
}

func (p *Policy) validate() error {
	c := &checker{policy: p}
	if p.Version != 1 {
		c.fault("$.version", "version is %d, expected 1", p.Version)
	}
	c.rules("$.", &p.Rules)
	for i := range p.Services {
		prefix := servicePrefix(i)
		c.glob(prefix+"match.cluster", p.Services[i].Match.Cluster)
		c.glob(prefix+"match.service", p.Services[i].Match.Service)
		if p.Services[i].Match == (Match{}) {
			c.fault(prefix+"match", "match is empty, expected cluster, service or both (rules for all stand at the top level)")
		}
		c.rules(prefix, &p.Services[i].Rules)
	}
	// What is wrong by itself would be told again as what does not go together.
	if c.scaleFaults > 0 {
		return errors.Join(c.faults...)
	}
	c.together()
	for i := range p.Services {
		c.together(i)
	}
	return errors.Join(c.faults...)
}

type checker struct {
	policy      *Policy
	faults      []error
	scaleFaults int
	// where says, after each fault, for which services it is one.
	where string
}

func (c *checker) fault(at, format string, args ...any) {
	problem := c.lines().Problem(at, fmt.Sprintf(format, args...)+c.where)
	if !slices.Contains(c.faults, error(problem)) { // what the file says is checked with each entry over it
		c.faults = append(c.faults, problem)
	}
}

func (c *checker) lines() Lines { return Lines{c.policy.file, c.policy.line} }

func (c *checker) glob(at, pattern string) {
	if _, err := path.Match(pattern, ""); err != nil {
		c.fault(at, "%q is not a pattern, expected a name with * and ?", pattern)
	}
}

func (c *checker) rules(prefix string, r *Rules) {
	if r.Mode != nil && !r.Mode.Valid() {
		c.fault(prefix+"mode", "mode is %q, expected off, observe, propose or act", *r.Mode)
	}
	if r.Heal != nil {
		c.heal(prefix+"heal.", r.Heal)
	}
	if s := r.Scale; s != nil {
		c.scale(prefix+"scale.", s)
	}
	if l := r.Limits; l != nil && l.ActionsPerHour != nil && *l.ActionsPerHour < 0 {
		c.fault(prefix+"limits.actions_per_hour", "limits.actions_per_hour is %d, expected 0 or more", *l.ActionsPerHour)
	}
	if l := r.Limits; l != nil && l.MassFailure != nil && !(*l.MassFailure > 0 && *l.MassFailure <= 1) {
		c.fault(prefix+"limits.mass_failure", "limits.mass_failure is %v, expected a share above 0 and up to 1", *l.MassFailure)
	}
}
