package observe_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// reader returns a reader of the logs of the simulated account.
func (w *world) reader() *observe.LogReader {
	return &observe.LogReader{Logs: observe.CloudWatchLogs{Config: w.Config, Now: w.Sim.Now}}
}

// stoppedTask runs a task that writes these lines and stops. It returns its id and
// its definition.
func (w *world) stoppedTask(lines ...string) (string, *fleet.Definition) {
	definition := w.Define("sick", ecssim.Behaviour{
		Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(time.Second), Code: 1}, Logs: lines,
	}, func(spec *ecssim.TaskDefinitionSpec) { spec.Containers[0].LogGroup = "/shop/web" })
	w.Create(definition, "act", func(s *ecssim.ServiceSpec) { s.Desired = 1 })
	w.Run(5 * time.Minute)
	var stopped string
	for _, task := range w.stopped() {
		stopped = task
	}
	require.NotEmpty(w.t, stopped)
	d := w.read(fleet.Needs{Revisions: true, Definitions: true}).History[0].Target.Definition
	require.NotNil(w.t, d)
	return stopped, d
}

func TestTheLogTailOfAStoppedContainerIsRead(t *testing.T) {
	w := newWorld(t)
	task, d := w.stoppedTask("starting", "dial postgres://shop:hunter2@db:5432/shop: connection refused", "tenant-17 is lost", "exit 1")
	r := w.reader()
	got, err := r.Tail(t.Context(), d, "app", task, 3)
	require.NoError(t, err)
	assert.Equal(t, []string{"dial postgres://shop:*@db:5432/shop: connection refused", "tenant-17 is lost", "exit 1"}, got)
	r.Patterns = []*regexp.Regexp{regexp.MustCompile(`tenant-\d+`)}
	got, err = r.Tail(t.Context(), d, "app", task, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"* is lost", "exit 1"}, got)
	got, err = r.Tail(t.Context(), d, "app", task, 0)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestMissingLinesHaveAReason(t *testing.T) {
	w := newWorld(t)
	task, d := w.stoppedTask("starting")
	logging := func(log, group, prefix string) *fleet.Definition {
		return &fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app", Log: log, LogGroup: group, LogPrefix: prefix}}}
	}
	for name, c := range map[string]struct {
		d         *fleet.Definition
		container string
		task      string
		want      string
	}{
		"the definition was not read": {nil, "app", task, "the task definition was not read, so the log stream of app is unknown"},
		"there is no such container":  {d, "proxy", task, `the task definition has no container "proxy"`},
		"it does not log":             {logging("", "", ""), "app", task, "the container app has no log driver"},
		"it logs elsewhere":           {logging("splunk", "", ""), "app", task, "the container app uses the log driver splunk, only awslogs is read"},
		"its stream has no prefix":    {logging("awslogs", "/shop/web", ""), "app", task, "the container app has no awslogs-group or no awslogs-stream-prefix"},
		"it wrote nothing":            {d, "app", "0123", "ResourceNotFoundException: The specified log stream does not exist."},
		"its log group was deleted":   {logging("awslogs", "/gone", "app"), "app", task, "ResourceNotFoundException: The specified log group does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := w.reader().Tail(t.Context(), c.d, c.container, c.task, 10)
			assert.Empty(t, lines)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// responses is an HTTP client that answers with these bodies in turn.
type responses struct {
	bodies   []string
	requests []*http.Request
	sent     []string
}

func (s *responses) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.requests, s.sent = append(s.requests, r), append(s.sent, string(sent))
	body := s.bodies[len(s.requests)-1]
	code := http.StatusOK
	if !strings.HasPrefix(body, `{"`) || strings.Contains(body, "__type") {
		code = http.StatusBadRequest
	}
	return &http.Response{StatusCode: code, Status: "400 Bad Request", Body: io.NopCloser(strings.NewReader(body))}, nil
}

func logs(s *responses, change func(*aws.Config)) observe.CloudWatchLogs {
	cfg := aws.Config{
		Region: "eu-central-1", HTTPClient: s,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "key", SessionToken: "session"}, nil
		}),
	}
	change(&cfg)
	return observe.CloudWatchLogs{Config: cfg, Now: func() time.Time { return time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC) }}
}

func TestARequestForLinesIsSigned(t *testing.T) {
	s := &responses{bodies: []string{`{"events": [{"message": "a"}, {"message": "b"}]}`}}
	got, err := logs(s, func(*aws.Config) {}).Events(t.Context(), "/shop/web", "app/app/1", 50)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, got)
	r := s.requests[0]
	assert.Equal(t, "https://logs.eu-central-1.amazonaws.com/", r.URL.String())
	assert.Equal(t, "Logs_20140328.GetLogEvents", r.Header.Get("X-Amz-Target"))
	assert.Contains(t, r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=id/20260105/eu-central-1/logs/aws4_request")
	assert.Equal(t, "session", r.Header.Get("X-Amz-Security-Token"))
	assert.JSONEq(t, `{"logGroupName": "/shop/web", "logStreamName": "app/app/1", "limit": 50, "startFromHead": false}`, s.sent[0])
}

func TestAnEmptyAnswerLeadsToOneOlderPage(t *testing.T) {
	s := &responses{bodies: []string{`{"events": [], "nextBackwardToken": "b/1"}`, `{"events": [], "nextBackwardToken": "b/0"}`}}
	got, err := logs(s, func(*aws.Config) {}).Events(t.Context(), "g", "s", 50)
	require.NoError(t, err)
	assert.Empty(t, got)
	require.Len(t, s.sent, 2)
	assert.Contains(t, s.sent[1], `"nextToken":"b/1"`)
}

// elsewhere is a source of endpoints for single services.
type elsewhere map[string]string

func (e elsewhere) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	url, ok := e[sdkID]
	return url, ok, nil
}

func TestLogsAreReadWhereTheConfigurationSays(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*aws.Config)
		want   string
	}{
		"in China":       {func(c *aws.Config) { c.Region = "cn-north-1" }, "https://logs.cn-north-1.amazonaws.com.cn/"},
		"at an emulator": {func(c *aws.Config) { c.BaseEndpoint = aws.String("http://emulator/") }, "http://emulator/"},
		"at an emulator of this alone": {
			func(c *aws.Config) {
				c.BaseEndpoint, c.ConfigSources = aws.String("http://emulator/"), []any{"x", elsewhere{"CloudWatch Logs": "http://logs/"}}
			}, "http://logs/",
		},
		"not at one of others": {func(c *aws.Config) { c.ConfigSources = []any{elsewhere{"ECS": "http://ecs/"}} }, "https://logs.eu-central-1.amazonaws.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &responses{bodies: []string{`{"events": [{"message": "a"}]}`}}
			_, err := logs(s, c.change).Events(t.Context(), "g", "s", 50)
			require.NoError(t, err)
			assert.Equal(t, c.want, s.requests[0].URL.String())
		})
	}
}

func TestARefusalIsAFaultLikeAnyOther(t *testing.T) {
	d := &fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app", Log: "awslogs", LogGroup: "g", LogPrefix: "p"}}}
	for name, c := range map[string]struct{ body, code, text string }{
		"denied":               {`{"__type": "AccessDeniedException", "message": "no"}`, fault.Denied, "reading the log stream p/app/1 of g"},
		"denied at length":     {`{"__type": "com.amazonaws.logs#AccessDeniedException", "message": "no"}`, fault.Denied, "AccessDeniedException: no"},
		"not understood":       {`<html>`, "aws-unreachable", "CloudWatch Logs answered 400 Bad Request"},
		"answered not in JSON": {`{"events": 1}`, "aws-unreachable", "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &observe.LogReader{Logs: logs(&responses{bodies: []string{c.body}}, func(*aws.Config) {})}
			_, err := r.Tail(t.Context(), d, "app", "1", 5)
			require.ErrorContains(t, err, c.text)
			assert.Equal(t, c.code, fault.CodeOf(err))
		})
	}
	t.Run("without credentials", func(t *testing.T) {
		r := &observe.LogReader{Logs: logs(&responses{}, func(c *aws.Config) {
			c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("none there") })
		})}
		_, err := r.Tail(t.Context(), d, "app", "1", 5)
		assert.ErrorContains(t, err, "finding credentials: none there")
	})
	t.Run("nobody waits for long", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := &observe.LogReader{Logs: logs(&responses{}, func(*aws.Config) {})}
		_, err := r.Tail(ctx, d, "app", "1", 5)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestValuesOfVariablesAreRemovedByName(t *testing.T) {
	d := &fleet.Definition{Containers: []fleet.ContainerDefinition{{
		Name: "app", Log: "awslogs", LogGroup: "/shop/web", LogPrefix: "app",
		Secrets: map[string]string{"DB": "arn:secret"}, Environment: []string{"MODE"},
	}}}
	reader := observe.LogReader{Logs: messages{`level=DEBUG DB=hunter2 rest`, `{"DB": "a b c", "x": 1}`, `MODE='night' and XMODE=day`}}
	lines, err := reader.Tail(t.Context(), d, d.Containers[0].Name, "t1", 10)
	require.NoError(t, err)
	text := strings.Join(lines, "\n")
	for _, value := range []string{"hunter2", "a b c", "night"} {
		assert.NotContains(t, text, value)
	}
	assert.Contains(t, text, "rest")
	assert.Contains(t, text, "XMODE=day")
}

// messages is a log stream with these messages.
type messages []string

func (s messages) Events(context.Context, string, string, int) ([]string, error) { return s, nil }
