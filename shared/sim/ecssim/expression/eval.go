package expression

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Point is one value of a series, from a second on.
type Point struct {
	At    int64
	Value float64
}

// Series is points of ascending times.
type Series []Point

// Span is the time of an evaluation: the periods from From on that begin before
// To, in seconds.
type Span struct {
	From, To, Period int64
}

// Source returns the series of an id, and whether there is such a query.
type Source func(id string) (Series, bool, error)

// Eval computes the expression. CloudWatch returns series only, and so does Eval.
func (e *Expression) Eval(span Span, source Source) (Series, error) {
	v, err := (&evaluation{span, source}).of(e.root)
	if err == nil && v.kind != kindSeries {
		err = fmt.Errorf("the result is %s, expected a time series", v.kind)
	}
	if err != nil {
		return nil, fmt.Errorf("the expression %q: %w", e.text, err)
	}
	return mapped(v.series, func(x float64) float64 { return x }), nil
}

type evaluation struct {
	span   Span
	source Source
}

func (e *evaluation) of(n node) (value, error) { return n.eval(e) }

// valueKind is the kind of a value.
type valueKind int

const (
	kindScalar valueKind = iota
	kindSeries
	kindArray
	kindWord
)

func (k valueKind) String() string {
	return [...]string{"a number", "a time series", "an array", "a text"}[k]
}

type value struct {
	kind   valueKind
	number float64
	series Series
	array  []Series
	text   string
}

func scalar(n float64) value  { return value{kind: kindScalar, number: n} }
func series(s Series) value   { return value{kind: kindSeries, series: s} }
func array(a []Series) value  { return value{kind: kindArray, array: a} }
func finite(n float64) bool   { return !math.IsNaN(n) && !math.IsInf(n, 0) }
func truth(b bool) float64    { return map[bool]float64{true: 1}[b] }
func holds(n float64) bool    { return n != 0 }
func (v value) scalar() bool  { return v.kind == kindScalar }
func (v value) numeric() bool { return v.kind == kindScalar || v.kind == kindSeries }

func (n numberNode) eval(*evaluation) (value, error) { return scalar(float64(n)), nil }

func (n textNode) eval(*evaluation) (value, error) {
	return value{kind: kindWord, text: string(n)}, nil
}

func (n idNode) eval(e *evaluation) (value, error) {
	s, known, err := e.source(string(n))
	if err != nil {
		return value{}, err
	}
	if !known {
		return value{}, fmt.Errorf("there is no query with the id %s", string(n))
	}
	return series(s), nil
}

func (n arrayNode) eval(e *evaluation) (value, error) {
	out := make([]Series, 0, len(n))
	for _, item := range n {
		v, err := e.of(item)
		if err != nil {
			return value{}, err
		}
		if v.kind != kindSeries {
			return value{}, fmt.Errorf("an array holds %s, expected time series", v.kind)
		}
		out = append(out, v.series)
	}
	return array(out), nil
}

func (n negativeNode) eval(e *evaluation) (value, error) {
	v, err := e.of(n.of)
	if err != nil {
		return value{}, err
	}
	return apply(v, func(x float64) float64 { return -x })
}

func (n callNode) eval(e *evaluation) (value, error) {
	args := make([]value, len(n.args))
	for i, arg := range n.args {
		var err error
		if args[i], err = e.of(arg); err != nil {
			return value{}, err
		}
	}
	v, err := n.do(e, args)
	if err != nil {
		return value{}, fmt.Errorf("%s: %w", n.name, err)
	}
	return v, nil
}

func (n binaryNode) eval(e *evaluation) (value, error) {
	left, err := e.of(n.left)
	if err != nil {
		return value{}, err
	}
	right, err := e.of(n.right)
	if err != nil {
		return value{}, err
	}
	return combine(left, right, func(a, b float64) float64 { return operate(n.sign, a, b) })
}

// operate applies an operator to two numbers. Without a result it returns NaN.
func operate(sign string, a, b float64) float64 {
	switch sign {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "^":
		return math.Pow(a, b)
	}
	return truth(compare(sign, a, b))
}

func compare(sign string, a, b float64) bool {
	switch sign {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "==":
		return a == b
	case "!=":
		return a != b
	case "&&":
		return holds(a) && holds(b)
	}
	return holds(a) || holds(b)
}

// apply applies a function of one number to a number, a series or each series of
// an array.
func apply(v value, f func(float64) float64) (value, error) {
	switch v.kind {
	case kindScalar:
		return scalar(f(v.number)), nil
	case kindSeries:
		return series(mapped(v.series, f)), nil
	case kindArray:
		out := make([]Series, len(v.array))
		for i, s := range v.array {
			out[i] = mapped(s, f)
		}
		return array(out), nil
	}
	return value{}, errors.New("a text is no number")
}

func mapped(s Series, f func(float64) float64) Series {
	out := make(Series, 0, len(s))
	for _, p := range s {
		if y := f(p.Value); finite(y) {
			out = append(out, Point{p.At, y})
		}
	}
	return out
}

// combine applies a function of two numbers to two values. Series meet at their
// common times, a number meets every time, and an array is combined series by
// series.
func combine(a, b value, f func(x, y float64) float64) (value, error) {
	switch {
	case a.scalar() && b.scalar():
		return scalar(f(a.number, b.number)), nil
	case b.scalar():
		return apply(a, func(x float64) float64 { return f(x, b.number) })
	case a.scalar():
		return apply(b, func(y float64) float64 { return f(a.number, y) })
	case a.numeric() && b.numeric():
		return series(met(a.series, b.series, f)), nil
	case a.kind == kindArray && b.numeric():
		out := make([]Series, len(a.array))
		for i, s := range a.array {
			out[i] = met(s, b.series, f)
		}
		return array(out), nil
	}
	return value{}, fmt.Errorf("no operator takes %s and %s", a.kind, b.kind)
}

func met(a, b Series, f func(x, y float64) float64) Series {
	out := make(Series, 0, min(len(a), len(b)))
	for _, p := range a {
		if q, ok := b.at(p.At); ok {
			if y := f(p.Value, q); finite(y) {
				out = append(out, Point{p.At, y})
			}
		}
	}
	return out
}

func (s Series) at(t int64) (float64, bool) {
	i, ok := slices.BinarySearchFunc(s, t, func(p Point, t int64) int { return int(p.At - t) })
	if !ok {
		return 0, false
	}
	return s[i].Value, true
}
