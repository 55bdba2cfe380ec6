package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func TestWithoutDataThereIsNoAction(t *testing.T) {
	check(t, map[string]plan{
		"an unread service": {
			given: after(failing, func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"service": "throttled"} }),
			kind:  fleet.DoNothing, reasons: []string{"unread"}, text: "the service could not be read: throttled",
		},
		"a service that ECS does not know": {
			given: after(failing, func(in *decide.Input) { in.Snapshot.Found = false }),
			kind:  fleet.DoNothing, reasons: []string{"not-found"}, text: "ECS does not know the service, or it is inactive",
		},
	})
}

func TestAnOldEventIsEvidenceOnly(t *testing.T) {
	aged := func(age time.Duration) change { return func(in *decide.Input) { in.Trigger.At = ago(age) } }
	hourOld, undated := rolledBack(t, "web:6", 6), rolledBack(t, "web:6", 6)
	hourOld.given = after(failing, aged(time.Hour))
	undated.given = after(failing, func(in *decide.Input) { in.Trigger.At = time.Time{} })
	check(t, map[string]plan{
		"older than an hour": {
			given: after(failing, aged(time.Hour+time.Second)), kind: fleet.DoNothing, reasons: []string{"stale-event"},
			text: "the event is 1h0m1s old: kept as evidence, not acted on",
		},
		"an hour old":                           hourOld,
		"an event without a time counts as new": undated,
	})
}

func TestAnEventWithoutADecisionHasAReason(t *testing.T) {
	for _, kind := range []fleet.TriggerKind{fleet.ImageScan, fleet.ImagePush, fleet.Ignored, ""} {
		t.Run("after "+string(kind), func(t *testing.T) {
			assert.Equal(t, fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{
				{Name: "no-op", Text: "the event requires no change of the service"},
			}}, planOf(t, kindOf(kind)))
		})
	}
}
