package golden_test

import (
	"bytes"
	"testing"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/require"
)

// resident returns the event with the names of the account: ecssim names its
// instances and tasks, so no sample can name one that runs.
func resident(t *testing.T, sim *ecssim.Sim, raw []byte) []byte {
	t.Helper()
	for _, o := range decode.Events(raw) {
		switch {
		case o.Trigger.Instance.ID != "":
			raw = bytes.ReplaceAll(raw, []byte(o.Trigger.Instance.ID), []byte(sim.HostOf("shop", "web")))
		case o.Trigger.Kind == fleet.TaskRetirement && o.Trigger.Service == "" && o.Trigger.Cluster != "":
			listed, err := sim.Server().Invoke("ecs", "ListTasks", wire.Object{"cluster": o.Trigger.Cluster})
			require.NoError(t, err)
			tasks := listed.Strings("taskArns")
			require.NotEmpty(t, tasks)
			raw = bytes.ReplaceAll(raw, []byte(o.Trigger.Task), []byte(fleet.NameOf(tasks[0])))
		}
	}
	return raw
}

// launchType returns EC2 for an event about an instance: only its tasks have one.
func launchType(outcomes []decode.Outcome) string {
	for _, o := range outcomes {
		if o.Trigger.Instance.ID != "" {
			return "EC2"
		}
	}
	return ""
}
