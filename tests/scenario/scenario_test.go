// Package scenario plays the scenarios of this folder: each .txtar file holds a
// scenario, the commands that play it, and what they must print. They are
// written to be read by operators.
package scenario_test

import (
	"os"
	"testing"

	"homeostat/shared/ops/cli"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"homeostat": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScenarios(t *testing.T) {
	for _, dir := range []string{"scale", "redeploy", "events", "cli"} {
		t.Run(dir, func(t *testing.T) {
			testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true})
		})
	}
}
