package runtimeapi

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Spec is one function as it is deployed.
type Spec struct {
	// Name is the function's name. ARN is the ARN of its invocations.
	Name, ARN string
	// Command is the program with its arguments. Its path must be absolute.
	Command []string
	// Environment is the environment of the process, beside Lambda's own
	// variables.
	Environment map[string]string
}

// Function is a running process of a function. It is not safe for concurrent use.
type Function struct {
	// StartedAt is the time just before the start of the process.
	StartedAt time.Time

	server         *server
	command        *exec.Cmd
	stdout, stderr output
	exited         chan struct{}
	exit           error // set before exited is closed
}

// stopDelay is the time that the pipes of a killed process may stay open.
const stopDelay = 5 * time.Second

// Start starts the function. It is killed when ctx ends, or by Stop. A process
// that loses its parent loses the Runtime API too, and ends by itself.
func Start(ctx context.Context, spec Spec) (*Function, error) {
	server, err := listen(ctx, spec.ARN)
	if err != nil {
		return nil, err
	}
	f := &Function{server: server, exited: make(chan struct{})}
	f.command = exec.CommandContext(ctx, spec.Command[0], spec.Command[1:]...)
	f.command.Env = environment(spec, server.address)
	f.command.Stdout, f.command.Stderr = &f.stdout, &f.stderr
	f.command.WaitDelay = stopDelay
	f.StartedAt = time.Now()
	if err := f.command.Start(); err != nil {
		server.close()
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}
	go func() {
		f.exit = f.command.Wait()
		close(f.exited)
	}()
	return f, nil
}

// environment returns Lambda's variables, then those of the stack.
func environment(spec Spec, address string) []string {
	all := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          address,
		"AWS_LAMBDA_FUNCTION_NAME":        spec.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + spec.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "2026/01/05/[$LATEST]0123456789abcdef0123456789abcdef",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"_HANDLER":                        "bootstrap",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
	}
	maps.Copy(all, spec.Environment)
	out := make([]string, 0, len(all))
	for name, value := range all {
		out = append(out, name+"="+value)
	}
	slices.Sort(out)
	return out
}

// Invoke sends one event, waits for the function until the deadline and returns
// its answer. An error means no answer: the process ended, or ctx did.
func (f *Function) Invoke(ctx context.Context, payload []byte, deadline time.Time) (Answer, error) {
	i := f.server.invocation(payload, deadline)
	select {
	case f.server.work <- i:
	case <-f.exited:
		return Answer{}, f.gone()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("the function did not request the next event: %w", ctx.Err())
	}
	select {
	case answer := <-i.answer:
		return answer, nil
	case <-f.exited:
		return Answer{}, f.gone()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("the function never answered: %w", ctx.Err())
	}
}

func (f *Function) gone() error {
	return fmt.Errorf("the function ended (%s): %s", f.command.ProcessState, strings.TrimSpace(f.stderr.String()))
}

// InitError returns the process's request to /init/error, if there was one.
func (f *Function) InitError() (Answer, bool) {
	select {
	case a := <-f.server.inits:
		return a, true
	default:
		return Answer{}, false
	}
}

// Wait waits until the process ends by itself and returns its exit code.
func (f *Function) Wait(ctx context.Context) (code int, err error) {
	select {
	case <-f.exited:
		return f.command.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("the function did not end: %w", ctx.Err())
	}
}

// Stop kills the process if it still runs, and waits for it. Afterwards its
// output is complete. A second call does nothing.
func (f *Function) Stop() {
	_ = f.command.Process.Kill() // it may have ended before
	<-f.exited
	f.server.close()
}

// Stdout returns the process's standard output until now.
func (f *Function) Stdout() string { return f.stdout.String() }

// Stderr returns the process's standard error until now.
func (f *Function) Stderr() string { return f.stderr.String() }
