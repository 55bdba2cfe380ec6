// Package artefact builds the functions as they are deployed and gives them an
// AWS account in ecssim. Its tests start the same binaries that the stack
// uploads.
package artefact

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"homeostat/shared/core/contract"
)

// The Makefile's way to build a function. Change both together.
const (
	// Flags are the flags of `go build`, in the form of the shell: LAMBDA_FLAGS.
	Flags = `-tags lambda.norpc,nethttpomithttp2 -trimpath -gcflags=all=-l -ldflags='-s -w -buildid='`
	// Environment is the environment of `go build`, beside GOARCH.
	Environment = "CGO_ENABLED=0 GOOS=linux"
	// Binary is the program that Lambda's custom runtime starts.
	Binary = "bootstrap"
)

// Build builds every function for the architecture (amd64, arm64) into
// dir/FUNCTION/bootstrap and returns the paths by function. Call it from within
// the module.
func Build(ctx context.Context, dir, arch string) (map[string]string, error) {
	out := map[string]string{}
	for _, function := range contract.Functions() {
		path := filepath.Join(dir, function, Binary)
		args := append([]string{"build", "-o", path}, words(Flags)...)
		cmd := exec.CommandContext(ctx, "go", append(args, "homeostat/functions/"+function)...)
		cmd.Env = append(os.Environ(), append(strings.Fields(Environment), "GOARCH="+arch)...)
		if message, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w: %s", function, err, message)
		}
		out[function] = path
	}
	return out, nil
}

// words splits at spaces outside single quotes and drops the quotes.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if quoted := i%2 == 1; quoted && len(out) > 0 {
			out[len(out)-1] += part
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}
