package artefact_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/app"
	"homeostat/tests/artefact"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samples is the folder of the sample events, from this package.
const samples = "../../events"

func ticksQuietly(t *testing.T, w *world) {
	w.serve(enrolled())
	w.until(0)
	tick := sample(t, "scheduler/tick.json", w.now)
	answer := w.invoke(contract.FunctionSweep, tick)
	assert.False(t, answer.Failed, "%s", answer.Payload)
	assert.Equal(t, "null", string(answer.Payload))
	w.deliver(contract.FunctionSweep, []string{string(tick)})
	w.assertUntouched()
	// Every third sweep compares watched tags, so at most one evaluation is
	// expected.
	for _, e := range w.episodes() {
		assert.Equal(t, fleet.DoNothing, e.Decision.Kind, "a service at rest is left alone")
	}
	assert.EqualValues(t, 2, w.counted(contract.FunctionSweep, "Events", string(fleet.Tick)))
}

// samplesTouchNothing sends every sample to every function, with its own time and
// with the current time. An event is a hint, and the service is healthy.
func samplesTouchNothing(t *testing.T, w *world) {
	w.serve(enrolled())
	w.until(0)
	n := 0
	err := filepath.WalkDir(samples, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(samples, path)
		require.NoError(t, err)
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		n++
		for _, function := range contract.Functions() {
			for _, payload := range [][]byte{raw, sample(t, name, w.now)} {
				answer := w.invoke(function, payload)
				assert.False(t, answer.Failed, "%s of %s: %s", function, name, answer.Payload)
				assert.Contains(t, []string{"null", `{"batchItemFailures":[]}`}, string(answer.Payload), "%s of %s", function, name)
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, n, 90, "samples")
	w.assertUntouched()
	for _, e := range w.episodes() {
		assert.Nil(t, e.Decision.Action, "%s of %s", e.Decision.Kind, e.Trigger.Kind)
	}
}

// sample returns a file of events/ with the current times, and with the account
// and region of the test.
func sample(t *testing.T, name string, now time.Time) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(samples, name))
	require.NoError(t, err)
	moved := strings.NewReplacer(
		"2026-11-02T08:15:30Z", now.UTC().Format(time.RFC3339), "2026-11-02T08:15:00Z", now.UTC().Format(time.RFC3339),
		"2026-11-02T08:", now.Add(-time.Hour).UTC().Format("2006-01-02T15:"),
		"2026-11-02T07:", now.Add(-2*time.Hour).UTC().Format("2006-01-02T15:"),
	).Replace(string(raw))
	require.True(t, json.Valid([]byte(moved)), name)
	return []byte(moved)
}

func notEnrolled(t *testing.T, w *world) {
	w.serve(nil)
	w.deployBad(15 * time.Second)
	w.until(0)
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))
	w.assertUntouched()
	assert.Empty(t, w.episodes())
	assert.Positive(t, w.counted(contract.FunctionHeal, "Dropped", "not-enrolled"))
}

func cappedMode(t *testing.T, w *world) {
	w.serve(enrolled())
	w.deployBad(15 * time.Second)
	w.until(-27 * time.Minute)
	spec := w.Function(contract.FunctionHeal, w.binaries[contract.FunctionHeal], w.policy)
	spec.Environment[contract.EnvMode] = "observe"
	w.started(contract.FunctionHeal, spec)
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))
	w.assertUntouched()
	found := false
	for _, e := range w.episodes() {
		found = found || e.Decision.Kind == fleet.RollBack && e.Verdict.Outcome == fleet.Observe
	}
	assert.True(t, found, "the rollback is recorded as what would have been done")
}

func brokenPolicy(t *testing.T, w *world) {
	w.serve(enrolled())
	w.deployBad(15 * time.Second)
	w.until(-27 * time.Minute)
	w.policy = w.file(strings.Replace(w.compiled(actPolicy), `"act"`, `"akt"`, 1))
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))
	w.assertUntouched()
	episodes := w.episodes()
	require.NotEmpty(t, episodes)
	for _, e := range episodes {
		assert.Equal(t, fleet.Notify, e.Decision.Kind)
	}
	records := w.logged(contract.FunctionHeal, "the policy cannot be read, so no action will be taken")
	require.Len(t, records, 1)
	assert.Contains(t, records[0]["error"], "mode")
}

// retag moves the watched tag to an existing image, as a push of the same image
// under another name does.
func (w *world) retag(digest string) {
	w.t.Helper()
	cfg := app.Config(func(string) string { return artefact.Region })
	cfg.HTTPClient, cfg.BaseEndpoint = w.Sim.Client(), aws.String("http://ecssim.internal")
	client := ecr.NewFromConfig(cfg)
	manifest := w.manifest(client, digest)
	_, err := client.PutImage(w.t.Context(), &ecr.PutImageInput{
		RepositoryName: aws.String(repository), ImageManifest: aws.String(manifest), ImageTag: aws.String(tag),
	})
	require.NoError(w.t, err)
}

func (w *world) manifest(client *ecr.Client, digest string) string {
	w.t.Helper()
	out, err := client.BatchGetImage(context.Background(), &ecr.BatchGetImageInput{
		RepositoryName: aws.String(repository), ImageIds: imageID(digest),
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.Images, 1)
	return aws.ToString(out.Images[0].ImageManifest)
}
