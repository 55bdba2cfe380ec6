package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func TestRecentChangesAreListed(t *testing.T) {
	in := input()
	in.Snapshot.History[0].CreatedAt = ago(10 * time.Minute)
	in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(5 * time.Minute), Status: fleet.Done}, {Kind: fleet.ScaleIn, At: ago(2 * time.Hour)}}
	other := fixture.Ref("orders")
	in.PeerReports = []fleet.FailureReport{{Ref: other, Last: ago(time.Minute), Failures: 3, Tasks: 4}, {Ref: fixture.Web(), Failures: 1}}
	assert.Equal(t, []string{
		"11:50:00Z: deployment of web:7 started, status SUCCESSFUL",
		"11:55:00Z: scale-out, done",
		"11:59:00Z: 3 of 4 tasks of shop/orders failed",
	}, decide.RecentChanges(in))
}

func TestTheCulpritIsTheContainerThatFailed(t *testing.T) {
	zero, one := 0, 1
	app := fleet.ContainerExit{Name: "app", ExitCode: &one}
	for name, c := range map[string]struct {
		stop    *fleet.Stop
		decided string
		want    fleet.ContainerExit
	}{
		"the container with an exit code above 0": {&fleet.Stop{Containers: []fleet.ContainerExit{{Name: "side", ExitCode: &zero}, app}}, "", app},
		"the container with a reason":             {&fleet.Stop{Containers: []fleet.ContainerExit{{Name: "side"}, {Name: "app", Reason: "OutOfMemoryError"}}}, "", fleet.ContainerExit{Name: "app", Reason: "OutOfMemoryError"}},
		"else the first container":                {&fleet.Stop{Containers: []fleet.ContainerExit{{Name: "side"}, {Name: "app"}}}, "", fleet.ContainerExit{Name: "side"}},
		"the container that decided the cause":    {&fleet.Stop{Containers: []fleet.ContainerExit{{Name: "side", Reason: "x"}, {Name: "app", ExitCode: &zero}}}, "app", fleet.ContainerExit{Name: "app", ExitCode: &zero}},
		"the first failed one if it is unknown":   {&fleet.Stop{Containers: []fleet.ContainerExit{{Name: "side", ExitCode: &zero}, app}}, "gone", app},
		"none without containers":                 {&fleet.Stop{}, "", fleet.ContainerExit{}},
		"none without a stop":                     {nil, "app", fleet.ContainerExit{}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, decide.Culprit(c.stop, c.decided)) })
	}
}
