package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Emulated is a function under AWS's own Runtime Interface Emulator, AWS's
// implementation of the Runtime API. It is not safe for concurrent use.
type Emulated struct {
	url            string
	command        *exec.Cmd
	stdout, stderr output
	exited         chan struct{}
	issued         int
}

// emulatedTimeout is the timeout of an invocation in seconds, as the stack sets it.
const emulatedTimeout = 30

// StartEmulated starts the function under the emulator, a program of
// github.com/aws/aws-lambda-runtime-interface-emulator. Both end when ctx ends,
// or by Stop.
func StartEmulated(ctx context.Context, emulator string, spec Spec) (*Emulated, error) {
	api, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	e := &Emulated{url: "http://" + address + "/2015-03-31/functions/function/invocations", exited: make(chan struct{})}
	arguments := []string{"--runtime-api-address", api, "--runtime-interface-emulator-address", address}
	e.command = exec.CommandContext(ctx, emulator, append(arguments, spec.Command...)...)
	e.command.Env = append(environment(spec, api), "AWS_LAMBDA_FUNCTION_TIMEOUT="+strconv.Itoa(emulatedTimeout))
	e.command.Stdout, e.command.Stderr = &e.stdout, &e.stderr
	// The emulator ends the function after a request to end, and not after a
	// kill.
	e.command.Cancel = func() error { return e.command.Process.Signal(syscall.SIGTERM) }
	e.command.WaitDelay = stopDelay
	if err := e.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the emulator of %s: %w", spec.Name, err)
	}
	go func() {
		_ = e.command.Wait()
		close(e.exited)
	}()
	return e, e.listening(ctx, address)
}

// freeAddress returns a free address of the loopback interface.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// listening waits until the emulator accepts connections.
func (e *Emulated) listening(ctx context.Context, address string) error {
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-e.exited:
			return fmt.Errorf("the emulator ended (%s): %s", e.command.ProcessState, strings.TrimSpace(e.stderr.String()))
		case <-ctx.Done():
			return fmt.Errorf("the emulator never listened: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Invoke sends one event and returns the answer. The emulator has one timeout for
// all invocations, so the deadline ends only the wait here. It answers an error
// with the status of a success: an object with errorType is an error.
func (e *Emulated) Invoke(ctx context.Context, payload []byte, deadline time.Time) (Answer, error) {
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(stopDelay))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(payload))
	if err != nil {
		return Answer{}, fmt.Errorf("making the request: %w", err)
	}
	e.issued++
	id := fmt.Sprintf("00000000-0000-4000-a000-%012x", e.issued)
	request.Header.Set("X-Amzn-RequestId", id)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("asking the emulator: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("reading the emulator's answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("the emulator answered %s: %s", response.Status, body)
	}
	var failure struct {
		Type string `json:"errorType"`
	}
	failed := json.Unmarshal(body, &failure) == nil && failure.Type != ""
	return Answer{RequestID: id, Payload: body, Failed: failed, At: time.Now()}, nil
}

// Stop ends the emulator and the function, and waits for both. A second call does
// nothing.
func (e *Emulated) Stop() {
	_ = e.command.Cancel() // it may have ended before
	<-e.exited
}

// Stdout returns the output of the function until now, without the lines of
// Stderr and without the emulator's lines about each request.
func (e *Emulated) Stdout() string { return e.lines(false) }

// Stderr returns the lines of Go's standard logger, that is of the standard
// error. The emulator does not separate the two.
func (e *Emulated) Stderr() string { return e.lines(true) }

func (e *Emulated) lines(logger bool) string {
	const stamp = "2006/01/02 15:04:05"
	var own strings.Builder
	for line := range strings.Lines(e.stdout.String()) {
		if word, _, _ := strings.Cut(line, " RequestId: "); word == "START" || word == "END" || word == "REPORT" {
			continue
		}
		_, err := time.Parse(stamp, line[:min(len(stamp), len(line))])
		if (err == nil) == logger {
			own.WriteString(line)
		}
	}
	return own.String()
}
