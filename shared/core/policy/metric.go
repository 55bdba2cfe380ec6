package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MetricRules is a metric math expression that measures demand.
type MetricRules struct {
	Expression string                 `yaml:"expression"`
	Metrics    map[string]MetricQuery `yaml:"metrics"`
	// PerTask is the demand for one task. With 0, Homeostat learns it from the CPU.
	PerTask float64 `yaml:"per_task"`
}

// Period returns the time between two values of the expression: the longest
// period of its metrics.
func (m *MetricRules) Period() time.Duration {
	longest := time.Duration(0)
	for _, q := range m.Metrics {
		longest = max(longest, q.Period)
	}
	return longest
}

// MetricQuery is one metric of an expression. The defaults are the statistic
// Average and a period of one minute.
type MetricQuery struct {
	Namespace  string            `yaml:"namespace"`
	Name       string            `yaml:"name"`
	Dimensions map[string]string `yaml:"dimensions"`
	Stat       string            `yaml:"stat"`
	Period     time.Duration     `yaml:"period"`
}

// String returns the metric on one line.
func (m *MetricRules) String() string {
	if m == nil {
		return "none"
	}
	if m.PerTask == 0 {
		return m.Expression + ", at what it is learned to cost"
	}
	return m.Expression + ", " + formatNumber(m.PerTask) + " a task"
}

// metricKind is the kind of the key scale.metric.
type metricKind struct{}

func (metricKind) check(c *checker, at, _ string, v **MetricRules) {
	if *v != nil {
		c.metric(at, *v)
	}
}

func (metricKind) show(v *MetricRules) string { return v.String() }

func (metricKind) expected() string {
	return fmt.Sprintf("an expression over 1 to %d metrics", maxMetrics)
}

func (metricKind) schema(*MetricRules) schema {
	name := schema{"type": "string", "minLength": 1, "maxLength": maxName}
	query := object(schema{
		"namespace":  name,
		"name":       name,
		"dimensions": schema{"type": "object", "maxProperties": maxDimensions, "additionalProperties": schema{"type": "string", "minLength": 1}},
		"stat":       schema{"type": "string", "pattern": `^(Average|Sum|Minimum|Maximum|SampleCount|p[0-9.]+)$`, "default": "Average"},
		"period":     durationSchema(periods).with("default", "1m"),
	}).with("required", []string{"namespace", "name"})
	return object(schema{
		"expression": schema{"type": "string", "minLength": 1, "maxLength": maxExpression},
		"metrics": schema{
			"type": "object", "minProperties": 1, "maxProperties": maxMetrics, "additionalProperties": query,
			"propertyNames": schema{"pattern": "^[a-z][A-Za-z0-9_]*$", "maxLength": maxName},
		},
		"per_task": schema{"type": "number", "minimum": 0, "description": "Demand for one task. Without it, Homeostat learns the cost from the CPU."},
	}).with("required", []string{"expression", "metrics"})
}

// periods describes the valid periods of a metric.
const periods = "10s, 20s, 30s, or whole minutes such as 1m, up to 24h"

// metric checks a metric and fills in its defaults.
func (c *checker) metric(at string, m *MetricRules) {
	if !finite(m.PerTask) || m.PerTask < 0 {
		c.report(at+".per_task", "scale.metric.per_task is %v, expected the demand for one task, or nothing to learn it from the CPU", m.PerTask)
	}
	if n := len(m.Metrics); n == 0 || n > maxMetrics {
		c.report(at+".metrics", "scale.metric.metrics has %d metrics, expected 1 to %d, such as m1: {namespace: AWS/SQS, name: NumberOfMessagesSent}", n, maxMetrics)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(m.Metrics)) {
		if !isID(id) {
			c.report(at+".metrics."+id, "%q is not the id of a metric, expected a lower-case letter, then letters, digits and _", id)
		}
		m.Metrics[id] = c.query(at+".metrics."+id, m.Metrics[id])
	}
	if problem := expressionProblem(m.Expression, m.Metrics); problem != "" {
		c.report(at+".expression", "scale.metric.expression %s", problem)
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
		c.report(at, "the metric needs a namespace and a name, such as {namespace: AWS/SQS, name: NumberOfMessagesSent}")
	}
	c.dimensions(at+".dimensions", q.Dimensions)
	if !isStat(q.Stat) {
		c.report(at+".stat", "the stat is %q, expected Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95", q.Stat)
	}
	switch q.Period {
	case 10 * time.Second, 20 * time.Second, 30 * time.Second:
	default:
		if q.Period < time.Minute || q.Period%time.Minute != 0 || q.Period > longestPeriod {
			c.report(at+".period", "the period is %s, expected %s", q.Period, periods)
		}
	}
	return q
}

func (c *checker) dimensions(at string, all map[string]string) {
	if len(all) > maxDimensions {
		c.report(at, "%d dimensions, expected at most %d", len(all), maxDimensions)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "" || all[name] == "" {
			c.report(at, "the dimension %q is %q, expected a name and a value", name, all[name])
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

// expressionProblem describes the problem of an expression, or returns "". It
// checks names and brackets only; CloudWatch checks the rest.
func expressionProblem(expression string, metrics map[string]MetricQuery) string {
	if strings.TrimSpace(expression) == "" || len(expression) > maxExpression {
		return fmt.Sprintf("has %d characters, expected 1 to %d", len(expression), maxExpression)
	}
	names, depth, problem := identifiers(expression)
	switch {
	case problem != "":
		return problem
	case depth != 0:
		return fmt.Sprintf("has %d brackets that are not closed", depth)
	}
	return nameProblem(names, metrics)
}

// nameProblem compares the names of an expression with its metrics, in both
// directions.
func nameProblem(names []string, metrics map[string]MetricQuery) string {
	used := map[string]bool{}
	for _, name := range names {
		_, known := metrics[name]
		switch {
		case name == "SEARCH" || name == "SELECT" || name == "INSIGHT_RULE_METRIC":
			return "uses " + name + ", which finds metrics by itself: list them under metrics"
		case !known && name[0] >= 'a' && name[0] <= 'z': // functions and operators are upper-case
			return fmt.Sprintf("names %q, which is not under metrics", name)
		}
		used[name] = true
	}
	for _, id := range slices.Sorted(maps.Keys(metrics)) {
		if !used[id] && !used["METRICS"] { // METRICS() returns all of them
			return fmt.Sprintf("leaves out %q, which is under metrics: use it or remove it", id)
		}
	}
	return ""
}

// identifiers returns the names in an expression and the number of open brackets.
func identifiers(expression string) (names []string, depth int, problem string) {
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
			return nil, 0, "has an unclosed quotation mark"
		case first == '_' || first >= 'a' && first <= 'z' || first >= 'A' && first <= 'Z':
			names = append(names, t)
		case len(t) > 1 || strings.ContainsRune(" \t\n0123456789.,+-*/^=<>!&|[]{}:", rune(first)):
		default:
			return nil, 0, fmt.Sprintf("has %q, which is not valid in metric math", t)
		}
	}
	return names, depth, ""
}
