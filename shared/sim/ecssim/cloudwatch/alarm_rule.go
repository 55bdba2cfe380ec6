package cloudwatch

import (
	"errors"
	"fmt"
	"strings"
)

// alarmRule is the parsed AlarmRule of a composite alarm: an expression on the
// states of other alarms.
type alarmRule interface {
	// holds evaluates the rule. state returns the state of an alarm by name.
	holds(state func(name string) string) bool
	// names returns the alarms in the rule.
	names() []string
}

type (
	ruleState struct{ state, name string }
	ruleNot   struct{ of alarmRule }
	ruleAnd   struct{ left, right alarmRule }
	ruleOr    struct{ left, right alarmRule }
	ruleConst bool
)

func (r ruleState) holds(state func(string) string) bool { return state(r.name) == r.state }
func (r ruleNot) holds(state func(string) string) bool   { return !r.of.holds(state) }
func (r ruleAnd) holds(state func(string) string) bool {
	return r.left.holds(state) && r.right.holds(state)
}

func (r ruleOr) holds(state func(string) string) bool {
	return r.left.holds(state) || r.right.holds(state)
}
func (r ruleConst) holds(func(string) string) bool { return bool(r) }

func (r ruleState) names() []string { return []string{r.name} }
func (r ruleNot) names() []string   { return r.of.names() }
func (r ruleAnd) names() []string   { return append(r.left.names(), r.right.names()...) }
func (r ruleOr) names() []string    { return append(r.left.names(), r.right.names()...) }
func (ruleConst) names() []string   { return nil }

// AlarmRuleNames returns the alarms in the rule of a composite alarm.
func AlarmRuleNames(rule string) ([]string, error) {
	read, err := parseRule(rule)
	if err != nil {
		return nil, err
	}
	return read.names(), nil
}

// parseRule reads a rule: ALARM, OK and INSUFFICIENT_DATA of an alarm's name or
// ARN, TRUE, FALSE, NOT, AND, OR and parentheses. NOT binds closest, then AND.
func parseRule(text string) (alarmRule, error) {
	p := &ruleParser{words: ruleWords(text)}
	rule, err := p.either()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("unexpected %q", p.words[0])
	}
	return rule, err
}

// ruleWords splits a rule into words, parentheses and quoted names. A quoted name
// keeps its first quote, so that it is no keyword.
func ruleWords(text string) []string {
	var out []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 1
		switch text[0] {
		case '(', ')':
		case '"', '\'':
			end := strings.IndexByte(text[1:], text[0])
			if end < 0 {
				return append(out, "unclosed "+text)
			}
			out, text = append(out, `"`+text[1:end+1]), text[end+2:]
			continue
		default:
			if n = strings.IndexAny(text, "() \t\n"); n < 0 {
				n = len(text)
			}
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

type ruleParser struct{ words []string }

func (p *ruleParser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

func (p *ruleParser) take(word string) bool {
	if len(p.words) == 0 || !strings.EqualFold(p.words[0], word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *ruleParser) either() (alarmRule, error) {
	left, err := p.both()
	for err == nil && p.take("OR") {
		var right alarmRule
		right, err = p.both()
		left = ruleOr{left, right}
	}
	return left, err
}

func (p *ruleParser) both() (alarmRule, error) {
	left, err := p.term()
	for err == nil && p.take("AND") {
		var right alarmRule
		right, err = p.term()
		left = ruleAnd{left, right}
	}
	return left, err
}

func (p *ruleParser) term() (alarmRule, error) {
	switch word := strings.ToUpper(p.next()); word {
	case "NOT":
		of, err := p.term()
		return ruleNot{of}, err
	case "TRUE", "FALSE":
		return ruleConst(word == "TRUE"), nil
	case "(":
		inner, err := p.either()
		if err == nil && !p.take(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return inner, err
	case StateAlarm, StateOK, StateInsufficient:
		return p.state(word)
	case "":
		return nil, errors.New("it ends too early")
	default:
		return nil, fmt.Errorf("unexpected %q", word)
	}
}

func (p *ruleParser) state(state string) (alarmRule, error) {
	if !p.take("(") {
		return nil, fmt.Errorf("%s needs the name of an alarm in parentheses", state)
	}
	name := strings.TrimPrefix(p.next(), `"`)
	if _, own, isARN := strings.Cut(name, ":alarm:"); isARN {
		name = own
	}
	if name == "" || !p.take(")") {
		return nil, fmt.Errorf("%s needs the name of an alarm in parentheses", state)
	}
	return ruleState{state, name}, nil
}
