package route

import "encoding/json"

// Rule is one EventBridge rule with its target function.
type Rule struct {
	Name     string
	Function string
	// About is the description of the rule.
	About   string
	Pattern Pattern
}

// Pattern is an EventBridge event pattern.
type Pattern map[string]any

// JSON returns the pattern in the form of EventBridge, with sorted keys.
func (p Pattern) JSON() (json.RawMessage, error) { return json.Marshal(p) }

type (
	detail = map[string]any
	list   = []string
	either = []map[string]any
)

func pattern(source string, d detail, detailTypes ...string) Pattern {
	return Pattern{"source": []string{source}, "detail-type": detailTypes, "detail": d}
}
