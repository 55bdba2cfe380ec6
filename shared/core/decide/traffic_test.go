package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

// shifting makes a deployment shift traffic, with tasks that run. The older and the new
// revision fail these numbers of 1,000 requests each.
func shifting(older, failed float64) change {
	return func(in *decide.Input) {
		stalled(5 * time.Minute)(in)
		in.Snapshot.Strategy = "CANARY"
		in.Snapshot.Deployments[0].Running, in.Snapshot.Deployments[0].Pending = 3, 0
		in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", TaskDefinition: "web:6", Running: 3, Desired: 3})
		at := ago(time.Minute)
		arm := func(group, revision string, n float64) fleet.TargetArm {
			return fleet.TargetArm{
				Group: group, Revision: revision, Erring: 3, Share: fleet.Known(50, at, "test"),
				Requests: fleet.Known(1000, at, "test"), Errors: fleet.Known(n, at, "test"), Latency: fleet.Known(0.1, at, "test"),
			}
		}
		in.Snapshot.Arms = []fleet.TargetArm{arm("blue", "revision/6", older), arm("green", "revision/7", failed)}
	}
}

// watched makes an alarm of the policy fire since three minutes.
func watched(in *decide.Input) {
	in.Policy.RollbackAlarms = []string{"5xx"}
	in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(3 * time.Minute)}}
}

// busy sets a high CPU, and the latency of the new revision in seconds. That of the older
// one is 0.1.
func busy(latency float64) change {
	return func(in *decide.Input) {
		in.Snapshot.CPU = fleet.Known(95, ago(time.Minute), "test")
		in.Snapshot.CPUPeak = in.Snapshot.CPU
		in.Snapshot.Arms[1].Latency = fleet.Known(latency, ago(time.Minute), "test")
	}
}

func TestTheTrafficOfBothRevisionsDecides(t *testing.T) {
	for name, c := range map[string]struct {
		given  []change
		kind   fleet.DecisionKind
		reason string
	}{
		"the new revision alone fails requests":  {after(shifting(1, 300)), fleet.RollBack, "bad-revision"},
		"both fail, and an alarm fires":          {after(shifting(300, 300), watched), fleet.Notify, "common-cause"},
		"only the new one fails, an alarm fires": {after(shifting(1, 300), watched), fleet.RollBack, "bad-revision"},
		"a slower new revision is no overload":   {after(shifting(0, 0), watched, busy(0.4)), fleet.RollBack, "bad-revision"},
		"both are as fast under a high load":     {after(shifting(0, 0), watched, busy(0.1)), fleet.Notify, "overload"},
		"an arm without a revision is unknown": {after(shifting(1, 300), func(in *decide.Input) {
			in.Snapshot.Arms[1].Revision = ""
		}), fleet.DoNothing, "not-enough-evidence"},
		"unread errors are no zero": {after(shifting(1, 300), func(in *decide.Input) {
			in.Snapshot.Arms[0].Errors = fleet.Unknown("denied")
		}), fleet.DoNothing, "not-enough-evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, c.given...)
			assert.Equal(t, c.kind, d.Kind, "%+v", d.Reasons)
			assert.EqualValues(t, c.reason, d.Reasons[0].Name)
		})
	}
}

func TestAFailedRouteOfTheGatewayBlamesNoRevision(t *testing.T) {
	routeless := func(in *decide.Input) {
		for i := range in.Snapshot.History {
			in.Snapshot.History[i].Target.FailedRoutes = []string{"web: UPDATE_FAILED"}
		}
	}
	for name, given := range map[string][]change{
		"its tasks fail their health checks": after(failing, func(in *decide.Input) { fail(in, "ecs-svc/7", 5, fleet.ELBHealth) }, routeless),
		"an alarm fires":                     after(shifting(0, 0), watched, routeless),
		"ECS itself rolls the revision back": after(failing, func(in *decide.Input) {
			fail(in, "ecs-svc/7", 5, fleet.ELBHealth)
			in.Snapshot.History[0].Status, in.Snapshot.History[0].RollbackTo = "ROLLBACK_IN_PROGRESS", "revision/6"
		}, routeless),
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, given...)
			assert.NotEqual(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
			assert.Empty(t, d.Quarantine)
			assert.Equal(t, name == "its tasks fail their health checks" || name == "ECS itself rolls the revision back", d.CommonCause)
			assert.Contains(t, d.Notify, "The gateway does not route to the service: web: UPDATE_FAILED.")
		})
	}
	d := planOf(t, failing, routeless)
	assert.Equal(t, fleet.RollBack, d.Kind, "tasks that exit are the revision's fault: %+v", d.Reasons)
}
