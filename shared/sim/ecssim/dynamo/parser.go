package dynamo

import (
	"slices"
	"strconv"
	"strings"
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
	root *node
	uses []string
}

// grammar is the kind of an expression.
type grammar int

const (
	grammarCondition grammar = iota
	grammarUpdate
	grammarProjection
)

type parser struct {
	tokens []string
	at     int
	depth  int
	uses   []string
}

func parse(g grammar, text string) (*expression, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	var root *node
	switch g {
	case grammarCondition:
		root, err = p.or()
	case grammarUpdate:
		root, err = p.update()
	case grammarProjection:
		root, err = p.projection()
	}
	if err != nil {
		return nil, err
	}
	if p.at < len(p.tokens) {
		return nil, p.unexpected()
	}
	return &expression{root: root, uses: p.uses}, nil
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
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

func (p *parser) unexpected() error {
	token := p.peek()
	if token == "" {
		token = "<EOF>"
	}
	return invalid("Invalid expression: Syntax error; token: %q", token)
}

func (p *parser) or() (*node, error)  { return p.chain("OR", p.and) }
func (p *parser) and() (*node, error) { return p.chain("AND", p.not) }

func (p *parser) chain(op string, operand func() (*node, error)) (*node, error) {
	left, err := operand()
	for err == nil && p.take(op) {
		var right *node
		right, err = operand()
		left = &node{op: op, args: []*node{left, right}}
	}
	return left, err
}

func (p *parser) not() (*node, error) {
	if p.depth++; p.depth > 300 {
		return nil, invalid("Invalid expression: The expression has too many operators")
	}
	if p.take("NOT") {
		inner, err := p.not()
		return &node{op: "NOT", args: []*node{inner}}, err
	}
	if p.take("(") {
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return p.comparison()
}

func (p *parser) comparison() (*node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if isPredicate(left.op) {
		return left, nil
	}
	switch op := p.peek(); {
	case slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, op):
		p.at++
		right, err := p.operand()
		return &node{op: op, args: []*node{left, right}}, err
	case p.take("BETWEEN"):
		return p.between(left)
	case p.take("IN"):
		list, err := p.arguments()
		return &node{op: "IN", args: append([]*node{left}, list...)}, err
	}
	return nil, p.unexpected()
}

func isPredicate(op string) bool {
	switch op {
	case "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains":
		return true
	}
	return false
}

func (p *parser) between(left *node) (*node, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	return &node{op: "BETWEEN", args: []*node{left, low, high}}, err
}

func (p *parser) arguments() ([]*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []*node
	for {
		argument, err := p.operand()
		if err != nil {
			return nil, err
		}
		out = append(out, argument)
		if !p.take(",") {
			return out, p.expect(")")
		}
	}
}

// operand reads a placeholder, a function or a path.
func (p *parser) operand() (*node, error) {
	token := p.peek()
	if strings.HasPrefix(token, ":") {
		p.at++
		p.uses = append(p.uses, token)
		return &node{op: ":value", name: token}, nil
	}
	if p.at+1 < len(p.tokens) && p.tokens[p.at+1] == "(" {
		return p.function()
	}
	return p.path()
}

func (p *parser) function() (*node, error) {
	name := p.next()
	arity, known := map[string]int{
		"attribute_exists": 1, "attribute_not_exists": 1, "size": 1, "attribute_type": 2,
		"begins_with": 2, "contains": 2, "if_not_exists": 2, "list_append": 2,
	}[name]
	if !known {
		return nil, invalid("Invalid expression: Invalid function name; function: %s", name)
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if len(args) != arity {
		return nil, invalid("Invalid expression: Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(args))
	}
	if name != "list_append" && args[0].op != "path" && name != "contains" && name != "begins_with" && name != "size" {
		return nil, invalid("Invalid expression: Operator or function requires a document path; operator or function: %s", name)
	}
	return &node{op: name, args: args}, nil
}

func (p *parser) path() (*node, error) {
	first, err := p.attributeName()
	if err != nil {
		return nil, err
	}
	out := &node{op: "path", path: []step{{name: first}}}
	for {
		switch {
		case p.take("."):
			name, err := p.attributeName()
			if err != nil {
				return nil, err
			}
			out.path = append(out.path, step{name: name})
		case p.take("["):
			index, err := strconv.Atoi(p.next())
			if err != nil || index < 0 || !p.take("]") {
				return nil, p.unexpected()
			}
			out.path = append(out.path, step{index: index})
		default:
			return out, nil
		}
	}
}

func (p *parser) attributeName() (string, error) {
	token := p.peek()
	switch {
	case strings.HasPrefix(token, "#"):
		p.uses = append(p.uses, token)
	case token == "" || !isWord(token[0]) || token[0] >= '0' && token[0] <= '9':
		return "", p.unexpected()
	case reserved(token):
		return "", invalid("Invalid expression: Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	p.at++
	return token, nil
}

func (p *parser) projection() (*node, error) {
	out := &node{op: "projection"}
	for {
		path, err := p.path()
		if err != nil {
			return nil, err
		}
		out.args = append(out.args, path)
		if !p.take(",") {
			return out, nil
		}
	}
}

// update reads SET, REMOVE, ADD and DELETE, each at most once.
func (p *parser) update() (*node, error) {
	out := &node{op: "update"}
	seen := map[string]bool{}
	for p.at < len(p.tokens) {
		verb := strings.ToUpper(p.next())
		if !slices.Contains([]string{"SET", "REMOVE", "ADD", "DELETE"}, verb) || seen[verb] {
			p.at--
			return nil, p.unexpected()
		}
		seen[verb] = true
		for {
			clause, err := p.clause(verb)
			if err != nil {
				return nil, err
			}
			out.sets = append(out.sets, clause)
			if !p.take(",") {
				break
			}
		}
	}
	if len(out.sets) == 0 {
		return nil, invalid("Invalid UpdateExpression: The expression can not be empty;")
	}
	return out, nil
}

func (p *parser) clause(verb string) (setter, error) {
	target, err := p.path()
	out := setter{verb: verb, target: target}
	if err != nil || verb == "REMOVE" {
		return out, err
	}
	if verb == "SET" {
		if err := p.expect("="); err != nil {
			return out, err
		}
	}
	out.value, err = p.operand()
	if err != nil {
		return out, err
	}
	if op := p.peek(); verb == "SET" && (op == "+" || op == "-") {
		p.at++
		right, err := p.operand()
		out.value = &node{op: op, args: []*node{out.value, right}}
		return out, err
	}
	return out, nil
}
