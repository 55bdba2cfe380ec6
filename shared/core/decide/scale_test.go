package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func scaled(kind fleet.DecisionKind, to int, intent string) *fleet.Action {
	return &fleet.Action{Kind: fleet.SetDesired, Intent: string(kind) + " " + intent, From: 3, To: to, Expect: fleet.Expect{Desired: new(3)}}
}

const minuteAgo = "from 3 at 2026-01-05T11:59:00Z"

func hot(in *decide.Input) {
	in.Memory.Alarms = map[string]fleet.AlarmState{"hot": {State: "ALARM", At: ago(time.Minute)}}
}

func deploying(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" }

func kindOf(k fleet.TriggerKind) change { return func(in *decide.Input) { in.Trigger.Kind = k } }

// What the controller sees. What it makes of that is tested in its own package.
const (
	busy = "demand 2.70 tasks (CPU 90 % x 3), "
	calm = "demand 1.65 tasks (CPU 55 % x 3), "
	slow = "demand 0.60 tasks (CPU 20 % x 3), "
)

func count(tasks int) change {
	return func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = tasks, tasks }
}

func TestTheCountFollowsTheWork(t *testing.T) {
	check(t, map[string]planned{
		"where the work needs more, tasks are added": {
			given: after(alarmed(90)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"also during a deployment": {
			given: after(alarmed(90), deploying), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"what has needed less for a while is given back": {
			given: after(alarmed(20), watched(20, 3)), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"}, begins: slow,
			action: scaled(fleet.ScaleIn, 2, minuteAgo), again: time.Minute,
		},
		"what needs less for the first time is not": {
			given: after(alarmed(20)), kind: fleet.DoNothing, reasons: []string{"at-need"}, begins: slow,
		},
		"an idle service keeps one task": {
			given: after(alarmed(0), watched(0, 3)), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"},
			begins: "demand 0.00 tasks (CPU 0 % x 3), ",
			action: scaled(fleet.ScaleIn, 1, minuteAgo), again: time.Minute,
		},
		"where the count is right nothing changes": {
			given: after(alarmed(55), watched(55, 3)), kind: fleet.DoNothing, reasons: []string{"at-need"}, begins: calm,
		},
		"where one more is nearly needed a hot service is looked at again": {
			given: after(alarmed(62), count(2), watchedFor(120, 62, 2), hot), kind: fleet.DoNothing, reasons: []string{"at-need"},
			begins: "demand 1.24 tasks (CPU 62 % x 2), ", again: time.Minute,
		},
		"during a deployment nothing is given back": {
			given: after(alarmed(20), watched(20, 3), deploying), kind: fleet.DoNothing, reasons: []string{"deploying"}, begins: slow,
		},
		"an alarm that fires at little load keeps nothing from being given back": {
			given: after(alarmed(20), watched(20, 3), hot), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"}, begins: slow,
			action: scaled(fleet.ScaleIn, 2, minuteAgo), again: time.Minute,
		},
		"a count that a person set below the minimum is not raised for the minimum's sake": {
			given: after(alarmed(20), func(in *decide.Input) { in.Policy.Min = 4 }), kind: fleet.DoNothing, reasons: []string{"at-need"}, begins: slow,
		},
		"one that a person set above the maximum is not cut while the work needs it": {
			given: after(alarmed(90), func(in *decide.Input) { in.Policy.Max = 2 }), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"tasks that start are not counted as busy": {
			given: after(alarmed(80), count(5), func(in *decide.Input) {
				in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{
					"a": {StartedAt: ago(30 * time.Second)}, "b": {StartedAt: ago(20 * time.Second)},
				}}}
			}), kind: fleet.DoNothing, reasons: []string{"at-need"}, begins: "demand 2.40 tasks (CPU 80 % x 3), ",
		},
	})
}

func TestWhatCannotBeReadOfWhatWasLearnedIsLearnedAnewAndSaid(t *testing.T) {
	for name, state := range map[string][]byte{"foreign": []byte("what is this"), "cut short": {1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			in := input()
			alarmed(95)(&in)
			in.Demand.State = state
			d := decide.Follow(in)
			assert.Equal(t, fleet.ScaleOut, d.Kind)
			assert.Contains(t, d.Reasons[0].Text, "so it is learned anew")
			_, since := decide.Need(in, in.Demand)
			in.Demand = since
			assert.NotContains(t, decide.Follow(in).Reasons[0].Text, "learned anew", "the next look has something to read")
		})
	}
}

func TestTheLoadIsNotAlwaysOursToFollow(t *testing.T) {
	still := func(name, text string, given ...change) planned {
		return planned{given: append([]change{alarmed(95)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	check(t, map[string]planned{
		"scaling may be turned off": still("scaling-off", "the policy turns scaling off", func(in *decide.Input) { in.Policy.ScaleEnabled = false }),
		"a policy of AWS steers": still("managed-by-application-auto-scaling", "the AWS scaling policy cpu70 steers this service; two hands would fight",
			func(in *decide.Input) {
				in.Snapshot.Scaling = fleet.Scaling{Registered: true, Policies: []string{"cpu70"}}
			}),
		"a person has stopped the service": still("stopped-by-hand", "the desired count is 0; only a person starts a service again",
			func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = 0, 0 }),
		"no task runs": still("no-running-tasks", "no task runs, so the load says nothing", func(in *decide.Input) { in.Snapshot.Running = 0 }),
		"an event of no concern for the load": {
			given: after(alarmed(95), kindOf(fleet.ImageScan)), kind: fleet.DoNothing, reasons: []string{"no-op"},
			text: "the event asks for no change of this service",
		},
	})
}

func TestALoadThatIsNotKnownIsNotActedOn(t *testing.T) {
	still := func(name, text string, given ...change) planned {
		return planned{given: append([]change{alarmed(95)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	warm := still("metric-unknown", "the CPU metric is unknown: throttled", hot, func(in *decide.Input) { in.Snapshot.CPU = fleet.Unknown("throttled") })
	warm.again = time.Minute
	check(t, map[string]planned{
		"Application Auto Scaling could not be read": still("unread", "Application Auto Scaling could not be read: throttled",
			func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"scaling": "throttled"} }),
		"the metric could not be read": still("metric-unknown", "the CPU metric is unknown: throttled",
			func(in *decide.Input) { in.Snapshot.CPU = fleet.Unknown("throttled") }),
		"the metric of a hot service could not be read, and will be again": warm,
		"the metric is no percentage": still("metric-unknown", "the CPU metric is -1, which is no percentage",
			func(in *decide.Input) { in.Snapshot.CPU.Value = -1 }),
		"nothing ran while the metric was taken": still("metric-unknown", "nothing ran while the CPU metric was taken",
			func(in *decide.Input) {
				in.Snapshot.Running = 1
				in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(30 * time.Second)}}}}
			}),
		"the metric is of more than five minutes ago": still("metric-stale", "the newest CPU metric is 5m1s old",
			func(in *decide.Input) { in.Snapshot.CPU.At = ago(5*time.Minute + time.Second) }),
		"the metric of five minutes ago still counts": {
			given: after(alarmed(90), func(in *decide.Input) { in.Snapshot.CPU.At = ago(5 * time.Minute) }), kind: fleet.ScaleOut,
			reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, "from 3 at 2026-01-05T11:55:00Z"), again: time.Minute,
		},
	})
}

func TestTheLoadIsFollowedAfterTheEventsThatTellOfIt(t *testing.T) {
	check(t, map[string]planned{
		"an alarm": {
			given: after(alarmed(90)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"Application Auto Scaling at its end": {
			given: after(alarmed(90), kindOf(fleet.ScaledToMax)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick": {
			given: after(alarmed(90), kindOf(fleet.Tick)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, begins: busy,
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick that changes nothing says what healing and scaling made of it": {
			given: after(alarmed(55), kindOf(fleet.Tick)), kind: fleet.DoNothing, reasons: []string{"not-enough-evidence", "at-need"}, begins: calm,
		},
	})
}
