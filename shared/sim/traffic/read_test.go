package traffic_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/sim/traffic"
)

func TestATraceIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"as it is written":                 "# a minute\nt_s,requests\n0,1\n30,2.5\n60,0\n",
		"from any time on":                 "# a minute\nt_s,requests\n1700000000,1\n1700000030,2.5\n1700000060,0\n",
		"with ends of lines of Windows":    "\uFEFF# a minute\r\nt_s,requests\r\n0,1\r\n30,2.5\r\n60,0",
		"with spaces and empty lines":      "\n#   a  minute \n# of requests\n\nt_s, requests\n 0, 1\n\n30 ,2.5\n60,0\n\n",
		"with comments between the rows":   "# a minute\nt_s,requests\n0,1\n# an outage\n30,2.5\n60,0\n# the end\n",
		"with numbers in any way of Go's":  "# a minute\nt_s,requests\n0,1e0\n+30,25e-1\n060,-0\n",
		"with a comment below the header ": "# a minute\nt_s,requests\n# not what it is about\n0,1\n30,2.5\n60,0\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := traffic.Read("shop", strings.NewReader(text))
			require.NoError(t, err)
			assert.Equal(t, traffic.Trace{Name: "shop", About: "a minute", Step: 30, Requests: []float64{1, 2.5, 0}}, got)
			assert.False(t, math.Signbit(got.Requests[2]), "less than nothing did not arrive")
		})
	}
}

func TestInvalidTracesAreRejectedWithLineAndFix(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                 {"", "shop.csv:1: there is no header: write t_s,requests above the rows"},
		"comments alone":          {"# a\n# b\n", "shop.csv:3: there is no header: write t_s,requests above the rows"},
		"no header":               {"0,1\n60,2\n", `shop.csv:1: expected the header t_s,requests, got "0,1": write it above the rows, and # before comments`},
		"another header":          {"# a\ntime,count\n0,1\n60,2\n", `shop.csv:2: expected the header t_s,requests, got "time,count": write it above the rows, and # before comments`},
		"no rows":                 {"t_s,requests\n", "shop.csv:2: a trace needs two rows or more, because the first two give the length of an interval: add rows"},
		"one row":                 {"t_s,requests\n0,1\n", "shop.csv:3: a trace needs two rows or more, because the first two give the length of an interval: add rows"},
		"one number":              {"t_s,requests\n0,1\n60\n", `shop.csv:3: expected two numbers with a comma between them, such as 60,1250, got "60"`},
		"three numbers":           {"t_s,requests\n0,1\n60,2,3\n", `shop.csv:3: expected two numbers with a comma between them, such as 60,1250, got "60,2,3"`},
		"a time that is none":     {"t_s,requests\n12:00,1\n", `shop.csv:2: t_s is "12:00", expected whole seconds such as 60: write the first second of the interval`},
		"half seconds":            {"t_s,requests\n0,1\n0.5,1\n", `shop.csv:3: t_s is "0.5", expected whole seconds such as 60: write the first second of the interval`},
		"a time before the start": {"t_s,requests\n-60,1\n0,1\n", "shop.csv:2: t_s is -60, expected 0 to 100000000000: write seconds, not milliseconds, from the start or from 1970"},
		"milliseconds":            {"t_s,requests\n1700000000000,1\n", "shop.csv:2: t_s is 1700000000000, expected 0 to 100000000000: write seconds, not milliseconds, from the start or from 1970"},
		"a count that is none":    {"t_s,requests\n0,1\n60,many\n", `shop.csv:3: requests is "many", expected a number such as 1250`},
		"a count in quotes":       {"t_s,requests\n0,\"1\"\n", `shop.csv:2: requests is "\"1\"", expected a number such as 1250`},
		"an empty count":          {"t_s,requests\n0,1\n60,\n", "shop.csv:3: requests is empty: write 0 if nothing arrived, or the mean of the neighbours if the count was lost"},
		"NaN":                     {"t_s,requests\n0,1\n60,NaN\n", `shop.csv:3: requests is "NaN": write 0 if nothing arrived, or the mean of the neighbours if the count was lost`},
		"infinity":                {"t_s,requests\n0,-Inf\n", `shop.csv:2: requests is "-Inf": write 0 if nothing arrived, or the mean of the neighbours if the count was lost`},
		"beyond all numbers":      {"t_s,requests\n0,1e400\n", `shop.csv:2: requests is "1e400": write 0 if nothing arrived, or the mean of the neighbours if the count was lost`},
		"less than nothing":       {"t_s,requests\n0,-3\n", "shop.csv:2: requests is -3, expected a number from 0: write 0 if nothing arrived"},
		"more than can be":        {"t_s,requests\n0,1e13\n", "shop.csv:2: requests is 1e13, expected at most 1e+12: check the column's unit"},
		"a time twice":            {"t_s,requests\n0,1\n60,2\n\n60,3\n", "shop.csv:5: t_s 60 is on line 3 already: add the two counts, or remove one"},
		"not sorted":              {"t_s,requests\n60,1\n0,2\n", "shop.csv:3: t_s 0 comes after 60: sort the rows by t_s"},
		"a gap":                   {"t_s,requests\n0,1\n60,2\n300,3\n", "shop.csv:4: between t_s 60 and 300 rows are missing (3): fill them with 0 if nothing arrived, or with the mean of the neighbours if counts were lost"},
		"other intervals":         {"t_s,requests\n0,1\n60,2\n150,3\n", "shop.csv:4: t_s 150 comes 90 s after the row before, and the first two rows are 60 s apart: sum the counts over intervals of one length"},
		"shorter intervals":       {"t_s,requests\n0,1\n60,2\n61,3\n", "shop.csv:4: t_s 61 comes 1 s after the row before, and the first two rows are 60 s apart: sum the counts over intervals of one length"},
		"days":                    {"t_s,requests\n0,1\n86400,2\n", "shop.csv:3: the first two rows are 86400 s apart, expected at most 3600: longer intervals show no scaling"},
		"a long text":             {"t_s,requests\n0," + strings.Repeat("x", 1000), `shop.csv:2: requests is "` + strings.Repeat("x", 40) + `…", expected a number such as 1250`},
		"a line without an end":   {"t_s,requests\n0,1\n" + strings.Repeat("6", 1<<17), "shop.csv:3: the line is longer than 65536 bytes: a row is two numbers, such as 60,1250"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := traffic.Read("shop.csv", strings.NewReader(c.text))
			require.EqualError(t, err, c.want)
			assert.Zero(t, got)
		})
	}
}

func TestAReadErrorIsReturned(t *testing.T) {
	_, err := traffic.Read("shop.csv", iotest.ErrReader(errors.New("the disk is gone")))
	require.EqualError(t, err, "reading shop.csv: the disk is gone")
}

func TestInvalidTracesAreNotWritten(t *testing.T) {
	for name, c := range map[string]struct {
		trace traffic.Trace
		want  string
	}{
		"no step":         {traffic.Trace{Name: "a", Requests: []float64{1, 2}}, "writing the trace a: an interval lasts 0 s, expected 1 to 3600"},
		"too long a step": {traffic.Trace{Name: "a", Step: 3601, Requests: []float64{1, 2}}, "writing the trace a: an interval lasts 3601 s, expected 1 to 3600"},
		"one interval":    {traffic.Trace{Name: "a", Step: 1, Requests: []float64{1}}, "writing the trace a: it has 1 intervals, expected 2 to 10000000"},
		"NaN":             {traffic.Trace{Name: "a", Step: 1, Requests: []float64{1, math.NaN()}}, "writing the trace a: interval 1 has NaN requests, expected 0 to 1e+12"},
		"a negative one":  {traffic.Trace{Name: "a", Step: 1, Requests: []float64{-1, 1}}, "writing the trace a: interval 0 has -1 requests, expected 0 to 1e+12"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.EqualError(t, traffic.Write(&out, c.trace), c.want)
			assert.Empty(t, out.String())
		})
	}
	err := traffic.Write(full{}, traffic.Trace{Name: "a", Step: 1, Requests: []float64{1, 2}})
	require.EqualError(t, err, "writing the trace a: the disk is full")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func anyTrace(t *rapid.T) traffic.Trace {
	return traffic.Trace{
		Name:     rapid.StringMatching(`[a-z]{1,8}\.csv`).Draw(t, "name"),
		About:    strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-zé#,0-9]{1,6}`), 0, 4).Draw(t, "about"), " "),
		Step:     rapid.IntRange(1, 3600).Draw(t, "step"),
		Requests: rapid.SliceOfN(rapid.Float64Range(0, 1e12), 2, 50).Draw(t, "requests"),
	}
}

func TestReadReturnsWhatWriteWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyTrace(t)
		var out bytes.Buffer
		require.NoError(t, traffic.Write(&out, want))
		got, err := traffic.Read(want.Name, &out)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "#", "t_s,requests", "# a\nt_s,requests\n0,1\n60,2\n120,3\n", "t_s,requests\n0,1\n60,NaN\n", "t_s,requests\n5,1\n4,2\n",
		"t_s,requests\n0,1\n60,2\n180,3\n", "\uFEFFt_s,requests\r\n1,0x1p-2\r\n2,-0\r\n", "t_s,requests\n9223372036854775807,1\n-9223372036854775808,1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		trace, err := traffic.Read("shop.csv", bytes.NewReader(raw))
		if err != nil {
			if text := err.Error(); !strings.HasPrefix(text, "shop.csv:") || strings.ContainsAny(text, "\r\n") {
				t.Fatalf("not a clear line: %q", text)
			}
			return
		}
		var out bytes.Buffer
		if err := traffic.Write(&out, trace); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := traffic.Read("shop.csv", &out)
		if err != nil || !assert.ObjectsAreEqual(trace, again) {
			t.Fatalf("read %+v, and again %+v, %v", trace, again, err)
		}
	})
}

// The public traces are not part of the project. If they are beside it, Read must
// accept them.
func TestPublicTracesAreRead(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/traces/*.csv")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("there are no traces in ../shared/traces")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		trace, err := traffic.Read(filepath.Base(file), bytes.NewReader(raw))
		require.NoError(t, err)
		assert.NotEmpty(t, trace.About, file)
		assert.Greater(t, trace.Seconds(), 3000, file)
	}
}
