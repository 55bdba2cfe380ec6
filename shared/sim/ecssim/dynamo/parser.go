package dynamo

import (
	"fmt"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// node is a part of an expression: an operator with its arguments, a path or a
// placeholder for a value.
type node struct {
	op   string // "path", ":value", a function, a comparison, AND, OR, NOT, BETWEEN, IN, +, -
	args []*node
	path []step   // of "path"
	name string   // of ":value"
	sets []setter // of an update
}

// step is one level of a path: a name, or an index of a list.
type step struct {
	name  string
	index int // used if name is empty
}

// setter is one clause of an update.
type setter struct {
	verb   string // SET, REMOVE, ADD, DELETE
	target *node
	value  *node // nil for REMOVE
}

// expression is a parsed text with the placeholders that it uses.
type expression struct {
	member string // of the request, such as "FilterExpression"
	root   *node
	names  []string // #placeholders, in order, without repetition
	values []string // :placeholders, in order, without repetition
}

// grammar is the kind of an expression.
type grammar int

const (
	grammarCondition grammar = iota
	grammarUpdate
	grammarProjection
)

// grammarOf returns the grammar of a member of a request.
func grammarOf(member string) grammar {
	switch member {
	case "UpdateExpression":
		return grammarUpdate
	case projectionMember:
		return grammarProjection
	}
	return grammarCondition
}

type parser struct {
	member    string
	text      string
	tokens    []token
	at        int
	depth     int
	operators int
	names     []string
	values    []string
	// defects are mistakes in a text without a syntax error, by rank. AWS names the one
	// with the lowest rank, as dynalite found out.
	defects [defectRanks]string
}

// The ranks of defects.
const (
	defectParentheses = iota
	defectFunction
	defectMisused
	defectReserved
	defectSection
	defectOperands
	defectRanks
)

func parse(member, text string) (*expression, error) {
	p := &parser{member: member, text: text, tokens: lex(text)}
	if len(p.tokens) == 0 {
		return nil, p.fail("The expression can not be empty;")
	}
	if len(text) > maxExpression {
		return nil, p.fail("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	root, err := p.whole()
	if err != nil {
		return nil, err
	}
	if p.at < len(p.tokens) {
		return nil, p.unexpected()
	}
	for _, defect := range p.defects {
		if defect != "" {
			return nil, p.fail("%s", defect)
		}
	}
	if p.operators > maxOperators {
		return nil, p.fail("The expression contains too many operators; operator count: %d", p.operators)
	}
	return &expression{member: member, root: root, names: p.names, values: p.values}, nil
}

func (p *parser) whole() (*node, error) {
	switch grammarOf(p.member) {
	case grammarUpdate:
		return p.update()
	case grammarProjection:
		return p.projection()
	}
	return p.or()
}

// fail returns an error of the expression.
func (p *parser) fail(format string, args ...any) error { return failed(p.member, format, args...) }

// failed returns an error of an expression of a request.
func failed(member, format string, args ...any) *wire.Error {
	return invalid("Invalid "+member+": "+format, args...)
}

// defect keeps the first mistake of a rank.
func (p *parser) defect(rank int, format string, args ...any) {
	if p.defects[rank] == "" {
		p.defects[rank] = fmt.Sprintf(format, args...)
	}
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].text
	}
	return ""
}

func (p *parser) next() string {
	token := p.peek()
	p.at++
	return token
}

// take consumes a given token. Keywords match in any case.
func (p *parser) take(token string) bool {
	if strings.EqualFold(p.peek(), token) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(token string) error {
	if !p.take(token) {
		return p.unexpected()
	}
	return nil
}

// unexpected returns the syntax error for the next token, with its neighbours.
func (p *parser) unexpected() error {
	at := min(p.at, len(p.tokens))
	from, to := max(at-1, 0), min(at+2, len(p.tokens))
	near := p.text[p.tokens[from].at : p.tokens[to-1].at+len(p.tokens[to-1].text)]
	token := "<EOF>"
	if at < len(p.tokens) {
		token = p.tokens[at].text
	}
	return p.fail("Syntax error; token: \"%s\", near: \"%s\"", token, near)
}

// use notes a placeholder.
func (p *parser) use(token string) {
	seen := &p.names
	if token[0] == ':' {
		seen = &p.values
	}
	if !slices.Contains(*seen, token) {
		*seen = append(*seen, token)
	}
}

func (p *parser) or() (*node, error)  { return p.chain("OR", p.and) }
func (p *parser) and() (*node, error) { return p.chain("AND", p.not) }

func (p *parser) chain(op string, operand func() (*node, error)) (*node, error) {
	left, err := operand()
	for err == nil && p.take(op) {
		p.operators++
		var right *node
		right, err = operand()
		left = &node{op: op, args: []*node{left, right}}
	}
	return left, err
}

func (p *parser) not() (*node, error) {
	if p.depth++; p.depth > maxOperators {
		return nil, p.fail("The expression contains too many operators; operator count: %d", p.depth)
	}
	if p.take("NOT") {
		p.operators++
		inner, err := p.not()
		return &node{op: "NOT", args: []*node{inner}}, err
	}
	if p.peek() == "(" && !p.operandInParentheses() {
		return p.parentheses()
	}
	return p.comparison()
}

// parentheses reads a condition in parentheses. A second pair around it is redundant.
func (p *parser) parentheses() (*node, error) {
	p.at++
	doubled := p.peek() == "(" && !p.operandInParentheses()
	before := p.at
	inner, err := p.or()
	if err != nil {
		return nil, err
	}
	if doubled && p.closing(before) == p.at-1 {
		p.defect(defectParentheses, "The expression has redundant parentheses;")
	}
	return inner, p.expect(")")
}

// closing returns the place of the parenthesis that closes the one at a place; -1 without
// one.
func (p *parser) closing(open int) int {
	depth := 0
	for i := open; i < len(p.tokens); i++ {
		switch p.tokens[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// operandInParentheses reports whether the parenthesis ahead holds an operand, as in
// "(a) = :b".
func (p *parser) operandInParentheses() bool {
	closing := p.closing(p.at)
	if closing < 0 || closing+1 >= len(p.tokens) {
		return false
	}
	after := p.tokens[closing+1].text
	return isComparison(after) || strings.EqualFold(after, "BETWEEN") || strings.EqualFold(after, "IN")
}

func isComparison(op string) bool {
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

func (p *parser) comparison() (*node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op := p.peek()
	if isComparison(op) {
		p.at++
		p.operators++
		right, err := p.operand()
		out := &node{op: op, args: []*node{left, right}}
		p.checkOperands(out.args)
		return out, err
	}
	switch {
	case p.take("BETWEEN"):
		return p.between(left)
	case p.take("IN"):
		return p.in(left)
	case isPredicate(left.op):
		return left, nil
	case left.op == "path" || left.op == ":value":
		return nil, p.unexpected()
	}
	p.defect(defectMisused, "The function is not allowed to be used this way in an expression; function: %s", left.op)
	return left, nil
}

// checkOperands refuses functions that return no value.
func (p *parser) checkOperands(operands []*node) {
	for _, operand := range operands {
		if operand != nil && isPredicate(operand.op) {
			p.defect(defectMisused, "The function is not allowed to be used this way in an expression; function: %s", operand.op)
		}
	}
}

func (p *parser) in(left *node) (*node, error) {
	p.operators++
	list, err := p.arguments()
	if len(list) > maxList {
		p.defect(defectOperands, "Incorrect number of operands for operator or function; operator or function: IN, number of operands: %d", len(list)+1)
	}
	out := &node{op: "IN", args: append([]*node{left}, list...)}
	p.checkOperands(out.args)
	return out, err
}

func isPredicate(op string) bool {
	switch op {
	case "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains":
		return true
	}
	return false
}

func (p *parser) between(left *node) (*node, error) {
	p.operators++
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	out := &node{op: "BETWEEN", args: []*node{left, low, high}}
	p.checkOperands(out.args)
	return out, err
}
