package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/rehearse"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served returns a stage of the built-in fleet with a stopped clock, behind a socket.
func served(t *testing.T) (st *rehearse.Stage, url string, client *ecs.Client) {
	t.Helper()
	scenario, err := rehearse.Parse("story/fleet.yaml", fleetStory)
	require.NoError(t, err)
	st, err = rehearse.NewStage(scenario, rehearse.Options{Seed: 1, Installed: true}, 0)
	require.NoError(t, err)
	server := httptest.NewServer(st)
	t.Cleanup(server.Close)
	return st, server.URL, ecs.NewFromConfig(sdk.Config(http.DefaultClient, server.URL))
}

// clock calls the clock of a stage.
func clock(t *testing.T, method, url string) (code int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, strings.TrimSpace(string(text))
}

func TestAServedFleetIsQueriedAndItsClockIsMoved(t *testing.T) {
	st, url, client := served(t)
	services, err := client.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("shop")})
	require.NoError(t, err)
	assert.Len(t, services.ServiceArns, 3)

	code, body := clock(t, http.MethodGet, url+"/_homeostat/now")
	assert.Equal(t, http.StatusOK, code)
	assert.JSONEq(t, `{"now":"2026-01-05T06:00:00Z","speed":0,"paused":true}`, body)
	_, body = clock(t, http.MethodPost, url+"/_homeostat/advance?d=3h")
	assert.JSONEq(t, `{"now":"2026-01-05T09:00:00Z","speed":0,"paused":true}`, body)
	web, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}})
	require.NoError(t, err)
	assert.Greater(t, web.Services[0].DesiredCount, int32(2), "Homeostat follows the load")

	for _, path := range []string{"/_homeostat/pause", "/_homeostat/resume"} {
		code, _ = clock(t, http.MethodPost, url+path)
		assert.Equal(t, http.StatusOK, code)
	}
	assert.Equal(t, 9, st.Now().Hour())
}

func TestAResetBeginsAnewOrEmpty(t *testing.T) {
	_, url, client := served(t)
	_, _ = clock(t, http.MethodPost, url+"/_homeostat/advance?d=1h")
	_, body := clock(t, http.MethodPost, url+"/_homeostat/reset?empty=true")
	assert.Contains(t, body, `"now":"2026-01-05T06:00:00Z"`)
	clusters, err := client.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.NoError(t, err)
	assert.Empty(t, clusters.ClusterArns)
	tables, err := dynamodb.NewFromConfig(sdk.Config(http.DefaultClient, url)).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, tables.TableNames)
	_, _ = clock(t, http.MethodPost, url+"/_homeostat/reset")
	clusters, err = client.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.NoError(t, err)
	assert.Len(t, clusters.ClusterArns, 1)
}

func TestWrongRequestsToTheClockNameTheRightOnes(t *testing.T) {
	_, url, _ := served(t)
	for request, want := range map[string]string{
		"POST /_homeostat/advance":        `d is "", expected a duration such as 2m`,
		"POST /_homeostat/advance?d=-1s":  `d is "-1s", expected a duration such as 2m`,
		"POST /_homeostat/advance?d=900h": "at most 744h0m0s",
		"POST /_homeostat/reset?empty=no": `empty is "no", expected true or false`,
		"GET /_homeostat/then":            "GET /_homeostat/then is unknown, expected GET now",
		"GET /_homeostat/pause":           "GET /_homeostat/pause is unknown",
	} {
		method, path, _ := strings.Cut(request, " ")
		code, body := clock(t, method, url+path)
		assert.GreaterOrEqual(t, code, 400, request)
		assert.Contains(t, body, want, request)
	}
}

// The operator commands work against a served account as against AWS, by the exports
// alone and in the account's own time.
func TestTheOperatorCommandsWorkAgainstAServedAccount(t *testing.T) {
	_, url, _ := served(t)
	_, _ = clock(t, http.MethodPost, url+"/_homeostat/advance?d=3h")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "ecssim", "AWS_SECRET_ACCESS_KEY": "ecssim", "AWS_REGION": "eu-central-1",
	} {
		t.Setenv(name, value)
	}
	for _, c := range []struct{ command, want string }{
		{"doctor", "the endpoint has a time of its own, and it is used"},
		{"status", "shop/web: act (tag homeostat:mode)"},
		{"history --since 4h", "demand-above-count"},
		{"explain shop/web", "heal.rollback"},
		{"quarantine", "no image is in quarantine"},
		{"freeze shop/web --why drill --for 1h", "until 2026-01-05T10:00:00Z by arn:aws:iam::123456789012:root, because drill"},
		{"status shop/web", "frozen: service:shop/web until 2026-01-05T10:00:00Z"},
		{"unfreeze shop/web", "service:shop/web is unfrozen"},
	} {
		var out, errs strings.Builder
		code := Run(t.Context(), strings.Fields(c.command), strings.NewReader(""), &out, &errs)
		assert.Zero(t, code, "%s: %s%s", c.command, out.String(), errs.String())
		assert.Contains(t, out.String(), c.want, c.command)
		assert.NotContains(t, out.String(), "broken", c.command)
	}
}

// The verb announces its URL in the first line, serves, and ends with an interrupt.
func TestServeAnnouncesItsURLInJSON(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan int)
	go func() {
		code := Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--speed", "0", "--start", "2026-11-02", "--output", "json"}, strings.NewReader(""), out, io.Discard)
		_ = out.Close()
		ended <- code
	}()
	line, err := bufio.NewReader(in).ReadString('\n')
	require.NoError(t, err)
	var said announcement
	require.NoError(t, json.Unmarshal([]byte(line), &said))
	assert.Equal(t, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), said.Now)
	assert.Equal(t, said.URL, said.Exports["AWS_ENDPOINT_URL"])
	_, body := clock(t, http.MethodGet, said.URL+"/_homeostat/now")
	assert.Contains(t, body, "2026-11-02T00:00:00Z")
	cancel()
	assert.Equal(t, 130, <-ended)
}

func TestServeRefusesWrongFlags(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("scenario: x\ncolour: red\n"), 0o600))
	for want, args := range map[string][]string{
		"--speed is -1, expected 0 to 10000":         {"--speed=-1"},
		`--start is "soon", expected a time such as`: {"--start", "soon"},
		"--listen nowhere: ":                         {"--listen", "nowhere"},
		"none.yaml: no such file":                    {"none.yaml"},
		"broken.yaml:2":                              {broken},
	} {
		var errs strings.Builder
		code := Run(t.Context(), append([]string{"serve"}, args...), strings.NewReader(""), io.Discard, &errs)
		assert.NotZero(t, code, want)
		assert.Contains(t, errs.String(), want)
	}
}
