//go:build e2e

package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// held runs a command and ends it, with all its processes, when its standard
// input closes. The system closes it at every end of this test: a normal end,
// Ctrl-C, a panic or a kill.
const held = `{ "$@"; kill -KILL 0; } & cat >/dev/null; kill -KILL 0`

// program is a server that runs as long as the test.
type program struct {
	name, url, log string
}

// start runs a server on a free port and waits until it answers. A failed test
// shows its log.
func start(t *testing.T, name, health string, environment []string, command func(port string) []string) program {
	t.Helper()
	port := freePort(t)
	p := program{name: name, url: "http://127.0.0.1:" + port, log: filepath.Join(t.TempDir(), name+".log")}
	out, err := os.Create(p.log)
	require.NoError(t, err)

	run := exec.Command("sh", append([]string{"-c", held, name}, command(port)...)...)
	run.Env, run.Stdout, run.Stderr = environment, out, out
	run.Dir = filepath.Dir(p.log)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	hold, err := run.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start(), "starting %s", name)
	ended := make(chan struct{})
	go func() {
		_ = run.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = hold.Close()
		<-ended
		_ = out.Close()
		if t.Failed() {
			t.Logf("the last of %s:\n%s", p.log, tail(p.log, 120))
		}
	})
	p.await(t, health, ended)
	return p
}

// startFor is the longest start of a server on a slow machine.
const startFor = time.Minute

func (p program) await(t *testing.T, health string, ended chan struct{}) {
	t.Helper()
	for deadline := time.Now().Add(startFor); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			require.Fail(t, p.name+" ended at once", "its log %s says:\n%s", p.log, tail(p.log, 60))
		default:
		}
		if p.answers(t.Context(), health) {
			return
		}
	}
	require.Fail(t, p.name+" does not answer", "at %s after %s; its log %s says:\n%s", p.url+health, startFor, p.log, tail(p.log, 60))
}

func (p program) answers(ctx context.Context, health string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+health, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return true
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// tail returns the last lines of a file.
func tail(path string, lines int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
