package dynamo

import "strings"

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
		verb := strings.ToUpper(p.peek())
		switch verb {
		case "SET", "REMOVE", "ADD", "DELETE":
			p.at++
		default:
			return nil, p.unexpected()
		}
		if seen[verb] {
			p.defect(defectSection, "The \"%s\" section can only be used once in an update expression;", verb)
		}
		seen[verb] = true
		if err := p.clauses(out, verb); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *parser) clauses(out *node, verb string) error {
	for {
		clause, err := p.clause(verb)
		if err != nil {
			return err
		}
		out.sets = append(out.sets, clause)
		if !p.take(",") {
			return nil
		}
	}
}

func (p *parser) clause(verb string) (setter, error) {
	target, err := p.path()
	out := setter{verb: verb, target: target}
	if err != nil || verb == "REMOVE" {
		return out, err
	}
	if verb != "SET" {
		// ADD and DELETE take a placeholder only.
		if !strings.HasPrefix(p.peek(), ":") {
			return out, p.unexpected()
		}
		out.value, err = p.operand()
		return out, err
	}
	if err := p.expect("="); err != nil {
		return out, err
	}
	out.value, err = p.operand()
	if err != nil {
		return out, err
	}
	if op := p.peek(); op == "+" || op == "-" {
		p.at++
		p.operators++
		right, err := p.operand()
		out.value = &node{op: op, args: []*node{out.value, right}}
		return out, err
	}
	return out, nil
}
