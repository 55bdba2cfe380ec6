package recording_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"homeostat/shared/lab/recording"
	"homeostat/shared/sim/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestATraceIsARecordingWithoutFacts(t *testing.T) {
	r, err := recording.Read("web.csv", strings.NewReader("# a week of web\nt_s,requests\n0,10\n60,20\n"))
	require.NoError(t, err)
	assert.Equal(t, recording.Recording{Trace: traffic.Trace{Name: "web.csv", About: "a week of web", Step: 60, Requests: []float64{10, 20}}}, r)
}

func TestFactsAreReadFromComments(t *testing.T) {
	r, err := recording.Read("web.csv", strings.NewReader(`# a week of web
# service: shop/web
# region: eu-central-1
# begin: 2026-11-16T08:00:00Z
# task_rate: 18.5
# task_hours: 1200
# task_cpu: 256
# task_memory: 512
# architecture: ARM64
# note: the last 2 minutes had not arrived
# whatever: else
t_s,requests
0,10
# task_rate: 99 comes too late to count
60,20
`))
	require.NoError(t, err)
	assert.Equal(t, recording.Facts{
		Service: "shop/web", Region: "eu-central-1", Begin: time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC), TaskRate: 18.5, TaskHours: 1200, TaskCPU: 256, TaskMemory: 512, Architecture: "ARM64",
	}, r.Facts)
	assert.Equal(t, []string{"the last 2 minutes had not arrived"}, r.Notes)
}

func TestTheRateOfATaskIsLearnedFromColumns(t *testing.T) {
	var file strings.Builder
	file.WriteString("t_s,requests,cpu,tasks\n")
	for i := range 40 {
		// Two tasks that serve 30 requests/s each. The first periods are idle, and
		// the CPU of some is unknown.
		cpu := []string{"2", "50", "40", ""}[i%4]
		requests := []string{"400", "1800", "1440", "1800"}[i%4]
		file.WriteString(strings.Join([]string{number(i * 60), requests, cpu, "2"}, ",") + "\n")
	}
	r, err := recording.Read("web.csv", strings.NewReader(file.String()))
	require.NoError(t, err)
	assert.InDelta(t, 30, r.TaskRate, 1e-9)
	assert.InDelta(t, 2.0*40/60, r.TaskHours, 1e-9)
	assert.Len(t, r.Requests, 40)
}

func number(n int) string { return strconv.Itoa(n) }

func TestTooFewPeriodsGiveNoTaskRate(t *testing.T) {
	for name, c := range map[string]struct{ requests, cpu, tasks float64 }{
		"idle periods":      {400, 5, 2},
		"saturated periods": {400, 99, 2},
		"no tasks":          {400, 50, 0},
		"no requests":       {0, 50, 2},
		"no CPU":            {400, math.NaN(), 2},
	} {
		t.Run(name, func(t *testing.T) {
			rate, periods := recording.TaskRate(repeat(c.requests), repeat(c.cpu), repeat(c.tasks), 60)
			assert.Zero(t, rate)
			assert.Zero(t, periods)
		})
	}
	rate, periods := recording.TaskRate(repeat(600)[:9], repeat(50), repeat(2), 60)
	assert.Zero(t, rate, "nine periods are too few")
	assert.Equal(t, 9, periods)
}

func repeat(v float64) []float64 {
	out := make([]float64, 30)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestErrorsNameTheLineAndTheFix(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"another header":       {"time,count\n0,1\n", `web.csv:1: expected the header t_s,requests, got "time,count"`},
		"an unknown column":    {"t_s,requests,memory\n", `web.csv:1: there is no column "memory": after t_s,requests come cpu (percent) and tasks, or nothing`},
		"a column twice":       {"t_s,requests,cpu,cpu\n", "web.csv:1: the column cpu stands twice: remove one"},
		"a value too few":      {"t_s,requests,cpu,tasks\n0,1,2\n", "web.csv:2: expected 4 values as the header says, got 3"},
		"CPU that is a word":   {"t_s,requests,cpu\n0,1,high\n", `web.csv:2: cpu is "high", expected a number from 0, or nothing where it is not known`},
		"tasks below zero":     {"t_s,requests,tasks\n0,1,-1\n", `web.csv:2: tasks is "-1", expected a number from 0`},
		"a gap after columns":  {"# c\nt_s,requests,tasks\n0,1,1\n60,1,1\n240,1,1\n", "web.csv:5: between t_s 60 and 240 rows are missing"},
		"a rate of nothing":    {"# task_rate: 0\nt_s,requests\n0,1\n60,1\n", `web.csv:1: task_rate is "0", expected a number above 0: mend the comment, or remove it`},
		"a begin of a word":    {"# begin: Monday\nt_s,requests\n0,1\n60,1\n", `web.csv:1: begin is "Monday", expected a time such as 2026-11-16T00:00:00Z`},
		"a size that is a sea": {"# task_cpu: big\nt_s,requests\n0,1\n60,1\n", `web.csv:1: task_cpu is "big", expected a whole number above 0`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recording.Read("web.csv", strings.NewReader(c.file))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestReadReturnsWhatWriteWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := recording.Recording{
			Trace: traffic.Trace{
				Name: "web.csv", About: rapid.StringMatching(`[a-z]{1,8}( [a-z0-9,]{1,8}){0,3}`).Draw(t, "about"), Step: rapid.IntRange(1, 3600).Draw(t, "step"),
				Requests: rapid.SliceOfN(rapid.Float64Range(0, 1e9), 2, 50).Draw(t, "requests"),
			},
			Facts: recording.Facts{
				Begin:    time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "begin"), 0).UTC(),
				Service:  rapid.SampledFrom([]string{"", "shop/web"}).Draw(t, "service"),
				TaskRate: float64(rapid.IntRange(0, 99999).Draw(t, "rate")) / 10, TaskHours: float64(rapid.IntRange(0, 9999).Draw(t, "hours")),
				TaskCPU: rapid.IntRange(0, 16384).Draw(t, "cpu"), TaskMemory: rapid.IntRange(0, 122880).Draw(t, "memory"),
				Architecture: rapid.SampledFrom([]string{"", "ARM64"}).Draw(t, "architecture"),
			},
			Notes: rapid.SliceOfN(rapid.StringMatching(`[a-z0-9:,]{1,8}( [a-z]{1,8}){0,3}`), 0, 3).Draw(t, "notes"),
		}
		var file strings.Builder
		require.NoError(t, recording.Write(&file, r))
		again, err := recording.Read("web.csv", strings.NewReader(file.String()))
		require.NoError(t, err)
		if len(r.Notes) == 0 {
			r.Notes, again.Notes = nil, nil
		}
		assert.Equal(t, r, again)
	})
}

func FuzzRead(f *testing.F) {
	f.Add("# a\n# task_rate: 3\nt_s,requests,cpu,tasks\n0,1,2,3\n60,1,,\n")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := recording.Read("web.csv", strings.NewReader(file))
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		assert.GreaterOrEqual(t, len(r.Requests), 2)
		assert.False(t, math.IsNaN(r.TaskRate) || r.TaskRate < 0, "a rate is a rate")
		assert.False(t, math.IsNaN(r.TaskHours) || r.TaskHours < 0, "hours are hours")
	})
}
