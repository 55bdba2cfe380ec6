// Package schedule reads the schedule expressions of Amazon EventBridge and of
// Application Auto Scaling: rate(), cron() and at(). All times are in UTC.
package schedule

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Schedule is a schedule expression.
type Schedule struct {
	every time.Duration // of rate(); 0 for the others
	once  time.Time     // of at(); zero for the others
	cron  *cron         // of cron(); nil for the others
}

// Parse reads an expression. It returns an error for a text that AWS refuses. AWS:
// EventBridge guide, "Setting a schedule pattern", and the API reference of
// PutScheduledAction for at().
func Parse(text string) (Schedule, error) {
	kind, rest, ok := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return Schedule{}, errors.New("it is not rate(...), cron(...) or at(...)")
	}
	switch kind {
	case "rate":
		every, err := parseRate(inner)
		return Schedule{every: every}, err
	case "cron":
		c, err := parseCron(inner)
		return Schedule{cron: c}, err
	case "at":
		at, err := time.Parse("2006-01-02T15:04:05", inner)
		return Schedule{once: at}, err
	}
	return Schedule{}, errors.New("it is not rate(...), cron(...) or at(...)")
}

// parseRate reads "5 minutes". The unit is singular for 1, and plural otherwise.
func parseRate(text string) (time.Duration, error) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return 0, errors.New("the value of a rate is a positive number")
	}
	for name, one := range map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour} {
		if n == 1 && unit == name || n > 1 && unit == name+"s" {
			return time.Duration(n) * one, nil
		}
	}
	return 0, errors.New("the unit of a rate is minute, hour or day, in the plural for more than 1")
}

// Once reports whether the schedule fires a single time.
func (s Schedule) Once() bool { return !s.once.IsZero() }

// Next returns the first time of the schedule after a time; false if there is none. A
// rate counts from the start of the schedule.
func (s Schedule) Next(start, after time.Time) (time.Time, bool) {
	switch {
	case s.cron != nil:
		return s.cron.next(after.UTC())
	case s.Once():
		return s.once, s.once.After(after)
	case s.every <= 0:
		return time.Time{}, false
	case after.Before(start):
		after = start
	}
	passed := after.Sub(start) / s.every
	return start.Add((passed + 1) * s.every), true
}
