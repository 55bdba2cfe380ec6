package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenLines = "testdata/decode.golden.jsonl"

// linesOf decodes one file as the verb does.
func linesOf(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../..", file))
	require.NoError(t, err)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, o := range decode.Events(raw) {
		if o.Err != nil {
			require.NoError(t, encoder.Encode(decodeError{File: file, Error: o.Err.Error(), Record: o.Trigger.Record}))
			continue
		}
		require.NoError(t, encoder.Encode(newDecodeLine(file, o.Trigger, cause.Of(o.Trigger))))
	}
	return out.Bytes()
}

func sampleFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../events/*/*.json")
	require.NoError(t, err)
	for i := range files {
		files[i], err = filepath.Rel("../../..", files[i])
		require.NoError(t, err)
	}
	return files
}

func TestEverySampleEventGivesItsGoldenLines(t *testing.T) {
	var got bytes.Buffer
	for _, file := range sampleFiles(t) {
		got.Write(linesOf(t, file))
	}
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(goldenLines, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(goldenLines)
	require.NoError(t, err)
	wantLines, gotLines := bytes.Split(want, []byte("\n")), bytes.Split(got.Bytes(), []byte("\n"))
	require.Len(t, gotLines, len(wantLines))
	for i := range wantLines {
		assert.Equal(t, string(wantLines[i]), string(gotLines[i]))
	}
}

func TestTheSamplesCoverEveryTriggerAndEveryCause(t *testing.T) {
	triggers, causes, partitions := map[fleet.TriggerKind]bool{}, map[fleet.Cause]bool{}, map[string]bool{}
	files := sampleFiles(t)
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join("../../..", file))
		require.NoError(t, err)
		for _, o := range decode.Events(raw) {
			triggers[o.Trigger.Kind] = true
			partitions[o.Trigger.Partition] = true
			causes[cause.Of(o.Trigger).Cause] = true
		}
	}
	assert.GreaterOrEqual(t, len(files), 60)
	for _, c := range fleet.Causes() {
		assert.True(t, causes[c], "no sample for the cause %s", c)
	}
	for _, kind := range []fleet.TriggerKind{
		fleet.TaskStopped, fleet.TaskStopping, fleet.TaskRunning, fleet.DeploymentStarted, fleet.DeploymentCompleted,
		fleet.DeploymentFailed, fleet.HookWaiting, fleet.ServiceAction, fleet.AlarmChanged, fleet.ImagePush, fleet.ImageReplicated,
		fleet.ImageScan, fleet.SpotWarning, fleet.TaskRetirement, fleet.HealthIssue, fleet.DaemonChanged, fleet.ScaledToMax, fleet.Tick, fleet.Ignored,
	} {
		assert.True(t, triggers[kind], "no sample for the trigger %s", kind)
	}
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		assert.True(t, partitions[partition], "no sample for the partition %s", partition)
	}
}

func TestADecodeLine(t *testing.T) {
	record := 2
	cases := []struct {
		name string
		line any
		want string
	}{
		{
			"has its keys in the order of the design",
			newDecodeLine("f", fleet.Trigger{
				Kind: fleet.TaskStopped, ID: "unseen", Account: "a", Region: "r", Cluster: "c", Service: "s", Deployment: "d",
				TaskDefinition: "t:1", Task: "k", Image: fleet.Image{Registry: "unseen", Repository: "i", Tag: "1", Digest: "sha256:0"},
				Alarm: fleet.Alarm{Name: "n", State: "ALARM", Previous: "OK", Metric: "unseen"}, Reason: "why", Record: &record,
			}, cause.Finding{Cause: fleet.Killed, Family: fleet.FamilyRuntime, Why: "unseen", Row: "unseen"}),
			`{"file":"f","trigger":"task-stopped","account":"a","region":"r","cluster":"c","service":"s","deployment":"d","task_definition":"t:1","task":"k",` +
				`"cause":"killed","family":"runtime","image":{"repository":"i","tag":"1","digest":"sha256:0"},"alarm":{"name":"n","state":"ALARM","previous":"OK"},"reason":"why","record":2}`,
		},
		{"leaves out what does not apply", newDecodeLine("f", fleet.Trigger{Kind: fleet.Tick}, cause.Finding{}), `{"file":"f","trigger":"tick"}`},
		{
			"leaves out the parts of an image that are not known",
			newDecodeLine("f", fleet.Trigger{Kind: fleet.ImagePush, Image: fleet.Image{Repository: "i"}}, cause.Finding{}),
			`{"file":"f","trigger":"image-push","image":{"repository":"i"}}`,
		},
		{"of an error has the file and the error alone", decodeError{File: "f", Error: "reading it"}, `{"file":"f","error":"reading it"}`},
		{"of a broken record counts it", decodeError{File: "f", Error: "reading it", Record: &record}, `{"file":"f","error":"reading it","record":2}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := json.Marshal(c.line)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
		})
	}
}
