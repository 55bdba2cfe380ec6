package golden_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
	"homeostat/shared/ops/cli"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byKind returns the sample files of each trigger kind with a finder of its service.
func byKind(t *testing.T) map[fleet.TriggerKind][]string {
	t.Helper()
	out := map[fleet.TriggerKind][]string{}
	for _, file := range samples(t) {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, o := range decode.Events(raw) {
			if kind := o.Trigger.Kind; o.Err == nil && route.Of(kind).Find != route.Discarded && !slices.Contains(out[kind], file) {
				out[kind] = append(out[kind], file)
			}
		}
	}
	return out
}

// reactTo runs react on a sample, against the account of its services.
func reactTo(t *testing.T, file string, more ...string) (code int, out, errs string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	sim, _, tag := accountFor(t, decode.Events(raw))
	rules := filepath.Join(t.TempDir(), "homeostat.yaml")
	require.NoError(t, os.WriteFile(rules, policyFor(tag), 0o600))
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	event := filepath.Join(t.TempDir(), filepath.Base(file))
	require.NoError(t, os.WriteFile(event, resident(t, sim, raw), 0o600))
	args := append([]string{"react", "--endpoint", server.URL, "--now", "event", "--policy", rules, event}, more...)
	var stdout, stderr strings.Builder
	code = cli.Main(args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// Without --table, the memory of react lasts for the call only. No kind of event may
// need a table.
func TestReactHandlesEveryKindOfEventWithoutATable(t *testing.T) {
	kinds := byKind(t)
	require.Greater(t, len(kinds), 12)
	for kind, files := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			ended := false
			for _, file := range files {
				code, out, errs := reactTo(t, file)
				assert.Zero(t, code, "%s: %s\n%s", file, out, errs)
				assert.NotContains(t, errs, "giving an event up", file)
				ended = ended || strings.Contains(out, " "+string(kind))
			}
			if find := route.Of(kind).Find; find != route.BySweep {
				assert.True(t, ended, "no sample ends in an episode")
			}
		})
	}
}

func TestReactSaysThatAnEventWasGivenUp(t *testing.T) {
	file := byKind(t)[fleet.TaskStopped][0]
	code, out, errs := reactTo(t, file, "--table", "none")
	assert.Equal(t, 3, code)
	assert.Contains(t, errs, filepath.Base(file)+": the event was given up: ")
	assert.NotContains(t, out, "not enrolled")
}
