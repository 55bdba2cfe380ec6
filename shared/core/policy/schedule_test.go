package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// office has office hours in two places, a weekend, and the end of a month.
const office = `version: 1
scale:
  min: 2
  max: 10
  schedules:
    - {cron: "0 8 * * MON-FRI", zone: Europe/Berlin, for: 10h, min: 4, max: 20}
    - {cron: "0 9 * * MON-FRI", zone: America/New_York, for: 8h, min: 6, max: 15}
    - {cron: "0 0 * * SAT", zone: Europe/Berlin, for: 48h, min: 1, max: 3}
    - {cron: "0 12 31 * *", zone: UTC, for: 1h, max: 8}
`

func effective(t require.TestingT, file string) policy.Effective {
	p, err := policy.Parse("homeostat.yaml", []byte(file))
	require.NoError(t, err, file)
	return p.For(fixture.Web(), nil, "")
}

func at(t require.TestingT, text string) time.Time {
	moment, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return moment.UTC()
}

func TestBoundsAt(t *testing.T) {
	e := effective(t, office)
	const (
		berlin  = `the schedule "0 8 * * MON-FRI" Europe/Berlin (homeostat.yaml:6)`
		newYork = `the schedule "0 9 * * MON-FRI" America/New_York (homeostat.yaml:7)`
		weekend = `the schedule "0 0 * * SAT" Europe/Berlin (homeostat.yaml:8)`
		month   = `the schedule "0 12 31 * *" UTC (homeostat.yaml:9)`
	)
	for name, c := range map[string]struct {
		at   string
		want policy.Bounds
	}{
		"at night the policy's":                     {"2027-01-05T03:00:00Z", policy.Bounds{Min: 2, Max: 10, MinOf: "the policy", MaxOf: "the policy", Why: "min 2 and max 10 of the policy"}},
		"in the morning Berlin's":                   {"2027-01-05T07:00:00Z", policy.Bounds{Min: 4, Max: 20, MinOf: berlin, MaxOf: berlin, Why: "min 4 and max 20 of " + berlin}},
		"in both the highest min and the lowest":    {"2027-01-05T14:00:00Z", policy.Bounds{Min: 6, Max: 15, MinOf: newYork, MaxOf: newYork, Why: "min 6 and max 15 of " + newYork}},
		"at the weekend fewer than the policy's":    {"2027-01-09T14:00:00Z", policy.Bounds{Min: 1, Max: 3, MinOf: weekend, MaxOf: weekend, Why: "min 1 and max 3 of " + weekend}},
		"a schedule without a min leaves another's": {"2027-03-31T12:30:00Z", policy.Bounds{Min: 4, Max: 8, MinOf: berlin, MaxOf: month, Why: "min 4 of " + berlin + ", max 8 of " + month}},
		"on the day of the change in spring":        {"2027-03-28T21:59:59Z", policy.Bounds{Min: 1, Max: 3, MinOf: weekend, MaxOf: weekend, Why: "min 1 and max 3 of " + weekend}},
		"after the weekend of 47 hours":             {"2027-03-28T22:00:00Z", policy.Bounds{Min: 2, Max: 10, MinOf: "the policy", MaxOf: "the policy", Why: "min 2 and max 10 of the policy"}},
		"on the Monday after it an hour earlier":    {"2027-03-29T06:00:00Z", policy.Bounds{Min: 4, Max: 20, MinOf: berlin, MaxOf: berlin, Why: "min 4 and max 20 of " + berlin}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, e.BoundsAt(at(t, c.at))) })
	}
}

func TestUpcoming(t *testing.T) {
	for name, c := range map[string]struct {
		file, now, want string
		tasks           int
	}{
		"the next morning":                         {office, "2027-01-05T03:00:00Z", "2027-01-05T07:00:00Z", 4},
		"the other side of the ocean":              {office, "2027-01-05T07:00:00Z", "2027-01-05T14:00:00Z", 6},
		"after the weekend":                        {office, "2027-01-08T22:30:00Z", "2027-01-10T23:00:00Z", 2},
		"the morning after the change":             {office, "2027-03-28T22:00:00Z", "2027-03-29T06:00:00Z", 4},
		"New York's after theirs":                  {office, "2027-03-15T12:59:59Z", "2027-03-15T13:00:00Z", 6},
		"without schedules nothing":                {"version: 1\n", "2027-01-05T03:00:00Z", "", 0},
		"a maximum alone is no rise":               {"version: 1\nscale: {schedules: [{cron: \"0 8 * * *\", for: 1h, max: 3}]}\n", "2027-01-05T03:00:00Z", "", 0},
		"a floor that is always there never rises": {"version: 1\nscale: {schedules: [{cron: \"0 * * * *\", for: 1h, min: 3}]}\n", "2027-01-05T03:00:00Z", "", 0},
		"a schedule that another covers": {
			"version: 1\nscale: {max: 9, schedules: [{cron: \"0 7 * * *\", for: 4h, min: 9}, {cron: \"0 8,20 * * *\", for: 1h, min: 5}]}\n",
			"2027-01-05T07:30:00Z", "2027-01-05T20:00:00Z", 5,
		},
	} {
		t.Run(name, func(t *testing.T) {
			moment, tasks := effective(t, c.file).Upcoming(at(t, c.now))
			if c.want == "" {
				assert.Zero(t, moment)
			} else {
				assert.Equal(t, at(t, c.want), moment)
			}
			assert.Equal(t, c.tasks, tasks)
		})
	}
}

func TestBoundsOfConflictingEntriesStayInConflict(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: 1
services:
  - match: {service: "w*"}
    scale: {min: 0, to_zero: 15m, wake: [a]}
  - match: {service: web}
    scale: {min: 1, to_zero: 0s}
  - match: {service: "*b"}
    scale: {max: 3}
  - match: {service: we?}
    scale: {min: 4}
`))
	require.NoError(t, err)
	b := p.For(fixture.Web(), nil, "").BoundsAt(at(t, "2027-01-05T03:00:00Z"))
	assert.Equal(t, policy.Bounds{Min: 4, Max: 3, MinOf: "the policy", MaxOf: "the policy", Why: "min 4 is above max 3: service entries of the policy contradict each other"}, b)
	e := p.For(fixture.Ref("worker"), nil, "")
	assert.Zero(t, e.BoundsAt(at(t, "2027-01-05T03:00:00Z")).Min)
	e.ToZero = 0
	b = e.BoundsAt(at(t, "2027-01-05T03:00:00Z"))
	assert.Equal(t, 1, b.Min, "no service goes to zero without scale.to_zero")
	assert.Equal(t, "min 1 of a service without scale.to_zero, max 5 of the policy", b.Why)
}

func TestAMinimumWinsOverTheLowerMaximumOfASchedule(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte(`version: 1
services:
  - match: {service: web}
    scale: {max: 9, schedules: [{cron: "0 8 * * *", for: 1h, max: 3}]}
  - match: {service: "we?"}
    scale: {min: 4}
`))
	require.NoError(t, err)
	b := p.For(fixture.Web(), nil, "").BoundsAt(at(t, "2027-01-05T08:30:00Z"))
	assert.Equal(t, 4, b.Min)
	assert.Equal(t, 4, b.Max)
	assert.Equal(t, `min 4 of the policy, which wins over the lower max 3 of the schedule "0 8 * * *" UTC (p.yaml:4)`, b.Why)
}

// anySchedules draws a policy with up to five schedules without a conflict.
func anySchedules(t *rapid.T) policy.Effective {
	var b strings.Builder
	b.WriteString("version: 1\nscale:\n  min: 2\n  max: 50\n  schedules:\n")
	for range rapid.IntRange(1, 5).Draw(t, "schedules") {
		cron := fmt.Sprintf("%d %d %s * %s", rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour"),
			rapid.SampledFrom([]string{"*", "*", "28", "1-14"}).Draw(t, "day"), rapid.SampledFrom([]string{"*", "*", "SUN", "MON-FRI", "SAT,SUN"}).Draw(t, "weekday"))
		fmt.Fprintf(&b, "    - {cron: %q, zone: %s, for: %dm", cron, rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}).Draw(t, "zone"),
			rapid.IntRange(1, 3*24*60).Draw(t, "minutes"))
		which := rapid.IntRange(0, 2).Draw(t, "min, max or both")
		if which != 1 {
			fmt.Fprintf(&b, ", min: %d", rapid.IntRange(1, 20).Draw(t, "min"))
		}
		if which != 0 {
			fmt.Fprintf(&b, ", max: %d", rapid.IntRange(20, 60).Draw(t, "max"))
		}
		b.WriteString("}\n")
	}
	return effective(t, b.String())
}

func anyMoment(t *rapid.T) time.Time {
	return time.Date(2027, 3, 10, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 25*24*3600).Draw(t, "second")) * time.Second)
}

func TestOpenSchedulesGiveTheHighestMinimumAndTheLowestMaximum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, now := anySchedules(t), anyMoment(t)
		low, high := 0, 1000
		for _, s := range e.Schedules {
			alone := e
			alone.Schedules = []policy.Schedule{s}
			b := alone.BoundsAt(now)
			if b.MinOf != "the policy" {
				assert.Equal(t, *s.Min, b.Min)
				low = max(low, b.Min)
			}
			if b.MaxOf != "the policy" {
				assert.Equal(t, *s.Max, b.Max)
				high = min(high, b.Max)
			}
		}
		if low == 0 {
			low = e.Min
		}
		if high == 1000 {
			high = e.Max
		}
		b := e.BoundsAt(now)
		assert.Equal(t, low, b.Min)
		assert.Equal(t, high, b.Max)
		assert.LessOrEqual(t, b.Min, b.Max)
		other := e
		other.Schedules = rapid.Permutation(slices.Clone(e.Schedules)).Draw(t, "another order")
		assert.Equal(t, b, other.BoundsAt(now), "neither the bounds nor the texts depend on the order")
	})
}

func TestUpcomingIsTheNextRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, now := anySchedules(t), anyMoment(t)
		moment, tasks := e.Upcoming(now)
		end := moment
		if moment.IsZero() {
			end = now.Add(24 * time.Hour)
		} else {
			assert.True(t, moment.After(now))
			assert.Equal(t, tasks, e.BoundsAt(moment).Min)
			assert.Less(t, e.BoundsAt(moment.Add(-time.Second)).Min, tasks)
		}
		// Until then it only falls.
		last := e.BoundsAt(now).Min
		for minute := now.Truncate(time.Minute).Add(time.Minute); minute.Before(end) && minute.Sub(now) < 24*time.Hour; minute = minute.Add(time.Minute) {
			next := e.BoundsAt(minute).Min
			assert.LessOrEqual(t, next, last, "it rises at %s, before the next rise", minute)
			last = next
		}
	})
}
