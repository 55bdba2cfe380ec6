package policy

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MetricRules are any work that CloudWatch knows: a metric math expression over
// named metrics, and how much of it one task bears; 0 learns from the CPU what it
// costs.
type MetricRules struct {
	Expression string                 `yaml:"expression"`
	Metrics    map[string]MetricQuery `yaml:"metrics"`
	PerTask    float64                `yaml:"per_task"`
}

// Period is how often the expression has a value: as seldom as the metric of the
// longest period.
func (m *MetricRules) Period() time.Duration {
	longest := time.Duration(0)
	for _, q := range m.Metrics {
		longest = max(longest, q.Period)
	}
	return longest
}

// MetricQuery is one metric of an expression. A policy that says no more means
// the Average of a minute.
type MetricQuery struct {
	Namespace  string            `yaml:"namespace"`
	Name       string            `yaml:"name"`
	Dimensions map[string]string `yaml:"dimensions"`
	Stat       string            `yaml:"stat"`
	Period     time.Duration     `yaml:"period"`
}

// String is the metric in one line.
func (m *MetricRules) String() string {
	if m == nil {
		return "none"
	}
	if m.PerTask == 0 {
		return m.Expression + ", at what it is learned to cost"
	}
	return m.Expression + ", " + number(m.PerTask) + " a task"
}

// CloudWatch's own limits, and for the number of metrics ours: 500 are asked for
// in one call, of many services.
const (
	maxExpression = 1024
	maxMetrics    = 10
	maxDimensions = 30
	maxName       = 255
)

// metric checks a metric, and writes what it leaves out into it.
func (c *checker) metric(at string, m *MetricRules) {
	if !finite(m.PerTask) || m.PerTask < 0 {
		c.fault(at+".per_task", "scale.metric.per_task is %v, expected how much of it one task bears, or nothing to learn that from the CPU", m.PerTask)
	}
	if n := len(m.Metrics); n == 0 || n > maxMetrics {
		c.fault(at+".metrics", "scale.metric.metrics has %d metrics, expected 1 to %d, such as m1: {namespace: AWS/SQS, name: NumberOfMessagesSent}", n, maxMetrics)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(m.Metrics)) {
		if !isID(id) {
			c.fault(at+".metrics."+id, "%q is no id of a metric, expected a small letter, then letters, digits and _", id)
		}
		m.Metrics[id] = c.query(at+".metrics."+id, m.Metrics[id])
	}
	if why := unsound(m.Expression, m.Metrics); why != "" {
		c.fault(at+".expression", "scale.metric.expression %s", why)
	}
}

func isID(id string) bool {
	for i, r := range id {
		letter := r >= 'a' && r <= 'z'
		if i > 0 {
			letter = letter || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
		}
		if !letter {
			return false
		}
	}
	return id != "" && len(id) <= maxName
}

func (c *checker) query(at string, q MetricQuery) MetricQuery {
	if q.Stat == "" {
		q.Stat = "Average"
	}
	if q.Period == 0 {
		q.Period = time.Minute
	}
	if q.Namespace == "" || q.Name == "" || len(q.Namespace) > maxName || len(q.Name) > maxName {
		c.fault(at, "the metric needs a namespace and a name, such as {namespace: AWS/SQS, name: NumberOfMessagesSent}")
	}
	c.dimensions(at+".dimensions", q.Dimensions)
	if !isStat(q.Stat) {
		c.fault(at+".stat", "the stat is %q, expected Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95", q.Stat)
	}
	switch q.Period {
	case 10 * time.Second, 20 * time.Second, 30 * time.Second:
	default:
		if q.Period < time.Minute || q.Period%time.Minute != 0 || q.Period > 24*time.Hour {
			c.fault(at+".period", "the period is %s, expected 10s, 20s, 30s, or whole minutes such as 1m, up to 24h", q.Period)
		}
	}
	return q
}

func (c *checker) dimensions(at string, all map[string]string) {
	if len(all) > maxDimensions {
		c.fault(at, "%d dimensions, expected at most %d", len(all), maxDimensions)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "" || all[name] == "" {
			c.fault(at, "the dimension %q is %q, expected a name and a value", name, all[name])
		}
	}
}

func isStat(word string) bool {
	switch word {
	case "Average", "Sum", "Minimum", "Maximum", "SampleCount":
		return true
	}
	percent, ok := strings.CutPrefix(word, "p")
	n, err := strconv.ParseFloat(percent, 64)
	return ok && err == nil && strings.Trim(percent, "0123456789.") == "" && n > 0 && n <= 100
}

// unsound says why an expression cannot be one of these metrics. It knows names
// and brackets only; CloudWatch knows the rest.
func unsound(expression string, metrics map[string]MetricQuery) string {
	if strings.TrimSpace(expression) == "" || len(expression) > maxExpression {
		return fmt.Sprintf("has %d characters, expected 1 to %d", len(expression), maxExpression)
	}
	words, depth, why := wordsOf(expression)
	switch {
	case why != "":
		return why
	case depth != 0:
		return fmt.Sprintf("has %d brackets that are not closed", depth)
	}
	return misnamed(words, metrics)
}

// misnamed says which name of an expression is not under metrics, or the other
// way round.
func misnamed(words []string, metrics map[string]MetricQuery) string {
	used := map[string]bool{}
	for _, word := range words {
		_, named := metrics[word]
		switch {
		case word == "SEARCH" || word == "SELECT" || word == "INSIGHT_RULE_METRIC":
			return "uses " + word + ", which finds metrics by itself: name them under metrics"
		case !named && word[0] >= 'a' && word[0] <= 'z': // functions and operators have capitals
			return fmt.Sprintf("names %q, which is not under metrics", word)
		}
		used[word] = true
	}
	for _, id := range slices.Sorted(maps.Keys(metrics)) {
		if !used[id] && !used["METRICS"] { // which is all of them
			return fmt.Sprintf("leaves out %q, which is under metrics: use it or remove it", id)
		}
	}
	return ""
}

// wordsOf are the names in an expression, and how many brackets are left open.
func wordsOf(expression string) (words []string, depth int, why string) {
	token := regexp.MustCompile(`"[^"]*"|'[^']*'|[0-9.]+([eE][+-]?[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|\s+|.`)
	for _, t := range token.FindAllString(expression, -1) {
		switch first := t[0]; {
		case t == "(":
			depth++
		case t == ")":
			if depth--; depth < 0 {
				return nil, 0, "closes a bracket that is not open"
			}
		case t == `"` || t == "'":
			return nil, 0, "has a quotation mark without its other"
		case first == '_' || first >= 'a' && first <= 'z' || first >= 'A' && first <= 'Z':
			words = append(words, t)
		case len(t) > 1 || strings.ContainsRune(" \t\n0123456789.,+-*/^=<>!&|[]{}:", rune(first)):
		default:
			return nil, 0, fmt.Sprintf("has %q, which CloudWatch does not know", t)
		}
	}
	return words, depth, ""
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
