package scaling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Player plays a job with the policies of another program and passes on each
// outcome.
type Player func(ctx context.Context, j Job, done func(Sample) error) error

// PeerNames returns the policies of the peers' program, tests/bench/peers.
func PeerNames() []string {
	var names []string
	for _, n := range []string{"hpa", "keda", "knative"} {
		names = append(names, n, n+"-same-signal")
	}
	return names
}

// PeerProgram returns a player for the program that `make peers` builds.
func PeerProgram(path string) Player {
	return func(ctx context.Context, j Job, done func(Sample) error) (err error) {
		dir, err := os.MkdirTemp("", "homeostat-peers-")
		if err != nil {
			return fmt.Errorf("creating a folder for the peers' job: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		job, out := filepath.Join(dir, "job.json"), filepath.Join(dir, "runs.jsonl")
		raw, err := json.Marshal(j)
		if err != nil {
			return fmt.Errorf("writing the peers' job: %w", err)
		}
		if err := os.WriteFile(job, raw, 0o600); err != nil {
			return fmt.Errorf("writing the peers' job: %w", err)
		}
		if err := run(ctx, path, "-test.run", "^TestPlay$", "-test.timeout", "0", "-job", job, "-out", out); err != nil {
			return err
		}
		file, err := os.Open(out)
		if err != nil {
			return fmt.Errorf("reading the output of %s: %w", path, err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		return deliver(file, j, done)
	}
}

// run starts the program and adds its output to an error.
func run(ctx context.Context, path string, args ...string) error {
	var said bytes.Buffer
	program := exec.CommandContext(ctx, path, args...) //nolint:gosec // the user names the program
	program.Stdout, program.Stderr = &said, &said
	err := program.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		text := strings.TrimSpace(said.String())
		return fmt.Errorf("%s failed: %w: %s: if it is older than this program, build it again with make peers", path, err, text[max(0, len(text)-maxPeerOutput):])
	}
	return nil
}

// deliver passes on the outcomes of the requested policies. An older program
// ignores the request and plays all policies.
func deliver(from io.Reader, j Job, done func(Sample) error) error {
	decoder := json.NewDecoder(from)
	for {
		var s Sample
		err := decoder.Decode(&s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the peers' outcomes: %w", err)
		}
		if len(j.Policies) > 0 && !slices.Contains(j.Policies, s.Policy) {
			continue
		}
		if err := done(s); err != nil {
			return err
		}
	}
}
