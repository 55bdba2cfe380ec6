package calendar

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func wall(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNextOccurrences(t *testing.T) {
	// 1 January 2027 is a Friday.
	from := wall("2027-01-01 00:00")
	for name, c := range map[string]struct{ cron, want string }{
		"every minute":                              {"* * * * *", "2027-01-01 00:00, 2027-01-01 00:01, 2027-01-01 00:02"},
		"on weekdays at eight":                      {"0 8 * * MON-FRI", "2027-01-01 08:00, 2027-01-04 08:00, 2027-01-05 08:00"},
		"names in any case":                         {"0 8 * feb mon", "2027-02-01 08:00, 2027-02-08 08:00, 2027-02-15 08:00"},
		"a list and a step":                         {"*/20 7,19 * * *", "2027-01-01 07:00, 2027-01-01 07:20, 2027-01-01 07:40"},
		"a range with a step":                       {"0 8-18/5 * * *", "2027-01-01 08:00, 2027-01-01 13:00, 2027-01-01 18:00"},
		"Sunday as 0":                               {"0 0 * * 0", "2027-01-03 00:00, 2027-01-10 00:00, 2027-01-17 00:00"},
		"Sunday as 7":                               {"0 0 * * 7", "2027-01-03 00:00, 2027-01-10 00:00, 2027-01-17 00:00"},
		"from Friday to Sunday":                     {"0 0 * * FRI-SUN", "2027-01-01 00:00, 2027-01-02 00:00, 2027-01-03 00:00"},
		"every third weekday counts Sunday once":    {"0 0 * * */3", "2027-01-02 00:00, 2027-01-03 00:00, 2027-01-06 00:00"},
		"a day of the month or a weekday":           {"0 0 5 * MON", "2027-01-04 00:00, 2027-01-05 00:00, 2027-01-11 00:00"},
		"every other day, where it is a Monday":     {"0 0 */2 * MON", "2027-01-11 00:00, 2027-01-25 00:00, 2027-02-01 00:00"},
		"the last of months that have one":          {"0 12 31 * *", "2027-01-31 12:00, 2027-03-31 12:00, 2027-05-31 12:00"},
		"a leap day":                                {"0 0 29 2 *", "2028-02-29 00:00, 2032-02-29 00:00, 2036-02-29 00:00"},
		"the last minute of the year":               {"59 23 31 DEC *", "2027-12-31 23:59, 2028-12-31 23:59, 2029-12-31 23:59"},
		"spaces of any width":                       {"  0\t8 1   1 * ", "2027-01-01 08:00, 2028-01-01 08:00, 2029-01-01 08:00"},
		"a quarter of an hour in the right half":    {"30-59/15 0 * * *", "2027-01-01 00:30, 2027-01-01 00:45, 2027-01-02 00:30"},
		"steps that do not divide begin anew":       {"0 */9 * * *", "2027-01-01 00:00, 2027-01-01 09:00, 2027-01-01 18:00"},
		"each weekday by its name":                  {"0 0 * * SUN,MON,TUE,WED,THU,FRI", "2027-01-01 00:00, 2027-01-03 00:00, 2027-01-04 00:00"},
		"on Thursday":                               {"0 0 * * THU", "2027-01-07 00:00, 2027-01-14 00:00, 2027-01-21 00:00"},
		"a week that ends on Sunday has seven days": {"0 0 * * TUE-SUN/3", "2027-01-01 00:00, 2027-01-05 00:00, 2027-01-08 00:00"},
		"Sunday alone as a range":                   {"0 0 * * SUN-0", "2027-01-03 00:00, 2027-01-10 00:00, 2027-01-17 00:00"},
		"a list of months, ranges and steps in one": {"0 0 1 1,3-4,10-12/2 *", "2027-01-01 00:00, 2027-03-01 00:00, 2027-04-01 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			cron, err := ParseCron(c.cron)
			require.NoError(t, err)
			var got []string
			for at := from; len(got) < 3; at = at.Add(time.Minute) {
				next, ok := cron.next(at)
				require.True(t, ok)
				got = append(got, next.Format("2006-01-02 15:04"))
				at = next
			}
			assert.Equal(t, c.want, strings.Join(got, ", "))
		})
	}
}

func TestParseCronRefuses(t *testing.T) {
	for name, c := range map[string]struct{ cron, want string }{
		"nothing":                     {"", `"" has 0 fields, expected five`},
		"the six fields of AWS":       {"0 8 ? * MON-FRI *", "has 6 fields, expected five"},
		"a word for a day":            {"@daily", "has 1 fields, expected five"},
		"a question mark":             {"0 8 ? * MON", `the day of the month is "?", expected 1 to 31, *`},
		"the last day":                {"0 8 L * *", `the day of the month is "L"`},
		"a minute too many":           {"60 8 * * *", `the minute is "60", expected 0 to 59, *`},
		"the hour 24":                 {"0 24 * * *", `the hour is "24", expected 0 to 23`},
		"a month without number":      {"0 0 1 0 *", `the month is "0", expected 1 to 12 or JAN to DEC`},
		"a weekday too many":          {"0 0 * * 8", `the day of the week is "8", expected 0 to 7 or SUN to SAT`},
		"a long name":                 {"0 0 * * MONDAY", `the day of the week is "MONDAY"`},
		"a sign":                      {"+5 0 * * *", `the minute is "+5"`},
		"a range that runs back":      {"0 22-6 * * *", `the hour "22-6" runs backwards, write its values as a list`},
		"weekdays over a weekend":     {"0 0 * * SAT-MON", `"SAT-MON" runs backwards`},
		"a step of nothing":           {"*/0 * * * *", `the minute "*/0" has the step "0", expected 1 to 59`},
		"a step without a range":      {"5/15 * * * *", `the minute "5/15" has a step without a range, write 5-59/15`},
		"a step that is none":         {"*/ * * * *", `the minute "*/" has the step ""`},
		"a step as long as its range": {"7-8/2 * * * *", "step (2) must be less than range size (2)"},
		"an hour of a hash":           {"0 H * * *", `the hour is "H"`},
		"the third Friday":            {"0 0 * * FRI#3", `the day of the week is "FRI#3"`},
		"the nearest weekday":         {"0 0 15W * *", `the day of the month is "15W"`},
		"a star with an end":          {"*-5 0 * * *", `the minute is "*"`},
		"two steps":                   {"*/5/5 0 * * *", `the minute "*/5/5" has the step "5/5"`},
		"two hyphens":                 {"1-2-3 0 * * *", `the minute is "2-3"`},
		"a zone of its own":           {"CRON_TZ=UTC 0 8 * *", `the minute is "CRON_TZ=UTC"`},
		"another zone of its own":     {"TZ=Asia/Tokyo 0 8 * *", `the minute "TZ=Asia/Tokyo" has the step "Tokyo"`},
		"an interval":                 {"@every 1h 0 0 0", `the minute is "@every"`},
		"an empty place in a list":    {"1,,2 * * * *", `the minute is ""`},
		"a day that no month has":     {"0 0 30 FEB *", "never occurs: no such month has that day"},
		"a day that few months have":  {"0 0 31 4,6,9,11 *", "never occurs"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseCron(c.cron)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// anyCron draws expressions of every kind, most of them frequent.
func anyCron(t *rapid.T) Cron {
	text := strings.Join([]string{
		rapid.SampledFrom([]string{"*", "0", "59", "*/7", "10-20/3", "0,30", "1,2,58"}).Draw(t, "minute"),
		rapid.SampledFrom([]string{"*", "0", "23", "1-3", "2", "*/5", "0,2,22"}).Draw(t, "hour"),
		rapid.SampledFrom([]string{"*", "*", "1", "31", "29", "*/2", "10-20"}).Draw(t, "day"),
		rapid.SampledFrom([]string{"*", "*", "MAR", "10-11", "2", "*/3"}).Draw(t, "month"),
		rapid.SampledFrom([]string{"*", "*", "SUN", "MON-FRI", "SAT,SUN", "*/2", "6-7"}).Draw(t, "weekday"),
	}, " ")
	cron, err := ParseCron(text)
	if err != nil {
		t.Skip("a day that the month does not have")
	}
	return cron
}

// matches reports whether a minute is an occurrence, by definition.
func (c Cron) matches(at time.Time) bool {
	s := c.schedule
	number, weekday := s.Dom>>at.Day()&1 == 1, s.Dow>>int(at.Weekday())&1 == 1
	day := number && weekday
	if s.DowOrDom {
		day = number || weekday
	}
	return s.Minute>>at.Minute()&1 == 1 && s.Hour>>at.Hour()&1 == 1 && s.Month>>int(at.Month())&1 == 1 && day
}

func TestNextAndPreviousMatchASearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cron := anyCron(t)
		at := wall("2027-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 2*365*24*60).Draw(t, "minute")) * time.Minute)
		const days = 4 * 24 * 60
		next, ok := cron.next(at)
		assert.True(t, ok)
		assert.True(t, cron.matches(next))
		assert.False(t, next.Before(at))
		for minute := at; minute.Before(next) && minute.Sub(at) < days*time.Minute; minute = minute.Add(time.Minute) {
			assert.False(t, cron.matches(minute), "%s comes before", minute)
		}
		previous, ok := cron.previous(at, at.Add(-days*time.Minute))
		minute := at
		for !cron.matches(minute) && !minute.Before(at.Add(-days*time.Minute)) {
			minute = minute.Add(-time.Minute)
		}
		assert.Equal(t, !minute.Before(at.Add(-days*time.Minute)), ok)
		if ok {
			assert.Equal(t, minute, previous)
		}
	})
}

// TestParseCronReadsWrittenValues draws values and a notation for them.
func TestParseCronReadsWrittenValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words, sets := make([]string, 5), make([]uint64, 5)
		for i, f := range fields() {
			least := [...]int{0, 0, 1, 1, 0}[i]
			for part := range rapid.IntRange(1, 3).Draw(t, "parts") {
				from := rapid.IntRange(least, f.most).Draw(t, "from")
				to := rapid.IntRange(from, f.most).Draw(t, "to")
				if from == 0 && to == 7 {
					to = 6 // 0-SUN is Sunday alone
				}
				text, step := written(t, f, from), 1
				if to > from {
					text += "-" + written(t, f, to)
					if step = rapid.IntRange(1, to-from).Draw(t, "step"); step > 1 || rapid.Bool().Draw(t, "said") {
						text += "/" + strconv.Itoa(step)
					}
				}
				for value := from; value <= to; value += step {
					sets[i] |= 1 << value
				}
				words[i] += strings.Repeat(",", min(part, 1)) + text
			}
		}
		sets[4] = sets[4]&0x7f | sets[4]>>7
		cron, err := ParseCron(strings.Join(words, " "))
		if err != nil {
			require.ErrorContains(t, err, "never occurs")
			return
		}
		for i, f := range fields() {
			assert.Equal(t, sets[i], f.bits(cron.schedule), "%s of %s", f.name, words)
		}
	})
}

// written returns a value as its number or its name.
func written(t *rapid.T, f field, value int) string {
	names := map[string][]string{
		"month":           strings.Fields("- JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
		"day of the week": strings.Fields("SUN MON TUE WED THU FRI SAT sun"),
	}[f.name]
	if names != nil && rapid.Bool().Draw(t, "by name") {
		return names[value]
	}
	return strconv.Itoa(value)
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"0 8 * * MON-FRI", "*/5 1-3/2 1,31 JAN 0-7", "0 0 29 2 *", "a b c d e", "-1 0 * * *", "99999999999999999999 * * * *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cron, err := ParseCron(text)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Fatal("an error without a message")
			}
			return
		}
		at, ok := cron.next(wall("2027-01-01 00:00"))
		if !ok || !cron.matches(at) {
			t.Fatalf("%q occurs at %s, %t", text, at, ok)
		}
	})
}
