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

// inTasks returns the fields of an estimate. The package demand tests its texts.
func inTasks(tasks string) map[string]string { return map[string]string{"demand": tasks} }

func count(tasks int) change {
	return func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = tasks, tasks }
}

func TestTheCountFollowsTheDemand(t *testing.T) {
	check(t, map[string]plan{
		"a demand above the count adds tasks": {
			given: after(inAlarm(90)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"also during a deployment": {
			given: after(inAlarm(90), deploying), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a low demand for a while removes tasks": {
			given: after(inAlarm(20), learned(20, 3)), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"}, fields: inTasks("0.60"),
			action: scaled(fleet.ScaleIn, 2, minuteAgo), again: time.Minute,
		},
		"a low demand for the first time removes none": {
			given: after(inAlarm(20)), kind: fleet.DoNothing, reasons: []string{"at-need"}, fields: inTasks("0.60"),
		},
		"a demand of zero keeps one task": {
			given: after(inAlarm(0), learned(0, 3)), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"},
			fields: inTasks("0.00"),
			action: scaled(fleet.ScaleIn, 1, minuteAgo), again: time.Minute,
		},
		"at need nothing changes": {
			given: after(inAlarm(55), learned(55, 3)), kind: fleet.DoNothing, reasons: []string{"at-need"}, fields: inTasks("1.65"),
		},
		"a hot service near its threshold is evaluated again": {
			given: after(inAlarm(62), count(2), learnedFor(120, 62, 2), hot), kind: fleet.DoNothing, reasons: []string{"at-need"},
			fields: inTasks("1.24"), again: time.Minute,
		},
		"during a deployment no task is removed": {
			given: after(inAlarm(20), learned(20, 3), deploying), kind: fleet.DoNothing, reasons: []string{"deploying"}, fields: inTasks("0.60"),
		},
		"an alarm at a low load does not keep tasks": {
			given: after(inAlarm(20), learned(20, 3), hot), kind: fleet.ScaleIn, reasons: []string{"demand-below-count"}, fields: inTasks("0.60"),
			action: scaled(fleet.ScaleIn, 2, minuteAgo), again: time.Minute,
		},
		"a count below the minimum is not raised because of it": {
			given: after(inAlarm(20), func(in *decide.Input) { in.Policy.Min = 4 }), kind: fleet.DoNothing, reasons: []string{"at-need"}, fields: inTasks("0.60"),
		},
		"a count above the maximum is not cut while it is needed": {
			given: after(inAlarm(90), func(in *decide.Input) { in.Policy.Max = 2 }), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"starting tasks do not count as busy": {
			given: after(inAlarm(80), count(5), func(in *decide.Input) {
				in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{
					"a": {StartedAt: ago(30 * time.Second)}, "b": {StartedAt: ago(20 * time.Second)},
				}}}
			}), kind: fleet.DoNothing, reasons: []string{"at-need"}, fields: inTasks("2.40"),
		},
	})
}

func TestAnUnreadableStateIsReplacedAndReported(t *testing.T) {
	for name, state := range map[string][]byte{"foreign": []byte("another format"), "cut short": {1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			in := input()
			inAlarm(95)(&in)
			in.Demand.State = state
			d := followed(t, in)
			assert.Equal(t, fleet.ScaleOut, d.Kind)
			assert.Contains(t, d.Reasons[0].Detail, "the controller begins anew")
			_, since := decide.Need(in, in.Demand)
			in.Demand = since
			assert.NotContains(t, followed(t, in).Reasons[0].Detail, "begins anew", "the next evaluation can read the state")
		})
	}
}

func TestTheCountDoesNotAlwaysFollowTheLoad(t *testing.T) {
	noOp := func(name, text string, given ...change) plan {
		return plan{given: append([]change{inAlarm(95)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	check(t, map[string]plan{
		"with scaling off": noOp("scaling-off", "scaling is off (scale.enabled)", func(in *decide.Input) { in.Policy.ScaleEnabled = false }),
		"a daemon service": noOp("daemon-service", "ECS sets the count of a daemon service: one task on each instance", func(in *decide.Input) { in.Snapshot.Daemon = true }),
		"with a scaling policy of AWS": noOp("managed-by-application-auto-scaling", "the scaling policy cpu70 of Application Auto Scaling sets the count",
			func(in *decide.Input) {
				in.Snapshot.Scaling = fleet.Scaling{Registered: true, Policies: []string{"cpu70"}}
			}),
		"after a stop by hand": noOp("stopped-by-hand", "the desired count is 0: the service is started by hand only",
			func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = 0, 0 }),
		"without a running task": noOp("no-running-tasks", "no task runs: the metrics do not show the demand", func(in *decide.Input) { in.Snapshot.Running = 0 }),
		"after an event without a meaning for the load": {
			given: after(inAlarm(95), kindOf(fleet.ImageScan)), kind: fleet.DoNothing, reasons: []string{"no-op"},
			text: "the event requires no change of the service",
		},
	})
}

func TestAnUnknownLoadChangesNothing(t *testing.T) {
	noOp := func(name, text string, given ...change) plan {
		return plan{given: append([]change{inAlarm(95)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	hotUnread := noOp("metric-unknown", "the CPU metric is unknown: throttled", hot, func(in *decide.Input) { in.Snapshot.CPU = fleet.Unknown("throttled") })
	hotUnread.again = time.Minute
	check(t, map[string]plan{
		"Application Auto Scaling could not be read": noOp("unread", "Application Auto Scaling could not be read: throttled",
			func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"scaling": "throttled"} }),
		"an unread metric": noOp("metric-unknown", "the CPU metric is unknown: throttled",
			func(in *decide.Input) { in.Snapshot.CPU = fleet.Unknown("throttled") }),
		"an unread metric of a hot service is read again": hotUnread,
		"a metric in another unit": noOp("metric-unknown", "the CPU metric is -1, not a percentage",
			func(in *decide.Input) { in.Snapshot.CPU.Value = -1 }),
		"no task in the period of the metric": noOp("metric-unknown", "no task ran in the period of the CPU metric",
			func(in *decide.Input) {
				in.Snapshot.Running = 1
				in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(30 * time.Second)}}}}
			}),
		"the tasks change and nothing knows their number in the period": noOp("metric-unknown",
			"the task count in the period of the CPU metric is unknown: 5 of 3 tasks run",
			func(in *decide.Input) { in.Snapshot.Running = 5 }),
		"tasks start and nothing knows their number in the period": noOp("metric-unknown",
			"the task count in the period of the CPU metric is unknown: 3 of 3 tasks run",
			func(in *decide.Input) { in.Snapshot.Pending = 2 }),
		"a metric older than five minutes": noOp("metric-stale", "the newest CPU metric is 5m1s old",
			func(in *decide.Input) { in.Snapshot.CPU.At = ago(5*time.Minute + time.Second) }),
		"a metric of five minutes still counts": {
			given: after(inAlarm(90), func(in *decide.Input) { in.Snapshot.CPU.At = ago(5 * time.Minute) }), kind: fleet.ScaleOut,
			reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, "from 3 at 2026-01-05T11:55:00Z"), again: time.Minute,
		},
	})
}

func TestTheCountFollowsTheLoadAfterTheEventsAboutIt(t *testing.T) {
	check(t, map[string]plan{
		"an alarm": {
			given: after(inAlarm(90)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"Application Auto Scaling at its maximum": {
			given: after(inAlarm(90), kindOf(fleet.ScaledToMax)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick": {
			given: after(inAlarm(90), kindOf(fleet.Tick)), kind: fleet.ScaleOut, reasons: []string{"demand-above-count"}, fields: inTasks("2.70"),
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick without a change has the reasons of healing and scaling": {
			given: after(inAlarm(55), kindOf(fleet.Tick)), kind: fleet.DoNothing, reasons: []string{"not-enough-evidence", "at-need"}, fields: inTasks("1.65"),
		},
	})
}
