package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASchedulesNextTimes(t *testing.T) {
	for _, c := range []struct {
		name, expression, after string
		want                    []string
	}{
		{"a rate counts from its start", "rate(5 minutes)", "2026-01-05T06:07:00Z", []string{"2026-01-05T06:10:00Z", "2026-01-05T06:15:00Z"}},
		{"a rate of one day", "rate(1 day)", "2026-01-05T06:00:00Z", []string{"2026-01-06T06:00:00Z"}},
		{"at is once", "at(2026-01-05T07:30:00)", "2026-01-05T06:00:00Z", []string{"2026-01-05T07:30:00Z"}},
		{"at is past", "at(2026-01-05T05:30:00)", "2026-01-05T06:00:00Z", nil},
		{"every day at ten", "cron(0 10 * * ? *)", "2026-01-05T10:00:00Z", []string{"2026-01-06T10:00:00Z"}},
		{"a list and a step", "cron(15/30 8,20 ? * MON-FRI *)", "2026-01-09T20:20:00Z", []string{"2026-01-09T20:45:00Z", "2026-01-12T08:15:00Z"}},
		{"the last day of a month", "cron(0 0 L * ? *)", "2028-02-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}},
		{"the working day next to a Saturday", "cron(0 0 15W * ? *)", "2026-08-01T00:00:00Z", []string{"2026-08-14T00:00:00Z", "2026-09-15T00:00:00Z"}},
		{"the working day next to a first Saturday", "cron(0 0 1W 8 ? *)", "2026-07-01T00:00:00Z", []string{"2026-08-03T00:00:00Z"}},
		{"the working day next to a last Sunday", "cron(0 0 31W 5 ? *)", "2026-05-01T00:00:00Z", []string{"2026-05-29T00:00:00Z"}},
		{"the third Friday", "cron(0 0 ? * 6#3 *)", "2026-01-01T00:00:00Z", []string{"2026-01-16T00:00:00Z", "2026-02-20T00:00:00Z"}},
		{"the last Friday", "cron(0 0 ? * FRIL *)", "2026-01-01T00:00:00Z", []string{"2026-01-30T00:00:00Z"}},
		{"a year that is over", "cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", nil},
		{"a day that no month has", "cron(0 0 30 2 ? *)", "2026-01-01T00:00:00Z", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse(c.expression)
			require.NoError(t, err)
			start, err := time.Parse(time.RFC3339, "2026-01-05T06:00:00Z")
			require.NoError(t, err)
			at, err := time.Parse(time.RFC3339, c.after)
			require.NoError(t, err)
			for _, want := range c.want {
				var more bool
				at, more = s.Next(start, at)
				require.True(t, more)
				assert.Equal(t, want, at.Format(time.RFC3339))
			}
			if c.want == nil {
				_, more := s.Next(start, at)
				assert.False(t, more)
			}
		})
	}
}

func TestExpressionsThatAWSRefuses(t *testing.T) {
	for _, expression := range []string{
		"", "rate(5 minutes", "every(5 minutes)", "rate(0 minutes)", "rate(1 minutes)", "rate(5 minute)", "rate(5 weeks)", "rate(five minutes)",
		"cron(0 10 * * ?)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)",
		"cron(0 0 * 13 ? *)", "cron(0 0 ? * 8 *)", "cron(0 0 ? * 6#6 *)", "cron(0 0 ? * xL *)", "cron(0 0 32W * ? *)", "cron(5-1 0 * * ? *)",
		"cron(0/0 0 * * ? *)", "at(tomorrow)",
	} {
		_, err := Parse(expression)
		assert.Error(t, err, expression)
	}
}
