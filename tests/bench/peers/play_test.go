package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// The flags of TestPlay; see the package comment.
var (
	jobFile = flag.String("job", "", "file of the job to play, as JSON")
	outFile = flag.String("out", "", "file to write the outcomes to, one JSON object a line")
)

// TestPlay is the program: it plays a job and writes one outcome per line. It is a
// test because testing/synctest provides a virtual clock to tests only.
func TestPlay(t *testing.T) {
	if *jobFile == "" {
		t.Skip("no -job is given")
	}
	// A run creates much garbage and little that stays.
	debug.SetGCPercent(400)
	require.NoError(t, playFile(t, *jobFile, *outFile))
}

func playFile(t *testing.T, jobFile, outFile string) (err error) {
	raw, err := os.ReadFile(jobFile)
	if err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	var job scaling.Job
	if err := json.Unmarshal(raw, &job); err != nil {
		return fmt.Errorf("reading the job %s: %w", jobFile, err)
	}
	out, err := os.Create(outFile)
	if err != nil {
		return fmt.Errorf("writing the outcomes (-out): %w", err)
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	return playJob(t, job, out)
}

func playJob(t *testing.T, job scaling.Job, to io.Writer) error {
	table := Policies(bubble(t))
	if err := errors.Join(job.Check(), known(job.Entries, table)); err != nil {
		return err
	}
	lines := bufio.NewWriter(to)
	encoder := json.NewEncoder(lines)
	err := scaling.Play(context.Background(), job, table, func(s scaling.Sample) error {
		if err := encoder.Encode(s); err != nil {
			return err
		}
		// The reader of the file then sees the progress.
		return lines.Flush()
	})
	if err != nil {
		return fmt.Errorf("playing the job: %w", err)
	}
	return lines.Flush()
}

// known returns an error for a setting that a policy of this package does not have.
// It ignores policies of other packages.
func known(entries []scaling.Entry, table []scaling.Policy) error {
	for _, e := range entries {
		for _, c := range table {
			if c.Name == e.Policy && !slices.ContainsFunc(c.Settings, func(s scaling.Setting) bool { return s.Name == e.Setting }) {
				return fmt.Errorf("%s has no setting %q; write it like %q", e.Policy, e.Setting, c.Settings[0].Name)
			}
		}
	}
	return nil
}

// bubble returns a function that runs code on a virtual clock.
func bubble(t *testing.T) func(run func()) {
	return func(run func()) { synctest.Test(t, func(*testing.T) { run() }) }
}

func noisy(hours int) traffic.Trace {
	t := traffic.Trace{Name: "noisy", Step: 60}
	for i := range 60 * hours {
		t.Requests = append(t.Requests, 60*100*(1.2+math.Sin(float64(i)/20)))
	}
	return t
}

// The outcomes must not depend on the processors or the wall clock.
func TestTheSameJobHasTheSameOutcomes(t *testing.T) {
	hours := 12
	if testing.Short() {
		hours = 2
	}
	job := scaling.Job{Traces: []traffic.Trace{noisy(hours)}, Service: workload.Standard(), Seeds: []uint64{1, 2}, Half: scaling.Second, Defaults: true}
	played := func(processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var out strings.Builder
		require.NoError(t, playJob(t, job, &out))
		return out.String()
	}
	one := played(1)
	lines := strings.Split(strings.TrimSpace(one), "\n")
	require.Len(t, lines, 6*2)
	assert.Equal(t, one, played(4))
	for i := 0; i < len(lines); i += 2 {
		var first, second scaling.Sample
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &first))
		require.NoError(t, json.Unmarshal([]byte(lines[i+1]), &second))
		assert.Equal(t, first.Policy, second.Policy)
		assert.NotEqual(t, first.Run, second.Run, "%s: another seed is another run", first.Policy)
		assert.Positive(t, first.Run.Actions, first.Policy)
		assert.Equal(t, float64(hours)/2, first.Run.Hours)
	}
}

func TestAJobFileIsPlayed(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "job.json"), filepath.Join(dir, "out.jsonl")
	write := func(job scaling.Job) {
		raw, err := json.Marshal(job)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(in, raw, 0o600))
	}
	job := scaling.Job{
		Traces: []traffic.Trace{noisy(1)}, Service: workload.Standard(), Seeds: []uint64{7}, Half: scaling.First,
		Entries: []scaling.Entry{{Policy: KEDA, Setting: "target=50 window=60s down=120s"}},
	}
	write(job)
	require.NoError(t, playFile(t, in, out))
	raw, err := os.ReadFile(out)
	require.NoError(t, err)
	var sample scaling.Sample
	require.NoError(t, json.Unmarshal(raw, &sample))
	assert.Equal(t, scaling.Sample{Trace: "noisy", Entry: job.Entries[0], Seed: 7, Run: sample.Run, Tuned: true}, sample)
	assert.Positive(t, sample.Run.TaskHours)

	job.Entries[0].Setting = "target=51"
	write(job)
	assert.ErrorContains(t, playFile(t, in, out), `keda has no setting "target=51"; write it like "target=70 window=120s down=300s"`)
	job.Seeds = nil
	write(job)
	assert.ErrorContains(t, playFile(t, in, out), "no seeds")
	require.NoError(t, os.WriteFile(in, []byte("{"), 0o600))
	assert.ErrorContains(t, playFile(t, in, out), "reading the job "+in)
	assert.ErrorContains(t, playFile(t, filepath.Join(dir, "gone"), out), "reading the job")
}
