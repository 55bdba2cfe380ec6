package scenario_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMassFailures plays failures of many services at once.
func TestMassFailures(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "mass", RequireExplicitExec: true})
}
