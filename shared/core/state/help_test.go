package state_test

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

func ago(d time.Duration) time.Time { return fixture.Noon().Add(-d) }

func image(n int) fleet.Image {
	return fleet.Image{Repository: "web", Tag: "live", Digest: fmt.Sprintf("sha256:%064d", n)}
}

// running returns a service that runs three tasks of three, on web:7.
func running() fleet.Snapshot {
	return fleet.Snapshot{
		Found: true, Desired: 3, Running: 3,
		Deployments: []fleet.Deployment{{ID: "ecs-svc/7", Status: "PRIMARY", TaskDefinition: "web:7"}},
	}
}

// rollback returns the rollback of running() to web:6.
func rollback() fleet.Decision {
	return fleet.Decision{
		Kind: fleet.RollBack, Notify: "web:7: 3 of 3 tasks. Rollback to web:6.",
		Reasons: []fleet.Reason{{Name: "bad-revision", Text: "web:7: 3 of 3 tasks"}},
		Action:  &fleet.Action{Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6"},
		Effects: fleet.Effects{Quarantine: []fleet.Image{image(7)}},
	}
}

// alert returns a decision without an action that notifies the operator.
func alert() fleet.Decision {
	return fleet.Decision{
		Kind: fleet.Notify, Notify: "Old and new tasks fail.",
		Reasons: []fleet.Reason{{Name: "common-cause"}}, Effects: fleet.Effects{CommonCause: true},
	}
}

// episode returns the episode of a decision about running() at noon.
func episode(d fleet.Decision, outcome fleet.Outcome, status string) fleet.Episode {
	return fleet.Episode{
		ID: "episode-1", At: fixture.Noon(), Snapshot: running(), Decision: d,
		Verdict: fleet.Verdict{Outcome: outcome, Action: d.Action}, Result: fleet.Result{Status: status},
	}
}

// applied returns the memory after an episode, with the watched tag live.
func applied(m fleet.Memory, e fleet.Episode) fleet.Memory { return state.Apply(m, e, "live") }
