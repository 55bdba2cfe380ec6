package runtimeapi

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sleeper returns a function with an idle process. The test acts in its place.
func sleeper(t *testing.T) *Function {
	t.Helper()
	path, err := exec.LookPath("sleep")
	require.NoError(t, err)
	f, err := Start(t.Context(), Spec{Name: "sleeper", ARN: "arn:sleeper", Command: []string{path, "60"}})
	require.NoError(t, err)
	t.Cleanup(f.Stop)
	return f
}

func (f *Function) url(path string) string { return "http://" + f.server.address + prefix + path }

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode
}

func TestAnInvocation(t *testing.T) {
	for _, c := range []struct {
		name, path string
		failed     bool
	}{
		{"a response is the answer", "/response", false},
		{"an error is the answer too", "/error", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := sleeper(t)
			deadline := time.Now().Add(time.Minute)
			answers := make(chan Answer, 1)
			go func() {
				answer, err := f.Invoke(t.Context(), []byte(`{"a":1}`), deadline)
				assert.NoError(t, err)
				answers <- answer
			}()
			event := get(t, f.url("invocation/next"))
			body, err := io.ReadAll(event.Body)
			require.NoError(t, err)
			assert.Equal(t, `{"a":1}`, string(body))
			id := event.Header.Get("Lambda-Runtime-Aws-Request-Id")
			require.NotEmpty(t, id)
			assert.Equal(t, "arn:sleeper", event.Header.Get("Lambda-Runtime-Invoked-Function-Arn"))
			assert.NotEmpty(t, event.Header.Get("Lambda-Runtime-Trace-Id"))
			assert.NotEmpty(t, event.Header.Get("Lambda-Runtime-Deadline-Ms"))

			assert.Equal(t, http.StatusBadRequest, post(t, f.url("invocation/other/response"), "{}"))
			assert.Equal(t, http.StatusRequestEntityTooLarge, post(t, f.url("invocation/"+id+c.path), strings.Repeat("x", maxPayload+1)))
			assert.Equal(t, http.StatusAccepted, post(t, f.url("invocation/"+id+c.path), `{"b":2}`))
			assert.Equal(t, http.StatusBadRequest, post(t, f.url("invocation/"+id+c.path), "{}"), "an invocation is answered once")
			answer := <-answers
			assert.Equal(t, Answer{RequestID: id, Payload: []byte(`{"b":2}`), Failed: c.failed, At: answer.At}, answer)
		})
	}
}

func TestAProcess(t *testing.T) {
	shell, err := exec.LookPath("sh")
	require.NoError(t, err)
	run := func(t *testing.T, script string) *Function {
		f, err := Start(t.Context(), Spec{Name: "shell", Command: []string{shell, "-c", script}, Environment: map[string]string{"OWN": "set"}})
		require.NoError(t, err)
		t.Cleanup(f.Stop)
		return f
	}
	t.Run("sees what Lambda and the stack set, and nothing else", func(t *testing.T) {
		t.Setenv("HOMEOSTAT_OUTSIDE", "seen")
		f := run(t, `echo "$OWN $AWS_LAMBDA_FUNCTION_NAME $AWS_LAMBDA_RUNTIME_API $HOMEOSTAT_OUTSIDE"`)
		code, err := f.Wait(t.Context())
		require.NoError(t, err)
		assert.Zero(t, code)
		assert.Equal(t, "set shell "+f.server.address+" \n", f.Stdout())
	})
	t.Run("that ends answers no invocation", func(t *testing.T) {
		f := run(t, "echo no such thing >&2; exit 3")
		_, err := f.Invoke(t.Context(), nil, time.Now())
		require.ErrorContains(t, err, "no such thing")
		code, err := f.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3, code)
	})
	t.Run("that never asks is not waited for longer than the caller has time", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := sleeper(t).Invoke(ctx, nil, time.Now())
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("is gone once it was stopped", func(t *testing.T) {
		f := sleeper(t)
		assert.GreaterOrEqual(t, f.MaxMemory(), int64(0))
		f.Stop()
		f.Stop()
		assert.Error(t, f.command.Process.Signal(os.Interrupt))
		assert.Zero(t, f.MaxMemory())
	})
	t.Run("may report that it cannot start", func(t *testing.T) {
		f := sleeper(t)
		_, reported := f.InitError()
		assert.False(t, reported)
		assert.Equal(t, http.StatusAccepted, post(t, f.url("init/error"), `{"errorMessage":"no"}`))
		failure, reported := f.InitError()
		assert.True(t, reported)
		assert.JSONEq(t, `{"errorMessage":"no"}`, string(failure.Payload))
	})
	t.Run("that cannot be started is an error", func(t *testing.T) {
		_, err := Start(t.Context(), Spec{Name: "nothing", Command: []string{"/nonexistent"}})
		require.ErrorContains(t, err, "starting nothing")
	})
}
