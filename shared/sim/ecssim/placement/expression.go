package placement

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// expression is an expression of the cluster query language.
type expression interface{ holds(h *Host) bool }

type (
	both     struct{ left, right expression }
	either   struct{ left, right expression }
	negation struct{ of expression }
	// comparison compares the subject of a host with values.
	comparison struct {
		subject, operator string
		values            []string
		pattern           *regexp.Regexp
	}
)

func (e both) holds(h *Host) bool     { return e.left.holds(h) && e.right.holds(h) }
func (e either) holds(h *Host) bool   { return e.left.holds(h) || e.right.holds(h) }
func (e negation) holds(h *Host) bool { return !e.of.holds(h) }

func (e comparison) holds(h *Host) bool {
	value, ok := h.ID, true
	if name, isAttribute := strings.CutPrefix(e.subject, "attribute:"); isAttribute {
		value, ok = h.attribute(name)
	}
	switch e.operator {
	case "exists":
		return ok
	case "!exists", "not_exists":
		return !ok
	case "==", "equals", "in":
		return ok && slices.Contains(e.values, value)
	case "=~", "matches":
		return ok && e.pattern.MatchString(value)
	}
	return !slices.Contains(e.values, value) // != and its words: a host without the attribute differs
}

// parser reads an expression. "and" binds closer than "or".
type parser struct {
	tokens []string
	at     int
}

func parse(text string) (expression, error) {
	p := &parser{tokens: tokens(text)}
	e, err := p.either()
	if err == nil && p.at < len(p.tokens) {
		err = fmt.Errorf("unexpected %q", p.tokens[p.at])
	}
	return e, err
}

// tokens splits an expression into words, brackets and operators.
func tokens(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case unicode.IsSpace(rune(c)) || c == ',':
			i++
		case strings.ContainsRune("()[]", rune(c)):
			out = append(out, string(c))
			i++
		default:
			end := i + 1
			for end < len(text) && !unicode.IsSpace(rune(text[end])) && !strings.ContainsRune("()[],", rune(text[end])) {
				end++
			}
			out = append(out, text[i:end])
			i = end
		}
	}
	return out
}

func (p *parser) next() string {
	if p.at >= len(p.tokens) {
		return ""
	}
	p.at++
	return p.tokens[p.at-1]
}

// takes reads one of the words if it is next.
func (p *parser) takes(words ...string) bool {
	if p.at < len(p.tokens) && slices.Contains(words, p.tokens[p.at]) {
		p.at++
		return true
	}
	return false
}

func (p *parser) either() (expression, error) {
	left, err := p.both()
	for err == nil && p.takes("or", "||") {
		var right expression
		right, err = p.both()
		left = either{left, right}
	}
	return left, err
}

func (p *parser) both() (expression, error) {
	left, err := p.single()
	for err == nil && p.takes("and", "&&") {
		var right expression
		right, err = p.single()
		left = both{left, right}
	}
	return left, err
}

func (p *parser) single() (expression, error) {
	if p.takes("not", "!") {
		e, err := p.single()
		return negation{e}, err
	}
	if p.takes("(") {
		e, err := p.either()
		if err == nil && !p.takes(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return e, err
	}
	return p.comparison()
}

func (p *parser) comparison() (expression, error) {
	c := comparison{subject: p.next(), operator: p.next()}
	if !strings.HasPrefix(c.subject, "attribute:") && c.subject != "ec2InstanceId" {
		return nil, fmt.Errorf("ecssim does not model the subject %q", c.subject)
	}
	switch c.operator {
	case "exists", "!exists", "not_exists":
		return c, nil
	case "==", "!=", "equals", "not_equals":
		c.values = []string{p.next()}
		return c, p.valued(c.values[0])
	case "=~", "matches":
		var err error
		value := p.next()
		if c.pattern, err = regexp.Compile("^(?:" + value + ")$"); err != nil {
			return nil, err
		}
		return c, p.valued(value)
	case "in", "not_in", "!in":
		if !p.takes("[") {
			return nil, errors.New("a list in brackets is missing")
		}
		for !p.takes("]") {
			value := p.next()
			if value == "" {
				return nil, errors.New("a list is not closed")
			}
			c.values = append(c.values, value)
		}
		return c, nil
	}
	return nil, fmt.Errorf("unknown operator %q", c.operator)
}

func (p *parser) valued(value string) error {
	if value == "" {
		return errors.New("a value is missing")
	}
	return nil
}
