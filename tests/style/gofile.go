package style

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// source is a Go file with the texts that are checked.
type source struct {
	blocks []passage // comments that begin a line: sentences count
	asides []passage // comments after code and /* */: only words count
	help   []passage // help texts in struct tags
	texts  []passage // string literals of at least four words
}

// readGo parses a Go file.
func readGo(name, text string) (source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	lines := strings.Split(text, "\n")
	s := source{blocks: commentBlocks(lines)}
	for _, group := range file.Comments {
		for _, c := range group.List {
			line := fset.Position(c.Pos()).Line
			if !strings.HasPrefix(strings.TrimLeft(lines[line-1], space), "//") && !directive(c.Text) {
				s.asides = append(s.asides, newPassage(c.Text, line))
			}
		}
	}
	(&reader{fset: fset, source: &s}).read(file)
	return s, nil
}

func directive(comment string) bool {
	return strings.HasPrefix(comment, "//go:") || strings.HasPrefix(comment, "//nolint")
}

// commentBlocks returns the comments that stand on lines of their own, one
// passage for each run of such lines.
func commentBlocks(lines []string) []passage {
	var out, block []passage
	for n, line := range lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "//") && !directive(line) {
			block = append(block, oneLine(strings.TrimSpace(line[2:]), n+1))
			continue
		}
		if len(block) > 0 {
			out, block = append(out, join(block, " ")), nil
		}
	}
	if len(block) > 0 {
		out = append(out, join(block, " "))
	}
	return out
}

// isGenerated reports whether a file says that a program wrote it.
func isGenerated(text string) bool {
	return regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`).MatchString(text)
}

// reader collects the literals of a file.
type reader struct {
	fset   *token.FileSet
	source *source
}

func (r *reader) read(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			r.tag(n.Tag)
			r.read(n.Type)
			return false
		case *ast.BinaryExpr:
			return !r.concatenation(n)
		case *ast.BasicLit:
			r.text(n)
		}
		return true
	})
}

// tag collects the help text of a field.
func (r *reader) tag(tag *ast.BasicLit) {
	if tag == nil {
		return
	}
	value, err := strconv.Unquote(tag.Value)
	if err != nil {
		return
	}
	if help := reflect.StructTag(value).Get("help"); help != "" {
		r.source.help = append(r.source.help, oneLine(help, r.fset.Position(tag.Pos()).Line))
	}
}

// concatenation collects literals that are joined by a plus as one text, with
// x for each other operand. It reports whether the expression was one.
func (r *reader) concatenation(e *ast.BinaryExpr) bool {
	operands := flatten(e)
	var parts []passage
	literals := 0
	for _, operand := range operands {
		lit, ok := operand.(*ast.BasicLit)
		if ok && lit.Kind == token.STRING {
			literals++
			parts = append(parts, r.value(lit))
			continue
		}
		parts = append(parts, oneLine("x", r.fset.Position(operand.Pos()).Line))
	}
	if literals == 0 {
		return false
	}
	r.collect(join(parts, ""))
	for _, operand := range operands {
		if _, ok := operand.(*ast.BasicLit); !ok {
			r.read(operand)
		}
	}
	return true
}

func flatten(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(flatten(b.X), flatten(b.Y)...)
	}
	return []ast.Expr{e}
}

func (r *reader) text(lit *ast.BasicLit) {
	if lit.Kind == token.STRING {
		r.collect(r.value(lit))
	}
}

func (r *reader) collect(p passage) {
	if len(strings.Fields(p.text)) >= minWords {
		r.source.texts = append(r.source.texts, p)
	}
}

func (r *reader) value(lit *ast.BasicLit) passage {
	line := r.fset.Position(lit.Pos()).Line
	value, err := strconv.Unquote(lit.Value)
	switch {
	case err != nil:
		return oneLine("", line)
	case strings.HasPrefix(lit.Value, "`"):
		return newPassage(value, line)
	default:
		return oneLine(value, line)
	}
}
