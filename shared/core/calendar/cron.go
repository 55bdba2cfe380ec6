// Package calendar computes the occurrences of a cron expression on the clock of a
// time zone, and the windows after them. It is pure: it reads neither the clock
// nor the zones of the machine.
package calendar

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/netresearch/go-cron"
)

// Cron is a cron expression of five fields: minute, hour, day of the month,
// month, day of the week.
type Cron struct{ schedule *cron.SpecSchedule }

// field is one of the five fields with its valid values.
type field struct {
	name, values string
	most         int
	option       cron.ParseOption
	bits         func(*cron.SpecSchedule) uint64
}

func fields() [5]field {
	return [5]field{
		{"minute", "0 to 59", 59, cron.Minute, func(s *cron.SpecSchedule) uint64 { return s.Minute }},
		{"hour", "0 to 23", 23, cron.Hour, func(s *cron.SpecSchedule) uint64 { return s.Hour }},
		{"day of the month", "1 to 31", 31, cron.Dom, func(s *cron.SpecSchedule) uint64 { return s.Dom }},
		{"month", "1 to 12 or JAN to DEC", 12, cron.Month, func(s *cron.SpecSchedule) uint64 { return s.Month }},
		{"day of the week", "0 to 7 or SUN to SAT", 7, cron.Dow, func(s *cron.SpecSchedule) uint64 { return s.Dow }},
	}
}

// ParseCron parses an expression. It refuses extensions of the library, and
// expressions without any occurrence.
func ParseCron(text string) (Cron, error) {
	words := strings.Fields(text)
	if len(words) != 5 {
		return Cron{}, fmt.Errorf("%q has %d fields, expected five: minute, hour, day of the month, month, day of the week", text, len(words))
	}
	// Cron accepts a match of either day field. It requires both only if one of the
	// two begins with an asterisk.
	options := cron.DowOrDom
	if words[2][0] == '*' || words[4][0] == '*' {
		options = 0
	}
	for i, f := range fields() {
		options |= f.option
		parts := strings.Split(words[i], ",")
		for j := range parts {
			var err error
			if parts[j], err = f.plain(parts[j]); err != nil {
				return Cron{}, err
			}
		}
		words[i] = strings.Join(parts, ",")
	}
	s, err := parse(options, strings.Join(words, " "))
	if err != nil {
		return Cron{}, fmt.Errorf("reading %q: %w", text, err)
	}
	c := Cron{s}
	if _, ok := c.next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return Cron{}, fmt.Errorf("%q never occurs: no such month has that day", text)
	}
	return c, nil
}

// parse calls the library with lower-case names. The library reads the H of THU
// as an extension, but the h of thu as a letter.
func parse(options cron.ParseOption, text string) (*cron.SpecSchedule, error) {
	s, err := cron.MustNewParser(options).WithMaxSearchYears(horizon).Parse(strings.ToLower(text))
	if err != nil {
		return nil, err
	}
	return s.(*cron.SpecSchedule), nil
}

// plain returns a part of a list in the form for the library: *, a value or a
// range. A step may follow * or a range. The library alone accepts more: a question
// mark, a sign, 5/15 and a backward range.
func (f field) plain(part string) (string, error) {
	span, step, stepped := strings.Cut(part, "/")
	first, _, ranged := strings.Cut(span, "-")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || strings.Trim(step, "0123456789") != "" || n < 1 || n > f.most {
			return "", fmt.Errorf("the %s %q has the step %q, expected 1 to %d", f.name, part, step, f.most)
		}
		if span != "*" && !ranged {
			return "", fmt.Errorf("the %s %q has a step without a range, write %s-%d/%s", f.name, part, span, f.most, step)
		}
	}
	if span == "*" {
		return part, nil
	}
	from, err := f.value(first)
	if err != nil || !ranged {
		return part, err
	}
	return f.plainRange(part, span, from)
}

// plainRange checks the end of a range.
func (f field) plainRange(part, span string, from int) (string, error) {
	first, last, _ := strings.Cut(span, "-")
	to, err := f.value(last)
	if err != nil {
		return "", err
	}
	if to == 0 && from > 0 && f.most == 7 {
		// The library counts eight days in a week with the end SUN or 0, and seven in a
		// week with the end 7.
		to, part = 7, first+"-7"+part[len(span):]
	}
	if from > to {
		return "", fmt.Errorf("the %s %q runs backwards, write its values as a list", f.name, span)
	}
	return part, nil
}

// value returns one value from its number or its name.
func (f field) value(text string) (int, error) {
	s, err := parse(f.option, text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return 0, fmt.Errorf("the %s is %q, expected %s, *, a list, a range or a step", f.name, text, f.values)
	}
	return bits.TrailingZeros64(f.bits(s)), nil
}

// next returns the first occurrence at or after a time of the wall clock. Times of
// the wall clock are written as times of UTC.
func (c Cron) next(wall time.Time) (at time.Time, ok bool) {
	at = c.schedule.Next(wall.Add(-time.Nanosecond))
	return at, !at.IsZero()
}

// previous returns the last occurrence at or before a time of the wall clock, but
// none before since.
func (c Cron) previous(wall, since time.Time) (at time.Time, ok bool) {
	at = c.schedule.Prev(wall.Add(time.Second))
	return at, !at.IsZero() && !at.Before(since)
}
