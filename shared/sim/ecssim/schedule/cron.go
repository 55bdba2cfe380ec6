package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The years of a cron expression. AWS: EventBridge guide, "Cron expressions".
const (
	firstYear = 1970
	lastYear  = 2199
)

// cron is a cron expression of six fields.
type cron struct {
	minutes, hours, months, years set
	day                           func(time.Time) bool
}

// set holds the values of a field.
type set map[int]bool

// field describes the values of a field.
type field struct {
	name         string
	lowest, most int
	names        []string // of the values from lowest on
}

func monthField() field {
	return field{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}}
}

func weekdayField() field {
	return field{"day-of-week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}
}

func parseCron(text string) (*cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 6 {
		return nil, fmt.Errorf("a cron expression has 6 fields, not %d", len(parts))
	}
	c := &cron{}
	var err error
	for _, f := range []struct {
		field
		text string
		into *set
	}{
		{field{name: "minutes", most: 59}, parts[0], &c.minutes},
		{field{name: "hours", most: 23}, parts[1], &c.hours},
		{monthField(), parts[3], &c.months},
		{field{name: "year", lowest: firstYear, most: lastYear}, parts[5], &c.years},
	} {
		if *f.into, err = f.parse(f.text); err != nil {
			return nil, err
		}
	}
	c.day, err = parseDay(parts[2], parts[4])
	return c, err
}

// parseDay reads the fields of the day. One of them is a question mark.
func parseDay(month, week string) (func(time.Time) bool, error) {
	switch {
	case (month == "?") == (week == "?"):
		return nil, errors.New("one of day-of-month and day-of-week is ?, and not both")
	case month == "?":
		return weekday(week)
	}
	return monthday(month)
}

// monthday reads day-of-month: L is the last day, and 15W the working day next to the
// 15th.
func monthday(text string) (func(time.Time) bool, error) {
	if text == "L" {
		return func(t time.Time) bool { return t.Day() == lastDay(t) }, nil
	}
	if number, ok := strings.CutSuffix(text, "W"); ok {
		day, err := strconv.Atoi(number)
		if err != nil || day < 1 || day > 31 {
			return nil, fmt.Errorf("day-of-month %q is not valid", text)
		}
		return func(t time.Time) bool { return t.Day() == workingDay(t, day) }, nil
	}
	days, err := field{name: "day-of-month", lowest: 1, most: 31}.parse(text)
	return func(t time.Time) bool { return days[t.Day()] }, err
}

// weekday reads day-of-week: 6L is the last Friday, and 6#3 the third one.
func weekday(text string) (func(time.Time) bool, error) {
	f := weekdayField()
	if name, nth, ok := strings.Cut(text, "#"); ok {
		day, okDay := f.value(name)
		n, err := strconv.Atoi(nth)
		if !okDay || err != nil || n < 1 || n > 5 {
			return nil, fmt.Errorf("day-of-week %q is not valid", text)
		}
		return func(t time.Time) bool { return int(t.Weekday())+1 == day && (t.Day()-1)/7+1 == n }, nil
	}
	if name, ok := strings.CutSuffix(text, "L"); ok && name != "" {
		day, okDay := f.value(name)
		if !okDay {
			return nil, fmt.Errorf("day-of-week %q is not valid", text)
		}
		return func(t time.Time) bool { return int(t.Weekday())+1 == day && t.Day() > lastDay(t)-7 }, nil
	}
	if text == "L" {
		text = "SAT"
	}
	days, err := f.parse(text)
	return func(t time.Time) bool { return days[int(t.Weekday())+1] }, err
}

func lastDay(t time.Time) int { return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// workingDay returns the day from Monday to Friday that is nearest to a day of the
// month of t, in the same month.
func workingDay(t time.Time, day int) int {
	day = min(day, lastDay(t))
	switch time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == lastDay(t) {
			return day - 2
		}
		return day + 1
	}
	return day
}

// value returns a number or a name of the field.
func (f field) value(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.lowest + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.lowest && n <= f.most
}

// parse reads a list of values, ranges and steps.
func (f field) parse(text string) (set, error) {
	out := set{}
	for item := range strings.SplitSeq(text, ",") {
		from, to, step, ok := f.span(item)
		if !ok {
			return nil, fmt.Errorf("%s %q is not valid", f.name, text)
		}
		for n := from; n <= to; n += step {
			out[n] = true
		}
	}
	return out, nil
}

// span reads one item: *, a value, a range, or one of these with a step.
func (f field) span(text string) (from, to, step int, ok bool) {
	body, by, stepped := strings.Cut(text, "/")
	step = 1
	if stepped {
		n, err := strconv.Atoi(by)
		if err != nil || n < 1 {
			return 0, 0, 0, false
		}
		step = n
	}
	if body == "*" {
		return f.lowest, f.most, step, true
	}
	first, last, ranged := strings.Cut(body, "-")
	from, ok = f.value(first)
	to = from
	if ranged && ok {
		to, ok = f.value(last)
	} else if stepped {
		to = f.most
	}
	return from, to, step, ok && from <= to
}

// next returns the first time after t.
func (c *cron) next(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Minute).Add(time.Minute)
	for t.Year() <= lastYear {
		switch {
		case !c.years[t.Year()]:
			t = time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
		case !c.months[int(t.Month())]:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !c.day(t):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !c.hours[t.Hour()]:
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !c.minutes[t.Minute()]:
			t = t.Add(time.Minute)
		default:
			return t, true
		}
	}
	return time.Time{}, false
}
