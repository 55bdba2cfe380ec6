package artefact_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/tests/artefact"
	"homeostat/tests/runtimeapi"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func imageID(digest string) []ecrtypes.ImageIdentifier {
	return []ecrtypes.ImageIdentifier{{ImageDigest: aws.String(digest)}}
}

const notJSON = `{"version": "0", "detail-type": "ECS Task St`

func brokenMessage(t *testing.T, w *world) {
	w.serve(enrolled())
	w.deployBad(15 * time.Second)
	w.until(-27 * time.Minute)
	bodies := w.Take(contract.FunctionHeal)
	require.NotEmpty(t, bodies)
	w.deliver(contract.FunctionHeal, append([]string{notJSON, ""}, bodies...))
	w.decided("rollback")
	dropped := w.logged(contract.FunctionHeal, "dropping an event")
	require.Len(t, dropped, 2)
	assert.NotEmpty(t, dropped[0]["reason"])
}

// nowhere returns an address without a listener.
func nowhere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return "http://" + listener.Addr().String()
}

func (w *world) cutOff(function string) process {
	spec := w.Function(function, w.binaries[function], w.policy)
	spec.Environment["AWS_ENDPOINT_URL"] = nowhere(w.t)
	return w.started(function, spec)
}

// short returns a deadline that soon ends the SDK's retries.
func short() time.Time { return time.Now().Add(2 * time.Second) }

func unreachable(t *testing.T, w *world) {
	foreign := strings.ReplaceAll(string(sample(t, "ecs/task-stopped-oom.json", w.now)), artefact.AccountID, "210987654321")
	batch, err := artefact.Batch(contract.FunctionHeal, notJSON, string(sample(t, "ecs/task-stopped-oom.json", w.now)), foreign)
	require.NoError(t, err)
	answer, err := w.cutOff(contract.FunctionHeal).Invoke(t.Context(), batch, short())
	require.NoError(t, err)
	require.False(t, answer.Failed, "%s", answer.Payload)
	var response events.SQSEventResponse
	require.NoError(t, json.Unmarshal(answer.Payload, &response))
	assert.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: artefact.MessageID(1)}}, response.BatchItemFailures)
	assert.EqualValues(t, 1, w.counted(contract.FunctionHeal, "Retries", "aws-unreachable"))
	assert.EqualValues(t, 1, w.counted(contract.FunctionHeal, "Dropped", "foreign-account"))
	assert.Empty(t, w.functions[contract.FunctionHeal].Stderr())
}

func unreachableDirectly(t *testing.T, w *world) {
	answer, err := w.cutOff(contract.FunctionHeal).Invoke(t.Context(), sample(t, "ecs/task-stopped-oom.json", w.now), short())
	require.NoError(t, err)
	require.True(t, answer.Failed, "%s", answer.Payload)
	var failure struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}
	require.NoError(t, json.Unmarshal(answer.Payload, &failure))
	assert.Contains(t, failure.Message, "shop/")
	assert.NotEmpty(t, failure.Type)
}

// badEnvironments checks that the process ends with one clear line before it
// requests an event.
func badEnvironments(t *testing.T, binaries map[string]string) {
	account, err := artefact.NewAccount(t.Context(), time.Now())
	require.NoError(t, err)
	for _, c := range []struct{ name, variable, value, says string }{
		{"no account", contract.EnvAccount, "", "lacks " + contract.EnvAccount},
		{"no table", contract.EnvTable, "", "lacks " + contract.EnvTable},
		{"no region", "AWS_REGION", "", "lacks AWS_REGION"},
		{"a mode that does not exist", contract.EnvMode, "on", `HOMEOSTAT_MODE is "on"`},
	} {
		for _, function := range contract.Functions() {
			t.Run(function+": "+c.name, func(t *testing.T) {
				spec := account.Function(function, binaries[function], "")
				spec.Environment[c.variable] = c.value
				f, err := runtimeapi.Start(t.Context(), spec)
				require.NoError(t, err)
				defer f.Stop()
				code, err := f.Wait(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 1, code)
				require.Len(t, lines(f.Stderr()), 1, f.Stderr())
				assert.True(t, strings.HasPrefix(f.Stderr(), function+": "), f.Stderr())
				assert.Contains(t, f.Stderr(), c.says)
				assert.Empty(t, f.Stdout())
			})
		}
	}
}
