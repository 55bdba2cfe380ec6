//go:build rie

package artefact_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/tests/artefact"
	"homeostat/tests/runtimeapi"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnderTheEmulatorOfAWS runs the output of `make build` under AWS's Runtime
// Interface Emulator, built by `make rie`. It runs the same tests as under our
// own Runtime API, and then compares the answers of both.
func TestUnderTheEmulatorOfAWS(t *testing.T) {
	emulator, err := filepath.Abs("../../.tools/aws-lambda-rie")
	require.NoError(t, err)
	require.FileExists(t, emulator, "make rie builds it")
	binaries := map[string]string{}
	for _, function := range contract.Functions() {
		binaries[function], err = filepath.Abs(filepath.Join("../../dist/local", function, artefact.Binary))
		require.NoError(t, err)
		require.FileExists(t, binaries[function], "make build builds it")
	}
	theirs := func(ctx context.Context, spec runtimeapi.Spec) (process, error) {
		return runtimeapi.StartEmulated(ctx, emulator, spec)
	}
	for _, c := range behaviours() {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, binaries, theirs)) })
	}
	t.Run("each answer is that under our own Runtime API", func(t *testing.T) {
		sameAnswers(t, newWorld(t, binaries, ours), newWorld(t, binaries, theirs))
	})
	t.Run("a function that cannot start is an error of both", func(t *testing.T) {
		for says, start := range map[string]starter{"exit status 1": ours, "502 Bad Gateway": theirs} {
			w := newWorld(t, binaries, start)
			spec := w.Function(contract.FunctionHeal, binaries[contract.FunctionHeal], "")
			spec.Environment[contract.EnvTable] = ""
			f, err := start(t.Context(), spec)
			require.NoError(t, err)
			_, err = f.Invoke(t.Context(), []byte("{}"), time.Now().Add(lambdaTimeout))
			assert.ErrorContains(t, err, says)
			f.Stop()
		}
	})
}

// sameAnswers sends both worlds the same events, alone and in batches.
func sameAnswers(t *testing.T, one, other *world) {
	names, err := filepath.Glob(filepath.Join(samples, "*", "*.json"))
	require.NoError(t, err)
	require.Greater(t, len(names), 90, "samples")
	now := one.now
	payloads := [][]byte{[]byte(notJSON), []byte("{}"), []byte("[]"), []byte(`{"source":"x","source":"y"}`)}
	for _, name := range names {
		relative, err := filepath.Rel(samples, name)
		require.NoError(t, err)
		event := sample(t, relative, now)
		batch, err := artefact.Batch(contract.FunctionHeal, string(event), notJSON)
		require.NoError(t, err)
		payloads = append(payloads, event, batch)
	}
	for _, w := range []*world{one, other} {
		w.serve(enrolled())
		w.until(0)
	}
	for _, function := range contract.Functions() {
		for _, payload := range payloads {
			a, b := one.invoke(function, payload), other.invoke(function, payload)
			assert.Equal(t, string(a.Payload), strings.ReplaceAll(string(b.Payload), other.URL, one.URL), "%s of %.200s", function, payload)
			assert.Equal(t, a.Failed, b.Failed, "%s of %.200s", function, payload)
		}
	}
}
