package cloudwatch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestMissingData checks all cells of the two tables of "Configuring how CloudWatch
// alarms treat missing data": the rows of today's edition, and the rows that only the
// edition of 2019 has. X breaches, 0 does not, - is missing, and "" keeps the state.
func TestMissingData(t *testing.T) {
	for _, c := range []struct {
		name                                     string
		points                                   string
		m, n                                     int
		missing, ignore, breaching, notBreaching string
	}{
		{"3 of 3: enough points", "0-X-X", 3, 3, "OK", "OK", "OK", "OK"},
		{"3 of 3: one good point", "0----", 3, 3, "OK", "OK", "OK", "OK"},
		{"3 of 3: nothing", "-----", 3, 3, "INSUFFICIENT_DATA", "", "ALARM", "OK"},
		{"3 of 3: three bad among one good", "0XX-X", 3, 3, "ALARM", "ALARM", "ALARM", "ALARM"},
		{"3 of 3: one bad point", "--X--", 3, 3, "ALARM", "", "ALARM", "OK"},
		{"3 of 3: one bad point that is too young", "----X", 3, 3, "INSUFFICIENT_DATA", "", "ALARM", "OK"},
		{"3 of 3: two bad points that are too young", "---XX", 3, 3, "INSUFFICIENT_DATA", "", "ALARM", "OK"},
		{"3 of 3: the oldest point is bad", "X----", 3, 3, "ALARM", "", "ALARM", "OK"},
		{"2 of 3: enough points", "0-X-X", 2, 3, "ALARM", "ALARM", "ALARM", "ALARM"},
		{"2 of 3: two bad of three", "00X0X", 2, 3, "ALARM", "ALARM", "ALARM", "ALARM"},
		{"2 of 3: one good, one bad", "0-X--", 2, 3, "OK", "OK", "ALARM", "OK"},
		{"2 of 3: one good point", "----0", 2, 3, "OK", "OK", "ALARM", "OK"},
		{"2 of 3: one bad point", "---X-", 2, 3, "ALARM", "", "ALARM", "OK"},
		{"2 of 3: one bad point that is too young", "----X", 2, 3, "INSUFFICIENT_DATA", "", "ALARM", "OK"},
	} {
		for treatment, want := range map[string]string{
			"missing": c.missing, "ignore": c.ignore, "breaching": c.breaching, "notBreaching": c.notBreaching,
		} {
			t.Run(c.name+", "+treatment, func(t *testing.T) {
				a := Alarm{condition: condition{comparison: "GreaterThanThreshold", threshold: 1, evaluate: c.n, breaches: c.m, missing: treatment}}
				var v View
				for _, p := range c.points {
					v.values = append(v.values, datum{known: p != '-', value: map[rune]float64{'X': 2, '0': 0}[p]})
				}
				state, decided := a.judge(v)
				assert.Equal(t, want != "", decided)
				assert.Equal(t, want, state)
			})
		}
	}
}

func TestComparisons(t *testing.T) {
	for operator, want := range map[string][3]bool{ // the values 4, 5 and 6 against the threshold 5
		"GreaterThanThreshold":          {false, false, true},
		"GreaterThanOrEqualToThreshold": {false, true, true},
		"LessThanThreshold":             {true, false, false},
		"LessThanOrEqualToThreshold":    {true, true, false},
	} {
		a := Alarm{condition: condition{comparison: operator, threshold: 5}}
		assert.Equal(t, want, [3]bool{a.breaching(4), a.breaching(5), a.breaching(6)}, operator)
	}
}

func TestAPercentileOfFewSamplesIsIgnoredIfTheAlarmSaysSo(t *testing.T) {
	for _, c := range []struct {
		statistic, treatment string
		samples              float64
		want                 bool
	}{
		{"p99", "ignore", 999, true},
		{"p99", "ignore", 1000, false},
		{"p5", "ignore", 199, true},
		{"p5", "ignore", 200, false},
		{"p99", "evaluate", 1, false},
		{"p99", "", 1, false},
		{"Average", "ignore", 1, false},
	} {
		a := Alarm{Source: Source{statistic: c.statistic}, condition: condition{lowSamples: c.treatment}}
		v := View{values: []datum{{known: true, samples: c.samples}}}
		assert.Equal(t, c.want, a.tooFew(v), "%+v", c)
	}
}
