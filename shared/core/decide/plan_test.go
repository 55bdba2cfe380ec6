package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func TestWithoutDataThereIsNoAction(t *testing.T) {
	check(t, map[string]planned{
		"a service that could not be read": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"service": "throttled"} }),
			kind:  fleet.DoNothing, reasons: []string{"unread"}, text: "the service could not be read: throttled",
		},
		"a service that ECS does not know": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.Found = false }),
			kind:  fleet.DoNothing, reasons: []string{"not-found"}, text: "ECS does not know the service, or it is no longer active",
		},
	})
}

func TestAnOldEventIsEvidenceOnly(t *testing.T) {
	aged := func(age time.Duration) change { return func(in *decide.Input) { in.Trigger.At = ago(age) } }
	rolledBack := planned{
		kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
		text: "web@" + short(7) + " must not come back until a person lifts it",
		action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6",
			Images: []fleet.ContainerImage{{Name: "app", Image: image(6).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
		},
		notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
	}
	hourOld, undated := rolledBack, rolledBack
	hourOld.given = after(convicted, aged(time.Hour))
	undated.given = after(convicted, func(in *decide.Input) { in.Trigger.At = time.Time{} })
	check(t, map[string]planned{
		"older than an hour it is never acted on": {
			given: after(convicted, aged(time.Hour+time.Second)), kind: fleet.DoNothing, reasons: []string{"stale-event"},
			text: "the event is 1h0m1s old: it is kept as evidence, nothing is done on it",
		},
		"of an hour it still is":                 hourOld,
		"without a time it is as good as of now": undated,
	})
}

func TestAnEventThatAsksForNothingGetsAReason(t *testing.T) {
	for _, kind := range []fleet.TriggerKind{fleet.ImageScan, fleet.ImagePush, fleet.Ignored, ""} {
		t.Run("after "+string(kind), func(t *testing.T) {
			in := input()
			in.Trigger.Kind = kind
			assert.Equal(t, fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{
				{Name: "no-op", Text: "the event asks for no change of this service"},
			}}, decide.Plan(in))
		})
	}
}
