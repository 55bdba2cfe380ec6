package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func utc(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func window(t require.TestingT, cron, zone string, length time.Duration) Window {
	c, err := ParseCron(cron)
	require.NoError(t, err)
	z, err := Zone(zone)
	require.NoError(t, err)
	return NewWindow(c, z, length)
}

// In 2027 Berlin's clocks jump from 02:00 to 03:00 on 28 March and are put back
// from 03:00 to 02:00 on 31 October; New York's on 14 March and, from 02:00 to
// 01:00, on 7 November.
func TestWindowFollowsTheWallClock(t *testing.T) {
	for name, c := range map[string]struct {
		cron, zone string
		length     time.Duration
		near       string // a time within
		start, end string
	}{
		"a working day before the change":             {"0 8 * * *", "Europe/Berlin", 10 * time.Hour, "2027-03-27T10:00:00Z", "2027-03-27T07:00:00Z", "2027-03-27T17:00:00Z"},
		"the day of the change in spring":             {"0 8 * * *", "Europe/Berlin", 10 * time.Hour, "2027-03-28T10:00:00Z", "2027-03-28T06:00:00Z", "2027-03-28T16:00:00Z"},
		"the day of the change in autumn":             {"0 8 * * *", "Europe/Berlin", 10 * time.Hour, "2027-10-31T10:00:00Z", "2027-10-31T07:00:00Z", "2027-10-31T17:00:00Z"},
		"New York's day of the change in spring":      {"0 8 * * *", "America/New_York", 10 * time.Hour, "2027-03-14T15:00:00Z", "2027-03-14T12:00:00Z", "2027-03-14T22:00:00Z"},
		"New York's day of the change in autumn":      {"0 8 * * *", "America/New_York", 10 * time.Hour, "2027-11-07T15:00:00Z", "2027-11-07T13:00:00Z", "2027-11-07T23:00:00Z"},
		"a night that is an hour shorter":             {"0 22 * * *", "Europe/Berlin", 10 * time.Hour, "2027-03-28T03:00:00Z", "2027-03-27T21:00:00Z", "2027-03-28T06:00:00Z"},
		"a night that is an hour longer":              {"0 22 * * *", "Europe/Berlin", 10 * time.Hour, "2027-10-31T03:00:00Z", "2027-10-30T20:00:00Z", "2027-10-31T07:00:00Z"},
		"New York's night that is an hour shorter":    {"0 22 * * *", "America/New_York", 10 * time.Hour, "2027-03-14T07:30:00Z", "2027-03-14T03:00:00Z", "2027-03-14T12:00:00Z"},
		"New York's night that is an hour longer":     {"0 22 * * *", "America/New_York", 10 * time.Hour, "2027-11-07T06:30:00Z", "2027-11-07T02:00:00Z", "2027-11-07T13:00:00Z"},
		"a weekend of 47 hours":                       {"0 0 * * SAT", "Europe/Berlin", 48 * time.Hour, "2027-03-28T20:00:00Z", "2027-03-26T23:00:00Z", "2027-03-28T22:00:00Z"},
		"a weekend of 49 hours":                       {"0 0 * * SAT", "Europe/Berlin", 48 * time.Hour, "2027-10-31T22:30:00Z", "2027-10-29T22:00:00Z", "2027-10-31T23:00:00Z"},
		"a time that is left out begins at the jump":  {"30 2 * * *", "Europe/Berlin", time.Hour, "2027-03-28T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z"},
		"New York's that is left out":                 {"30 2 * * *", "America/New_York", time.Hour, "2027-03-14T07:30:00Z", "2027-03-14T07:00:00Z", "2027-03-14T08:00:00Z"},
		"a time that comes twice begins at the first": {"30 2 * * *", "Europe/Berlin", time.Hour, "2027-10-31T01:15:00Z", "2027-10-31T00:30:00Z", "2027-10-31T02:30:00Z"},
		"New York's that comes twice":                 {"30 1 * * *", "America/New_York", time.Hour, "2027-11-07T06:15:00Z", "2027-11-07T05:30:00Z", "2027-11-07T07:30:00Z"},
		"the hour that comes twice holds both":        {"0 2 * * *", "Europe/Berlin", time.Hour, "2027-10-31T01:59:00Z", "2027-10-31T00:00:00Z", "2027-10-31T02:00:00Z"},
		"an end that is left out is at the jump":      {"30 1 * * *", "Europe/Berlin", time.Hour, "2027-03-28T00:45:00Z", "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z"},
		"an end that comes twice is the first":        {"30 1 * * *", "Europe/Berlin", time.Hour, "2027-10-31T00:15:00Z", "2027-10-30T23:30:00Z", "2027-10-31T00:30:00Z"},
		"half an hour of Lord Howe":                   {"0 22 * * *", "Australia/Lord_Howe", 10 * time.Hour, "2027-04-03T16:00:00Z", "2027-04-03T11:00:00Z", "2027-04-03T21:30:00Z"},
		"a zone without summer time":                  {"0 8 * * *", "Asia/Kolkata", 10 * time.Hour, "2027-03-28T03:00:00Z", "2027-03-28T02:30:00Z", "2027-03-28T12:30:00Z"},
		"windows that overlap are one: the last":      {"0 * * * *", "UTC", 3 * time.Hour, "2027-03-28T03:30:00Z", "2027-03-28T03:00:00Z", "2027-03-28T06:00:00Z"},
		"the last night of a leap year":               {"0 22 * * *", "Europe/Berlin", 10 * time.Hour, "2028-12-31T23:30:00Z", "2028-12-31T21:00:00Z", "2029-01-01T07:00:00Z"},
		"Casablanca's first night of Ramadan":         {"0 22 * * *", "Africa/Casablanca", 10 * time.Hour, "2027-02-07T03:00:00Z", "2027-02-06T21:00:00Z", "2027-02-07T08:00:00Z"},
		"a month over its end":                        {"0 0 31 * *", "UTC", 48 * time.Hour, "2027-04-01T12:00:00Z", "2027-03-31T00:00:00Z", "2027-04-02T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := window(t, c.cron, c.zone, c.length)
			first, last := utc(c.start), utc(c.end)
			start, end, open := w.Open(utc(c.near))
			assert.True(t, open)
			assert.Equal(t, first, start)
			assert.Equal(t, last, end)
			_, _, open = w.Open(first)
			assert.True(t, open, "it begins with its start")
			_, _, open = w.Open(last.Add(-time.Second))
			assert.True(t, open)
			next, ok := w.Next(first.Add(-time.Second))
			assert.True(t, ok)
			assert.Equal(t, first, next, "it is foreseen")
			before, _, _ := w.Open(first.Add(-time.Second))
			assert.NotEqual(t, first, before)
			after, _, _ := w.Open(last)
			assert.NotEqual(t, first, after, "it ends with its end")
		})
	}
}

func TestClosedWindow(t *testing.T) {
	w := window(t, "0 8 * * MON-FRI", "Europe/Berlin", 10*time.Hour)
	for name, at := range map[string]string{
		"a second before it":    "2027-03-29T05:59:59Z",
		"when it ends":          "2027-03-29T16:00:00Z",
		"at the weekend":        "2027-03-27T10:00:00Z",
		"in the second 2 a.m.":  "2027-10-31T01:30:00Z",
		"in summer by winter's": "2027-07-05T16:30:00Z",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, open := w.Open(utc(at))
			assert.False(t, open)
		})
	}
	_, _, open := Window{}.Open(utc("2027-03-29T10:00:00Z"))
	assert.False(t, open, "the zero window is never open")
	_, ok := Window{}.Next(utc("2027-03-29T10:00:00Z"))
	assert.False(t, ok)
}

// TestConsecutiveWindowsLeaveNoGap checks that windows for each hour, night or day
// cover the whole year, in spite of clock changes.
func TestConsecutiveWindowsLeaveNoGap(t *testing.T) {
	for name, all := range map[string][]Window{
		"hours":         {window(t, "0 * * * *", "Europe/Berlin", time.Hour)},
		"half hours":    {window(t, "*/30 * * * *", "Europe/Berlin", 30*time.Minute)},
		"half past":     {window(t, "30 * * * *", "America/New_York", time.Hour)},
		"days":          {window(t, "0 0 * * *", "America/New_York", 24*time.Hour)},
		"day and night": {window(t, "0 2 * * *", "Europe/Berlin", 12*time.Hour), window(t, "0 14 * * *", "Europe/Berlin", 12*time.Hour)},
		"week and weekend": {
			window(t, "30 2 * * MON", "Europe/Berlin", 5*24*time.Hour),
			window(t, "30 2 * * SAT", "Europe/Berlin", 48*time.Hour),
		},
		"Lord Howe's quarters": {window(t, "*/15 * * * *", "Australia/Lord_Howe", 15*time.Minute)},
		"Casablanca's nights":  {window(t, "30 2 * * *", "Africa/Casablanca", 24*time.Hour)},
		"Cairo's midnight":     {window(t, "0 0 * * *", "Africa/Cairo", 24*time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			for at := utc("2027-01-01T00:00:00Z"); at.Year() < 2028; at = at.Add(5 * time.Minute) {
				open := false
				for _, w := range all {
					_, _, one := w.Open(at)
					open = open || one
				}
				require.True(t, open, "no window is open at %s", at)
			}
		})
	}
}

func TestNextIsTheNextOpening(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := Zone(rapid.SampledFrom([]string{
			"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Chatham", "Antarctica/Troll", "America/St_Johns", "Africa/Casablanca",
		}).Draw(t, "zone"))
		require.NoError(t, err)
		length := time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, "minutes")) * time.Minute
		w := NewWindow(anyCron(t), zone, length)
		// Near the changes as often as not.
		base := rapid.SampledFrom([]string{"2027-03-28T00:00:00Z", "2027-10-31T00:00:00Z", "2027-03-14T06:00:00Z", "2027-11-07T05:00:00Z", "2027-04-03T14:00:00Z", "2027-06-15T00:00:00Z", "2027-02-07T02:00:00Z", "2027-03-14T02:00:00Z"}).Draw(t, "near")
		now := utc(base).Add(time.Duration(rapid.IntRange(-3*3600, 6*3600).Draw(t, "second")) * time.Second)

		next, ok := w.Next(now)
		assert.True(t, ok)
		assert.True(t, next.After(now))
		start, end, open := w.Open(next)
		assert.True(t, open, "it is open when it opens")
		assert.Equal(t, next, start)
		assert.True(t, end.After(start))
		assert.LessOrEqual(t, end.Sub(start), length+2*time.Hour)
		if from, to, open := w.Open(now); open {
			assert.False(t, from.After(now))
			assert.True(t, to.After(now))
			again, ok := w.Next(from.Add(-time.Second))
			assert.True(t, ok)
			assert.Equal(t, from, again, "what is open was foreseen")
		}
		// Nothing begins between now and the next start.
		middle := now.Add(next.Sub(now) / 2)
		from, _, _ := w.Open(middle)
		assert.False(t, from.After(now), "%s began after %s, before the next start %s", from, now, next)
	})
}

func BenchmarkOpen(b *testing.B) {
	w := window(b, "0 8 * * MON-FRI", "Europe/Berlin", 10*time.Hour)
	for at := utc("2027-01-01T00:00:00Z"); b.Loop(); at = at.Add(time.Minute) {
		w.Open(at)
	}
}
