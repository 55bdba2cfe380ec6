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

// app is the built app, run as the CDK's command line runs it.
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

// synth runs the app into the folder. The error is the first line that it said
// where it failed.
func (a app) synth(out, region string, context object) error {
	a.t.Helper()
	data, err := json.Marshal(context)
	require.NoError(a.t, err)
	command := exec.CommandContext(a.t.Context(), a.binary)
	command.Dir = a.home
	command.Env = append(os.Environ(), "CDK_OUTDIR="+out, "CDK_CONTEXT_JSON="+string(data), "CDK_DEFAULT_REGION="+region,
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	var said strings.Builder
	command.Stderr = &said
	if command.Run() == nil {
		return nil
	}
	line, _, _ := strings.Cut(said.String(), "\n")
	return errors.New(line)
}

// `cdk deploy` deploys what the app has written, and nothing where it failed:
// so what must not be deployed must end the app with nothing written.
func TestWhatCannotBeInstalledIsNotSynthesised(t *testing.T) {
	a := buildApp(t)
	broken := filepath.Join(a.home, "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("version: 1\nmode: on\n"), 0o600))
	for name, c := range map[string]struct {
		region  string
		context object
		want    string
	}{
		"a broken policy":               {"", object{"policy": broken}, broken + ":2:"},
		"a policy that is not there":    {"", object{"policy": "nowhere.yaml"}, "reading the policy: open nowhere.yaml"},
		"a misspelled context":          {"", object{"polcy": broken}, "there is no context polcy, it is one of: accounts,"},
		"a wrong value":                 {"", object{"tracing": "on"}, `the context tracing is "on", expected true or false`},
		"a region that does not exist":  {"eu-central1", object{}, `the region "eu-central1" is not one that Homeostat can be deployed to`},
		"a name that AWS does not take": {"", object{"name": "home_stat"}, `the context name is "home_stat"`},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			err := a.synth(out, c.region, c.context)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), c.want), "it says %q", err)
			written, err := filepath.Glob(filepath.Join(out, "*.json"))
			require.NoError(t, err)
			assert.Empty(t, written, "nothing is left that could be deployed")
		})
	}
}

func TestWhatCanBeInstalledIsSynthesised(t *testing.T) {
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
