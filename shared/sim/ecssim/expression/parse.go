package expression

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Expression is a parsed expression.
type Expression struct {
	text string
	root node
	ids  []string
}

// IDs returns the queries in the expression, each once.
func (e *Expression) IDs() []string { return slices.Clone(e.ids) }

// String returns the original text of the expression.
func (e *Expression) String() string { return e.text }

// Parse reads an expression. The error names the position.
func Parse(text string) (*Expression, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("the expression has %d characters, expected %d at most", len(text), maxLength)
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, fmt.Errorf("the expression %q: %w", text, err)
	}
	p := &parser{text: text, tokens: tokens}
	root, err := p.binary(0)
	if err == nil && p.now().kind != kindEnd {
		err = p.wrong("an operator or the end")
	}
	if err != nil {
		return nil, fmt.Errorf("the expression %q: %w", text, err)
	}
	return &Expression{text: text, root: root, ids: p.ids}, nil
}

// node is a part of an expression.
type node interface {
	eval(*evaluation) (value, error)
}

type (
	numberNode float64
	idNode     string
	textNode   string
	arrayNode  []node
	callNode   struct {
		name string
		function
		args []node
	}
	binaryNode struct {
		sign        string
		left, right node
	}
	negativeNode struct{ of node }
)

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
	ids    []string
}

func (p *parser) now() token { return p.tokens[p.at] }

// accept consumes a sign if it is next.
func (p *parser) accept(sign string) bool {
	if t := p.now(); t.kind != kindSign || t.text != sign {
		return false
	}
	p.at++
	return true
}

func (p *parser) wrong(expected string) error {
	t := p.now()
	if t.kind == kindEnd {
		return fmt.Errorf("it ends where %s was expected", expected)
	}
	return fmt.Errorf("at character %d: found %s, expected %s", utf8.RuneCountInString(p.text[:t.at])+1, t.text, expected)
}

// levels returns the binary operators, the loosest first.
func levels() [][]string {
	return [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "/"}}
}

// binary reads a chain of operators of a level, or a tighter one.
func (p *parser) binary(level int) (node, error) {
	all := levels()
	if level == len(all) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		t := p.now()
		if t.kind != kindSign || !slices.Contains(all[level], t.text) {
			return left, nil
		}
		p.at++
		var right node
		if right, err = p.binary(level + 1); err == nil {
			left = binaryNode{t.text, left, right}
		}
	}
	return nil, err
}

// unary reads a sign before a power.
func (p *parser) unary() (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	if p.accept("-") {
		of, err := p.unary()
		return negativeNode{of}, err
	}
	base, err := p.primary()
	if err != nil || !p.accept("^") {
		return base, err
	}
	exponent, err := p.unary()
	return binaryNode{"^", base, exponent}, err
}

func (p *parser) primary() (node, error) {
	switch t := p.now(); {
	case t.kind == kindNumber:
		p.at++
		n, err := strconv.ParseFloat(t.text, 64)
		return numberNode(n), err
	case t.kind == kindText:
		p.at++
		return textNode(t.text[1 : len(t.text)-1]), nil
	case t.kind == kindName:
		p.at++
		return p.named(t)
	case p.accept("("):
		inner, err := p.binary(0)
		if err == nil && !p.accept(")") {
			err = p.wrong(")")
		}
		return inner, err
	case p.accept("["):
		items, err := p.list("]")
		return arrayNode(items), err
	}
	return nil, p.wrong("a number, an id, a function or a bracket")
}

// named reads a function, or the id of a query if the first letter is small.
func (p *parser) named(t token) (node, error) {
	if p.accept("(") {
		f, known := functions()[t.text]
		if !known {
			return nil, fmt.Errorf("the function %s is not modelled; these are: %s", t.text, functionNames())
		}
		args, err := p.list(")")
		if err == nil && (len(args) < f.least || len(args) > f.most) {
			err = fmt.Errorf("%s has %d arguments, expected %s", t.text, len(args), f.arguments())
		}
		return callNode{t.text, f, args}, err
	}
	if t.text == repeat || t.text == linear {
		return textNode(t.text), nil
	}
	if c := t.text[0]; c < 'a' || c > 'z' {
		return nil, fmt.Errorf("%s is no id, which begins with a small letter, and no function with its arguments", t.text)
	}
	if !slices.Contains(p.ids, t.text) {
		p.ids = append(p.ids, t.text)
	}
	return idNode(t.text), nil
}

// list reads values up to a closing bracket.
func (p *parser) list(end string) ([]node, error) {
	if p.accept(end) {
		return nil, nil
	}
	var out []node
	for {
		item, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
		if p.accept(end) {
			return out, nil
		}
		if !p.accept(",") {
			return nil, p.wrong(", or " + end)
		}
	}
}
