package expression_test

import (
	"errors"
	"math"
	"testing"

	"homeostat/shared/sim/ecssim/expression"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// minutes returns a series with a value each minute. NaN is a gap.
func minutes(values ...float64) expression.Series {
	var out expression.Series
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, expression.Point{At: int64(i) * 60, Value: v})
		}
	}
	return out
}

func source(id string) (expression.Series, bool, error) {
	gap := math.NaN()
	known := map[string]expression.Series{
		"a": minutes(10, 20, 30, 40), "b": minutes(1, 2, 0, 4), "gaps": minutes(gap, 5, gap, 7), "none": minutes(gap, gap, gap, gap),
	}
	if id == "broken" {
		return nil, false, errors.New("the query broken cannot be answered")
	}
	s, ok := known[id]
	return s, ok, nil
}

func TestExpressions(t *testing.T) {
	gap := math.NaN()
	for _, c := range []struct {
		name, text string
		want       expression.Series
	}{
		{"an id is its series", "a", minutes(10, 20, 30, 40)},
		{"a number meets every point", "a + 1", minutes(11, 21, 31, 41)},
		{"it may come first", "100 - a", minutes(90, 80, 70, 60)},
		{"times before plus", "1 + a * 2", minutes(21, 41, 61, 81)},
		{"brackets first", "(1 + a) * 2", minutes(22, 42, 62, 82)},
		{"minus goes from the left", "a - 1 - 1", minutes(8, 18, 28, 38)},
		{"division goes from the left", "a / 2 / 5", minutes(1, 2, 3, 4)},
		{"a power before the sign", "-b ^ 2", minutes(-1, -4, 0, -16)},
		{"a sign before a number", "a * -1", minutes(-10, -20, -30, -40)},
		{"numbers with fractions and exponents", "b * 1.5e1 + .5", minutes(15.5, 30.5, .5, 60.5)},
		{"a division by zero leaves no point", "a / b", minutes(10, 10, gap, 10)},
		{"series meet at the times that both have", "a + gaps", minutes(gap, 25, gap, 47)},
		{"the sum of an array is a series", "SUM([a, b])", minutes(11, 22, 30, 44)},
		{"of those that have a point there", "AVG([a, gaps])", minutes(10, 12.5, 30, 23.5)},
		{"the lowest of an array", "MIN([a, b])", minutes(1, 2, 0, 4)},
		{"the average of a series is a number", "a - AVG(a)", minutes(-15, -5, 5, 15)},
		{"the highest of a series is a number", "a / MAX(a)", minutes(.25, .5, .75, 1)},
		{"gaps are filled with a number", "FILL(gaps, 0)", minutes(0, 5, 0, 7)},
		{"with the last value", "FILL(gaps, REPEAT)", minutes(gap, 5, 5, 7)},
		{"with what lies between", "FILL(gaps, LINEAR)", minutes(gap, 5, 6, 7)},
		{"with another series", "FILL(gaps, a)", minutes(10, 5, 30, 7)},
		{"nothing at all is filled too", "FILL(none, 3)", minutes(3, 3, 3, 3)},
		{"what is filled can be summed", "SUM([a, FILL(gaps, 0)])", minutes(10, 25, 30, 47)},
		{"a condition chooses", "IF(a > 20, 1, 0)", minutes(0, 0, 1, 1)},
		{"a condition lets through", "IF(a >= 20 && b != 0, a)", minutes(gap, 20, gap, 40)},
		{"conditions can be either", "a < 20 || b == 0", minutes(1, 0, 1, 0)},
		{"a number is a condition too", "IF(0, a, b)", minutes(1, 2, 0, 4)},
		{"a rate is the change a second", "RATE(a)", minutes(gap, 10.0/60, 10.0/60, 10.0/60)},
		{"a rate goes over gaps", "RATE(gaps)", minutes(gap, gap, gap, 2.0/120)},
		{"the period of a metric", "a / PERIOD(a)", minutes(10.0/60, 20.0/60, 30.0/60, 40.0/60)},
		{"rounding", "CEIL(a / 15) + FLOOR(a / 15) + ABS(0 - b)", minutes(2, 5, 4, 9)},
		{"no data gives no data", "none + 1", minutes(gap, gap, gap, gap)},
		{"the average of nothing gives none", "a + AVG(none)", minutes(gap, gap, gap, gap)},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := expression.Parse(c.text)
			require.NoError(t, err)
			got, err := e.Eval(expression.Span{To: 240, Period: 60}, source)
			require.NoError(t, err)
			require.Len(t, got, len(c.want))
			for i := range got {
				assert.Equal(t, c.want[i].At, got[i].At)
				assert.InDelta(t, c.want[i].Value, got[i].Value, 1e-9)
			}
		})
	}
}

func TestWhatIsNoExpression(t *testing.T) {
	for _, c := range []struct{ name, text, err string }{
		{"nothing", "", "ends where a number"},
		{"an operator without a right side", "a +", "ends where a number"},
		{"two ids in a row", "a b", "at character 3: found b, expected an operator or the end"},
		{"a bracket that stays open", "(a + b", "ends where )"},
		{"a function that is not modelled", "ANOMALY_DETECTION_BAND(a)", "ANOMALY_DETECTION_BAND is not modelled; these are: ABS AVG"},
		{"a search", "SEARCH('x', 'Sum', 60)", "SEARCH is not modelled"},
		{"too few arguments", "FILL(a)", "FILL has 1 arguments, expected 2"},
		{"an id with a capital", "Errors / 2", "Errors is no id"},
		{"a sign of another language", "a % 2", `'%' does not belong`},
		{"a text without its end", "FILL(a, 'x)", "does not end"},
		{"brackets without end", "((((((((((((((((((((((((((((((((((((((((((((((((((((((a", "nested more than 50 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := expression.Parse(c.text)
			require.ErrorContains(t, err, c.err)
		})
	}
}

func TestWhatCannotBeComputed(t *testing.T) {
	for _, c := range []struct{ name, text, err string }{
		{"an id of no query", "a + z", "no query with the id z"},
		{"a result that is a number", "AVG(a)", "the result is a number, expected a time series"},
		{"a result that is an array", "[a, b]", "the result is an array"},
		{"an array of numbers", "SUM([1, a])", "an array holds a number"},
		{"a text in a sum", "a + 'x'", "no operator takes a time series and a text"},
		{"a word that FILL does not know", "FILL(a, 'x')", "REPEAT or LINEAR"},
		{"the rate of a number", "RATE(1)", "RATE: expected a time series"},
		{"a condition of arrays", "IF([a], a)", "IF: expected numbers"},
		{"a query that fails", "a + broken", "the query broken cannot be answered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := expression.Parse(c.text)
			require.NoError(t, err)
			_, err = e.Eval(expression.Span{To: 240, Period: 60}, source)
			require.ErrorContains(t, err, c.err)
		})
	}
}

func TestEachIDIsNamedOnce(t *testing.T) {
	e, err := expression.Parse("IF(a > b, a, m_1) + FILL(b, REPEAT)")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "m_1"}, e.IDs())
}

func TestArithmeticIsThatOfNumbers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x, y := rapid.Float64Range(-1e6, 1e6).Draw(r, "x"), rapid.Float64Range(-1e6, 1e6).Draw(r, "y")
		e, err := expression.Parse("(x + y) * (x - y) / 4")
		require.NoError(r, err)
		got, err := e.Eval(expression.Span{To: 60, Period: 60}, func(id string) (expression.Series, bool, error) {
			return minutes(map[string]float64{"x": x, "y": y}[id]), true, nil
		})
		require.NoError(r, err)
		assert.Equal(r, minutes((x+y)*(x-y)/4), got)
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"a", "SUM([a, b]) / 2", "IF(a>1,FILL(b,REPEAT),-c^2)", "((", "'", "1e", "a&&&b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := expression.Parse(text)
		if err != nil {
			return
		}
		got, err := e.Eval(expression.Span{To: 240, Period: 60}, source)
		if err != nil {
			return
		}
		for i, p := range got {
			if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) || i > 0 && p.At <= got[i-1].At {
				t.Errorf("%q gives %v", text, got)
			}
		}
	})
}
