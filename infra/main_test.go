//go:build !race

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// app runs the built app as the CDK's command line does.
type app struct {
	t            *testing.T
	binary, home string
}

func buildApp(t *testing.T) app {
	t.Helper()
	a := app{t: t, binary: filepath.Join(t.TempDir(), "infra"), home: t.TempDir()}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", a.binary, ".")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, os.Symlink(standIn(t), filepath.Join(a.home, "dist")))
	return a
}

// synth runs the app with an output folder. On a failure, it returns the first
// line of standard error.
func (a app) synth(out, region string, context object) error {
	a.t.Helper()
	data, err := json.Marshal(context)
	require.NoError(a.t, err)
	command := exec.CommandContext(a.t.Context(), a.binary)
	command.Dir = a.home
	command.Env = append(os.Environ(), "CDK_OUTDIR="+out, "CDK_CONTEXT_JSON="+string(data), "CDK_DEFAULT_REGION="+region,
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	var stderr strings.Builder
	command.Stderr = &stderr
	if command.Run() == nil {
		return nil
	}
	line, _, _ := strings.Cut(stderr.String(), "\n")
	return errors.New(line)
}

// `cdk deploy` deploys the output of the app. So invalid options must fail before
// the app writes output.
func TestInvalidOptionsAreNotSynthesised(t *testing.T) {
	a := buildApp(t)
	broken := filepath.Join(a.home, "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("version: 1\nmode: on\n"), 0o600))
	for name, c := range map[string]struct {
		region  string
		context object
		want    string
	}{
		"a broken policy":              {"", object{"policy": broken}, broken + ":2:"},
		"a missing policy":             {"", object{"policy": "nowhere.yaml"}, "reading the policy: open nowhere.yaml"},
		"a misspelled context":         {"", object{"polcy": broken}, "the context polcy is unknown, expected one of: accounts,"},
		"a wrong value":                {"", object{"tracing": "on"}, `the context tracing is "on", expected true or false`},
		"a region that does not exist": {"eu-central1", object{}, `the region "eu-central1" is not supported`},
		"a name that AWS rejects":      {"", object{"name": "home_stat"}, `the context name is "home_stat"`},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			err := a.synth(out, c.region, c.context)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), c.want), "the error is %q", err)
			written, err := filepath.Glob(filepath.Join(out, "*.json"))
			require.NoError(t, err)
			assert.Empty(t, written, "the output is empty")
		})
	}
}

func TestValidOptionsAreSynthesised(t *testing.T) {
	a := buildApp(t)
	good := filepath.Join(a.home, "good.yaml")
	require.NoError(t, os.WriteFile(good, []byte("version: 1\nmode: observe\n"), 0o600))
	out := t.TempDir()
	require.NoError(t, a.synth(out, "eu-central-1", object{"policy": good, "name": "Steward"}))
	data, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	require.NoError(t, err)
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ StackName string }
		}
	}
	require.NoError(t, json.Unmarshal(data, &manifest))
	assert.Equal(t, "Steward", manifest.Artifacts["Homeostat"].Properties.StackName)
}
