package dynamo

import (
	"strconv"
	"strings"
)

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

// operand reads a placeholder, a function or a path, also in parentheses.
func (p *parser) operand() (*node, error) {
	token := p.peek()
	switch {
	case strings.HasPrefix(token, ":") && len(token) > 1:
		p.at++
		p.use(token)
		return &node{op: ":value", name: token}, nil
	case token == "(":
		return p.enclosed()
	case p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == "(" && isWord(token[0]):
		return p.function()
	}
	return p.path()
}

// enclosed reads an operand in parentheses.
func (p *parser) enclosed() (*node, error) {
	p.at++
	if p.depth++; p.depth > maxOperators {
		return nil, p.unexpected()
	}
	if p.peek() == "(" {
		p.defect(defectParentheses, "The expression has redundant parentheses;")
	}
	inner, err := p.operand()
	if err != nil {
		return nil, err
	}
	return inner, p.expect(")")
}

func (p *parser) function() (*node, error) {
	name := p.next()
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	p.operators++
	p.checkOperands(args)
	arity, known := p.arity(name)
	switch {
	case !known:
		p.defect(defectFunction, "Invalid function name; function: %s", name)
	case len(args) != arity:
		p.defect(defectOperands, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(args))
	case needsPath(name) && args[0].op != "path":
		p.defect(defectOperands, "Operator or function requires a document path; operator or function: %s", name)
	}
	return &node{op: name, args: args}, nil
}

// arity returns the number of operands of a function, by the kind of the expression.
func (p *parser) arity(name string) (operands int, known bool) {
	switch name {
	case "attribute_exists", "attribute_not_exists", "size":
		return 1, p.member != "UpdateExpression"
	case "attribute_type", "begins_with", "contains":
		return 2, p.member != "UpdateExpression"
	case "if_not_exists", "list_append":
		return 2, p.member == "UpdateExpression"
	}
	return 0, false
}

func needsPath(function string) bool {
	return function == "attribute_exists" || function == "attribute_not_exists" || function == "if_not_exists"
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
			index, err := strconv.Atoi(p.peek())
			if err != nil || index < 0 {
				return nil, p.unexpected()
			}
			p.at++
			if err := p.expect("]"); err != nil {
				return nil, err
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
	case token == "" || token == "#" || token[0] != '#' && !isWord(token[0]) || token[0] >= '0' && token[0] <= '9':
		return "", p.unexpected()
	case token[0] == '#':
		p.use(token)
	case reserved(token):
		p.defect(defectReserved, "Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	p.at++
	return token, nil
}
