package expression

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// function is a function and its number of arguments.
type function struct {
	least, most int
	do          func(*evaluation, []value) (value, error)
}

func (f function) arguments() string {
	if f.least == f.most {
		return fmt.Sprint(f.least)
	}
	return fmt.Sprintf("%d to %d", f.least, f.most)
}

// The ways of FILL, besides a number.
const (
	repeat = "REPEAT"
	linear = "LINEAR"
)

// functions returns the functions of the model.
func functions() map[string]function {
	return map[string]function{
		"ABS":   {1, 1, each(math.Abs)},
		"AVG":   {1, 1, fold(func(v []float64) float64 { return sum(v) / float64(len(v)) })},
		"CEIL":  {1, 1, each(math.Ceil)},
		"FILL":  {2, 2, fill},
		"FLOOR": {1, 1, each(math.Floor)},
		"IF":    {2, 3, choose},
		"MAX":   {1, 1, fold(slices.Max[[]float64])},
		"MIN":   {1, 1, fold(slices.Min[[]float64])},
		"PERIOD": {1, 1, func(e *evaluation, _ []value) (value, error) {
			return scalar(float64(e.span.Period)), nil
		}},
		"RATE": {1, 1, rate},
		"SUM":  {1, 1, fold(sum)},
	}
}

func functionNames() string {
	return strings.Join(slices.Sorted(maps.Keys(functions())), " ")
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func each(f func(float64) float64) func(*evaluation, []value) (value, error) {
	return func(_ *evaluation, args []value) (value, error) { return apply(args[0], f) }
}

// fold reduces a series to a number, and an array to a series. The result of an
// array has a value at each time of any of its series, from the points at that
// time.
func fold(f func([]float64) float64) func(*evaluation, []value) (value, error) {
	return func(_ *evaluation, args []value) (value, error) {
		switch v := args[0]; v.kind {
		case kindScalar:
			return v, nil
		case kindSeries:
			if len(v.series) == 0 {
				return scalar(math.NaN()), nil
			}
			return scalar(f(v.series.values())), nil
		case kindArray:
			return series(across(v.array, f)), nil
		}
		return value{}, errors.New("expected a time series or an array, found a text")
	}
}

func (s Series) values() []float64 {
	out := make([]float64, len(s))
	for i, p := range s {
		out[i] = p.Value
	}
	return out
}

func across(all []Series, f func([]float64) float64) Series {
	at := map[int64][]float64{}
	for _, s := range all {
		for _, p := range s {
			at[p.At] = append(at[p.At], p.Value)
		}
	}
	out := make(Series, 0, len(at))
	for _, t := range slices.Sorted(maps.Keys(at)) {
		out = append(out, Point{t, f(at[t])})
	}
	return out
}

// rate returns the change a second, from the second point on.
func rate(_ *evaluation, args []value) (value, error) {
	if args[0].kind != kindSeries {
		return value{}, fmt.Errorf("expected a time series, found %s", args[0].kind)
	}
	s := args[0].series
	out := make(Series, 0, len(s))
	for i := 1; i < len(s); i++ {
		out = append(out, Point{s[i].At, (s[i].Value - s[i-1].Value) / float64(s[i].At-s[i-1].At)})
	}
	return series(out), nil
}

// fill adds points to a series with gaps: a number, a series, the last value
// (REPEAT), or a value between two points (LINEAR).
func fill(e *evaluation, args []value) (value, error) {
	switch of := args[0]; of.kind {
	case kindSeries:
		filled, err := e.filled(of.series, args[1])
		return series(filled), err
	case kindArray:
		out := make([]Series, len(of.array))
		for i, s := range of.array {
			var err error
			if out[i], err = e.filled(s, args[1]); err != nil {
				return value{}, err
			}
		}
		return array(out), nil
	default:
		return value{}, fmt.Errorf("expected a time series or an array, found %s", of.kind)
	}
}

func (e *evaluation) filled(s Series, with value) (Series, error) {
	if with.kind == kindArray || with.kind == kindWord && with.text != repeat && with.text != linear {
		return nil, fmt.Errorf("expected a number, a time series, REPEAT or LINEAR to fill with")
	}
	var out Series
	i := 0
	for t := e.span.From; t < e.span.To; t += e.span.Period {
		for i < len(s) && s[i].At < t {
			i++
		}
		if i < len(s) && s[i].At == t {
			out = append(out, s[i])
			continue
		}
		if v, ok := between(s, i, t, with); ok {
			out = append(out, Point{t, v})
		}
	}
	return out, nil
}

// between returns the filling value at t, before the i-th point of the series.
func between(s Series, i int, t int64, with value) (float64, bool) {
	switch {
	case with.kind == kindScalar:
		return with.number, true
	case with.kind == kindSeries:
		return with.series.at(t)
	case i == 0:
		return 0, false
	case with.text == repeat:
		return s[i-1].Value, true
	case i == len(s):
		return 0, false
	}
	a, b := s[i-1], s[i]
	return a.Value + (b.Value-a.Value)*float64(t-a.At)/float64(b.At-a.At), true
}

// choose is IF. With two arguments it returns the values at times that meet the
// condition, with three arguments one value or the other.
func choose(_ *evaluation, args []value) (value, error) {
	for _, arg := range args {
		if !arg.numeric() {
			return value{}, fmt.Errorf("expected numbers and time series, found %s", arg.kind)
		}
	}
	if args[0].scalar() {
		switch {
		case holds(args[0].number):
			return args[1], nil
		case len(args) == 3:
			return args[2], nil
		}
		return series(nil), nil
	}
	var out Series
	for _, p := range args[0].series {
		from := args[1]
		if !holds(p.Value) {
			if len(args) == 2 {
				continue
			}
			from = args[2]
		}
		if v, ok := from.when(p.At); ok {
			out = append(out, Point{p.At, v})
		}
	}
	return series(out), nil
}

// when returns the value at a time.
func (v value) when(t int64) (float64, bool) {
	if v.scalar() {
		return v.number, true
	}
	return v.series.at(t)
}
