// Package calendar says when a cron expression comes round on the clock of a
// time zone, and what holds for a while from then on. It is pure: the zones are
// its own table, so that a function and a laptop read the same clock.
package calendar

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Cron is a cron expression of five fields: minute, hour, day of the month,
// month, day of the week.
type Cron struct {
	minute, hour, day, month, weekday uint64 // bit n is the value n
	// both is true where a day must match by its number and its weekday; where
	// a person restricts both, cron has always taken either.
	both bool
}

// field is one of the five, with what it may hold.
type field struct {
	name        string
	least, most int
	// names are words for the values from least on.
	names []string
}

func fields() [5]field {
	return [5]field{
		{"minute", 0, 59, nil},
		{"hour", 0, 23, nil},
		{"day of the month", 1, 31, nil},
		{"month", 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
		{"day of the week", 0, 7, strings.Fields("SUN MON TUE WED THU FRI SAT")},
	}
}

// horizon is how far ahead an occurrence may be: 29 February may be eight years
// away where a century has no leap day.
const horizon = 9

// ParseCron reads an expression. One that never comes round is refused.
func ParseCron(text string) (Cron, error) {
	words := strings.Fields(text)
	if len(words) != 5 {
		return Cron{}, fmt.Errorf("%q has %d fields, expected five: minute, hour, day of the month, month, day of the week", text, len(words))
	}
	var sets [5]uint64
	for i, f := range fields() {
		var err error
		if sets[i], err = f.parse(words[i]); err != nil {
			return Cron{}, err
		}
	}
	c := Cron{
		minute: sets[0], hour: sets[1], day: sets[2], month: sets[3], weekday: sets[4]&0x7f | sets[4]>>7,
		both: words[2][0] == '*' || words[4][0] == '*',
	}
	if _, ok := c.next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return Cron{}, fmt.Errorf("%q never comes round: no such month has that day", text)
	}
	return c, nil
}

func (f field) parse(text string) (set uint64, err error) {
	for part := range strings.SplitSeq(text, ",") {
		one, err := f.part(part)
		if err != nil {
			return 0, err
		}
		set |= one
	}
	return set, nil
}

// part is *, a value or a range, the first and the last with a step.
func (f field) part(text string) (set uint64, err error) {
	span, step, stepped := strings.Cut(text, "/")
	every := 1
	if stepped {
		if every, err = strconv.Atoi(step); err != nil || !digits(step) || every < 1 || every > f.most {
			return 0, fmt.Errorf("the %s %q has the step %q, expected 1 to %d", f.name, text, step, f.most)
		}
	}
	from, to := f.least, f.most
	if span == "*" && f.least == 0 && f.most == 7 {
		to = 6 // Sunday is 0 and 7, and is counted once
	}
	if span != "*" {
		if from, to, err = f.span(span); err != nil {
			return 0, err
		}
		if stepped && from == to {
			return 0, fmt.Errorf("the %s %q has a step without a range, write %d-%d/%d", f.name, text, from, f.most, every)
		}
	}
	for value := from; value <= to; value += every {
		set |= 1 << value
	}
	return set, nil
}

func (f field) span(text string) (from, to int, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if from, err = f.value(first); err != nil || !ranged {
		return from, from, err
	}
	if to, err = f.value(last); err != nil {
		return 0, 0, err
	}
	if to == 0 && f.most == 7 && from > 0 {
		to = 7 // FRI-SUN ends on the Sunday that follows
	}
	if from > to {
		return 0, 0, fmt.Errorf("the %s %q runs backwards, write its values as a list", f.name, text)
	}
	return from, to, nil
}

func (f field) value(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.least + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || !digits(text) || n < f.least || n > f.most {
		words := ""
		if len(f.names) > 0 {
			words = fmt.Sprintf(" or %s to %s", f.names[0], f.names[len(f.names)-1])
		}
		return 0, fmt.Errorf("the %s is %q, expected %d to %d%s, *, a list, a range or a step", f.name, text, f.least, f.most, words)
	}
	return n, nil
}

// digits keeps signs out, which strconv takes.
func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

func (c Cron) onDay(day time.Time) bool {
	number, weekday := c.day>>day.Day()&1 == 1, c.weekday>>int(day.Weekday())&1 == 1
	if c.both {
		return number && weekday
	}
	return number || weekday
}

func (c Cron) inMonth(day time.Time) bool { return c.month>>int(day.Month())&1 == 1 }

// next is the first occurrence at or after a time of the wall clock, which is
// written as a time of UTC.
func (c Cron) next(wall time.Time) (at time.Time, ok bool) {
	if rest := wall.Truncate(time.Minute); rest.Before(wall) {
		wall = rest.Add(time.Minute)
	}
	end := wall.AddDate(horizon, 0, 0)
	for day, from := midnight(wall), minuteOf(wall); day.Before(end); from = 0 {
		if !c.inMonth(day) {
			day = time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if c.onDay(day) {
			if minute, ok := c.later(from); ok {
				return day.Add(time.Duration(minute) * time.Minute), true
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// previous is the last occurrence at or before a time of the wall clock, and
// not before since.
func (c Cron) previous(wall, since time.Time) (at time.Time, ok bool) {
	for day, to := midnight(wall), minuteOf(wall); !day.Before(midnight(since)); to = minutesOfDay - 1 {
		if c.inMonth(day) && c.onDay(day) {
			if minute, ok := c.earlier(to); ok {
				at = day.Add(time.Duration(minute) * time.Minute)
				return at, !at.Before(since)
			}
		}
		day = day.AddDate(0, 0, -1)
	}
	return time.Time{}, false
}

const minutesOfDay = 24 * 60

func midnight(wall time.Time) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
}

func minuteOf(wall time.Time) int { return wall.Hour()*60 + wall.Minute() }

// later is the first minute of a day that matches, from one on.
func (c Cron) later(from int) (minute int, ok bool) {
	hour := from / 60
	if rest := c.minute >> (from % 60); c.hour>>hour&1 == 1 && rest != 0 {
		return from + bits.TrailingZeros64(rest), true
	}
	rest := c.hour >> (hour + 1)
	if rest == 0 {
		return 0, false
	}
	return (hour+1+bits.TrailingZeros64(rest))*60 + bits.TrailingZeros64(c.minute), true
}

// earlier is the last minute of a day that matches, up to one.
func (c Cron) earlier(to int) (minute int, ok bool) {
	hour := to / 60
	if rest := c.minute & (2<<(to%60) - 1); c.hour>>hour&1 == 1 && rest != 0 {
		return hour*60 + bits.Len64(rest) - 1, true
	}
	rest := c.hour & (1<<hour - 1)
	if rest == 0 {
		return 0, false
	}
	return (bits.Len64(rest)-1)*60 + bits.Len64(c.minute) - 1, true
}
