// Package scenario plays the scenarios of this folder. Each .txtar file holds a
// scenario, its commands, and their expected output. They are written for
// operators.
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
