package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"homeostat/shared/core/calendar"
)

// Schedule are bounds that hold instead of the policy's for a time from each
// occurrence of a cron expression, both on the clock of a zone. One that was not
// read from a policy file never holds.
type Schedule struct {
	Cron string `yaml:"cron"`
	// Zone is UTC where the policy names none.
	Zone string        `yaml:"zone"`
	For  time.Duration `yaml:"for"`
	// Min and Max are those of the policy where they are nil.
	Min *int `yaml:"min"`
	Max *int `yaml:"max"`

	window calendar.Window
	line   int
	where  string // the file and line
}

// String is the schedule in one line.
func (s Schedule) String() string {
	text := quote(s.Cron) + " " + s.Zone + " for " + s.For.String()
	if s.Min != nil {
		text += " min " + strconv.Itoa(*s.Min)
	}
	if s.Max != nil {
		text += " max " + strconv.Itoa(*s.Max)
	}
	return text
}

func (s Schedule) name() string {
	return fmt.Sprintf("the schedule %q %s (%s)", s.Cron, s.Zone, s.where)
}

// compare orders schedules as they stand in the file, so that what is said of
// two that say the same does not depend on the order in which they are asked.
func (s Schedule) compare(other Schedule) int {
	return cmp.Or(cmp.Compare(s.line, other.line), cmp.Compare(s.String(), other.String()))
}

func (s *Schedule) floorsAbove(other *Schedule) bool {
	return other == nil || *s.Min > *other.Min || *s.Min == *other.Min && s.compare(*other) < 0
}

func (s *Schedule) capsBelow(other *Schedule) bool {
	return other == nil || *s.Max < *other.Max || *s.Max == *other.Max && s.compare(*other) < 0
}

func schedules(all []Schedule) string {
	var words []string
	for _, s := range all {
		words = append(words, s.String())
	}
	return list(words)
}

// Bounds are how many tasks a service may have at a time.
type Bounds struct {
	Min, Max int
	// MinOf and MaxOf say whose they are: "the policy", or a schedule with its
	// line.
	MinOf, MaxOf string
	// Why is both in words.
	Why string
}

// ofPolicy is whose the bounds are that no schedule replaces.
const ofPolicy = "the policy"

// BoundsAt are the bounds that hold at a time: of the schedules that are open
// the highest minimum and the lowest maximum, else the policy's. A minimum wins
// over a lower maximum, because too few tasks hurt more than too many; but where
// service entries contradict each other, that is left to be seen.
func (e Effective) BoundsAt(now time.Time) Bounds {
	var low, high *Schedule
	for i := range e.Schedules {
		s := &e.Schedules[i]
		if _, _, open := s.window.Open(now); !open {
			continue
		}
		if s.Min != nil && s.floorsAbove(low) {
			low = s
		}
		if s.Max != nil && s.capsBelow(high) {
			high = s
		}
	}
	b := Bounds{Min: e.Min, Max: e.Max, MinOf: ofPolicy, MaxOf: ofPolicy}
	if low != nil {
		b.Min, b.MinOf = *low.Min, low.name()
	}
	if high != nil {
		b.Max, b.MaxOf = *high.Max, high.name()
	}
	if b.Min < 1 && e.ToZero == 0 {
		b.Min, b.MinOf = 1, "a service without scale.to_zero"
	}
	return b.normalize()
}

func (b Bounds) normalize() Bounds {
	switch {
	case b.Min > b.Max && b.MinOf == ofPolicy && b.MaxOf == ofPolicy:
		b.Why = fmt.Sprintf("min %d is above max %d: service entries of the policy contradict each other", b.Min, b.Max)
	case b.Min > b.Max:
		b.Why = fmt.Sprintf("min %d of %s, which wins over the lower max %d of %s", b.Min, b.MinOf, b.Max, b.MaxOf)
		b.Max, b.MaxOf = b.Min, b.MinOf
	case b.MinOf == b.MaxOf:
		b.Why = fmt.Sprintf("min %d and max %d of %s", b.Min, b.Max, b.MinOf)
	default:
		b.Why = fmt.Sprintf("min %d of %s, max %d of %s", b.Min, b.MinOf, b.Max, b.MaxOf)
	}
	return b
}

// Upcoming is when the minimum rises next, and to what, so that tasks can be
// ready by then: where a schedule begins, or one with a lower minimum ends. at
// is zero where no rise is near.
func (e Effective) Upcoming(now time.Time) (at time.Time, tasks int) {
	at = now
	for range maxForeseen {
		before := e.BoundsAt(at).Min
		if at = e.nextChange(at); at.IsZero() {
			return at, 0
		}
		if tasks = e.BoundsAt(at).Min; tasks > before {
			return at, tasks
		}
	}
	return time.Time{}, 0
}

// nextChange is when a schedule with a minimum next begins or ends.
func (e Effective) nextChange(now time.Time) (at time.Time) {
	for _, s := range e.Schedules {
		if s.Min == nil {
			continue
		}
		if _, end, open := s.window.Open(now); open && (at.IsZero() || end.Before(at)) {
			at = end
		}
		if start, ok := s.window.Next(now); ok && (at.IsZero() || start.Before(at)) {
			at = start
		}
	}
	return at
}

// Limits of schedules: a window is at most as long as a month, and what is not
// seen to conflict in so many openings is left to BoundsAt. So many changes are
// more than an hour of schedules that come round each minute.
const (
	maxForeseen  = 128
	maxSchedules = 20
	shortestFor  = time.Minute
	longestFor   = 31 * 24 * time.Hour
	maxOpenings  = 800
)

// schedules checks them one by one and against each other, and makes them ready.
func (c *checker) schedules(prefix string, all []Schedule) {
	if len(all) > maxSchedules {
		c.fault(prefix+"schedules", "scale.schedules has %d schedules, expected at most %d", len(all), maxSchedules)
		return
	}
	for i := range all {
		c.schedule(fmt.Sprintf("%sschedules[%d]", prefix, i), &all[i])
	}
	for i, one := range all {
		for j, other := range all {
			if i == j || one.Min == nil || other.Max == nil || *one.Min <= *other.Max {
				continue
			}
			if at, ok := meet(one.window, other.window); ok {
				c.fault(fmt.Sprintf("%sschedules[%d].min", prefix, i), "the schedule's min %d is above the max %d of the schedule on line %d, and both hold on %s: change one, or when it holds",
					*one.Min, *other.Max, other.line, at.Format("2006-01-02 15:04 MST"))
			}
		}
	}
}

func (c *checker) schedule(at string, s *Schedule) {
	pos := c.policy.lines.Position(at)
	s.line, s.where = pos.Line, fmt.Sprintf("%s:%d", c.policy.lines.File, pos.Line)
	if s.Zone == "" {
		s.Zone = "UTC"
	}
	cron, err := calendar.ParseCron(s.Cron)
	if err != nil {
		c.fault(at+".cron", "scale.schedules: %s", err)
	}
	zone, wrong := calendar.Zone(s.Zone)
	if wrong != nil {
		c.fault(at+".zone", "scale.schedules: %s", wrong)
	}
	if s.For < shortestFor || s.For > longestFor {
		c.fault(at+".for", "scale.schedules: for is %s, expected %s to %s", s.For, shortestFor, longestFor)
	}
	if err == nil && wrong == nil {
		s.window = calendar.NewWindow(cron, zone, s.For)
	}
	c.count(at+".min", "the schedule's min", s.Min, 0)
	c.count(at+".max", "the schedule's max", s.Max, 1)
	switch {
	case s.Min == nil && s.Max == nil:
		c.fault(at, "the schedule changes nothing, expected min, max or both")
	case s.Min != nil && s.Max != nil && *s.Min > *s.Max:
		c.fault(at+".min", "the schedule's min is %d, above its max, which is %d", *s.Min, *s.Max)
	}
}

// meet is a time at which both are open, where one is found.
func meet(one, other calendar.Window) (at time.Time, ok bool) {
	for _, pair := range [][2]calendar.Window{{one, other}, {other, one}} {
		// Any time does: they are looked at from there on.
		at = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		for range maxOpenings {
			if at, ok = pair[0].Next(at); !ok {
				break
			}
			if _, _, open := pair[1].Open(at); open {
				return at, true
			}
		}
	}
	return time.Time{}, false
}
