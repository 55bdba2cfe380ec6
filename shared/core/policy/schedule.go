package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"homeostat/shared/core/calendar"
	"homeostat/shared/core/fleet"
)

// Schedule holds bounds that replace the policy's for a time after each
// occurrence of a cron expression, on the clock of a zone. Only a schedule from a
// policy file is ever open.
type Schedule struct {
	Cron string `yaml:"cron"`
	// Zone is UTC by default.
	Zone string        `yaml:"zone"`
	For  time.Duration `yaml:"for"`
	// Min and Max are optional. The bounds of the policy replace a nil bound.
	Min *int `yaml:"min"`
	Max *int `yaml:"max"`

	window calendar.Window
	line   int
	where  string // file:line
}

// String returns the schedule on one line.
func (s Schedule) String() string {
	text := strconv.Quote(s.Cron) + " " + s.Zone + " for " + s.For.String()
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

// compare orders schedules by their line. Texts about two equal schedules then
// do not depend on the order of a list.
func (s Schedule) compare(other Schedule) int {
	return cmp.Or(cmp.Compare(s.line, other.line), cmp.Compare(s.String(), other.String()))
}

// minOver reports whether the minimum takes precedence over that of another
// schedule. A nil schedule has no precedence.
func (s *Schedule) minOver(other *Schedule) bool {
	return other == nil || *s.Min > *other.Min || *s.Min == *other.Min && s.compare(*other) < 0
}

// maxUnder reports whether the maximum takes precedence over that of another
// schedule. A nil schedule has no precedence.
func (s *Schedule) maxUnder(other *Schedule) bool {
	return other == nil || *s.Max < *other.Max || *s.Max == *other.Max && s.compare(*other) < 0
}

// scheduleKind is the kind of the key scale.schedules.
type scheduleKind struct{}

func (scheduleKind) check(c *checker, at, _ string, v *[]Schedule) { c.schedules(at, *v) }

func (scheduleKind) show(v []Schedule) string {
	var words []string
	for _, s := range v {
		words = append(words, s.String())
	}
	return formatList(words)
}

func (scheduleKind) expected() string { return fmt.Sprintf("up to %d schedules", maxSchedules) }

func (scheduleKind) schema([]Schedule) schema {
	item := object(schema{
		"cron": schema{"type": "string", "description": "Five fields: minute, hour, day of the month, month, day of the week."},
		"zone": schema{"type": "string", "default": "UTC", "description": "Name in the IANA time zone database."},
		"for":  durationSchema(fleet.DurationText(shortestFor) + " to " + fleet.DurationText(longestFor)),
		"min":  schema{"type": "integer", "minimum": 0, "maximum": maxTasks},
		"max":  schema{"type": "integer", "minimum": 1, "maximum": maxTasks},
	}).with("required", []string{"cron", "for"}).with("anyOf", []schema{{"required": []string{"min"}}, {"required": []string{"max"}}})
	return schema{"type": "array", "maxItems": maxSchedules, "items": item}
}

// Bounds is the permitted number of tasks of a service at one time.
type Bounds struct {
	Min, Max int
	// MinOf and MaxOf name the source of each bound: "the policy", or a schedule with
	// its line.
	MinOf, MaxOf string
	// Why describes both bounds in words.
	Why string
}

// ofPolicy is the source of a bound without a schedule.
const ofPolicy = "the policy"

// BoundsAt returns the bounds at a time: the highest minimum and the lowest
// maximum of the open schedules, else the bounds of the policy. A minimum wins
// over a lower maximum of a schedule, because a shortage costs more than a
// surplus. If service entries conflict, Min stays above Max.
func (e Effective) BoundsAt(now time.Time) Bounds {
	var low, high *Schedule
	for i := range e.Schedules {
		s := &e.Schedules[i]
		if _, _, open := s.window.Open(now); !open {
			continue
		}
		if s.Min != nil && s.minOver(low) {
			low = s
		}
		if s.Max != nil && s.maxUnder(high) {
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

// normalize resolves a minimum above the maximum, and describes the bounds.
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

// Upcoming returns the time of the next rise of the minimum, and the new minimum.
// It rises when a schedule begins, or when a schedule with a lower minimum ends.
// The time is zero if no rise is near.
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

// nextChange returns the next begin or end of a schedule with a minimum.
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

// schedules checks schedules one by one and against each other, and prepares
// their windows.
func (c *checker) schedules(at string, all []Schedule) {
	if len(all) > maxSchedules {
		c.report(at, "scale.schedules has %d schedules, expected at most %d", len(all), maxSchedules)
		return
	}
	for i := range all {
		c.schedule(fmt.Sprintf("%s[%d]", at, i), &all[i])
	}
	for i, one := range all {
		for j, other := range all {
			if i == j || one.Min == nil || other.Max == nil || *one.Min <= *other.Max {
				continue
			}
			if both, ok := firstOverlap(one.window, other.window); ok {
				c.report(fmt.Sprintf("%s[%d].min", at, i), "the schedule's min %d is above the max %d of the schedule on line %d, and both are open on %s: change a bound or a time",
					*one.Min, *other.Max, other.line, both.Format("2006-01-02 15:04 MST"))
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
	cron, cronErr := calendar.ParseCron(s.Cron)
	if cronErr != nil {
		c.report(at+".cron", "scale.schedules: %s", cronErr)
	}
	zone, zoneErr := calendar.Zone(s.Zone)
	if zoneErr != nil {
		c.report(at+".zone", "scale.schedules: %s", zoneErr)
	}
	duration{least: shortestFor, most: longestFor}.check(c, at+".for", "scale.schedules: for", &s.For)
	if cronErr == nil && zoneErr == nil {
		s.window = calendar.NewWindow(cron, zone, s.For)
	}
	if s.Min != nil {
		minTasks().check(c, at+".min", "the schedule's min", s.Min)
	}
	if s.Max != nil {
		mostTasks().check(c, at+".max", "the schedule's max", s.Max)
	}
	switch {
	case s.Min == nil && s.Max == nil:
		c.report(at, "the schedule changes nothing, expected min, max or both")
	case s.Min != nil && s.Max != nil && *s.Min > *s.Max:
		c.report(at+".min", "the schedule's min is %d, above its max, which is %d", *s.Min, *s.Max)
	}
}

// firstOverlap returns a time within both windows, if the search finds one.
func firstOverlap(one, other calendar.Window) (at time.Time, ok bool) {
	for _, pair := range [][2]calendar.Window{{one, other}, {other, one}} {
		// The search may begin at any time.
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
