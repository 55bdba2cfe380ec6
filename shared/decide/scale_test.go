package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/decide"
	"homeostat/shared/fleet"
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

func TestTheCountFollowsTheWork(t *testing.T) {
	check(t, map[string]planned{
		"above the target tasks are added": {
			given: after(alarmed(95)), kind: fleet.ScaleOut, reasons: []string{"cpu-above-target"},
			text:   "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"also during a deployment": {
			given: after(alarmed(95), deploying), kind: fleet.ScaleOut, reasons: []string{"cpu-above-target"},
			text:   "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"below the target tasks are given back": {
			given: after(alarmed(20)), kind: fleet.ScaleIn, reasons: []string{"cpu-below-target"},
			text:   "CPU 20 % on 3 running is work for 0.60 tasks: 1 at the target of 70 %",
			action: scaled(fleet.ScaleIn, 1, minuteAgo), again: time.Minute,
		},
		"an idle service keeps one task": {
			given: after(alarmed(0)), kind: fleet.ScaleIn, reasons: []string{"cpu-below-target"},
			text:   "CPU 0 % on 3 running is work for 0.00 tasks: 1 at the target of 70 %",
			action: scaled(fleet.ScaleIn, 1, minuteAgo), again: time.Minute,
		},
		"at the target nothing changes": {
			given: after(alarmed(70)), kind: fleet.DoNothing, reasons: []string{"cpu-at-target"},
			text: "CPU 70 % on 3 running is work for 2.10 tasks: 3 at the target of 70 %",
		},
		"at the target a hot service is looked at again": {
			given: after(alarmed(70), hot), kind: fleet.DoNothing, reasons: []string{"cpu-at-target"},
			text: "CPU 70 % on 3 running is work for 2.10 tasks: 3 at the target of 70 %", again: time.Minute,
		},
		"close below the target nothing is given back": {
			given: after(alarmed(63), func(in *decide.Input) { in.Snapshot.Desired = 4 }),
			kind:  fleet.DoNothing, reasons: []string{"cpu-near-target"},
			text: "CPU 63 % on 3 running is work for 1.89 tasks: 3 at the target of 70 %; close to the target, so nothing is given back",
		},
		"during a deployment nothing is given back": {
			given: after(alarmed(20), deploying), kind: fleet.DoNothing, reasons: []string{"deploying"},
			text: "CPU 20 % on 3 running is work for 0.60 tasks: 1 at the target of 70 %; no scale-in during a deployment",
		},
		"an alarm that fires at little load keeps nothing from being given back": {
			given: after(alarmed(20), hot), kind: fleet.ScaleIn, reasons: []string{"cpu-below-target"},
			text:   "CPU 20 % on 3 running is work for 0.60 tasks: 1 at the target of 70 %",
			action: scaled(fleet.ScaleIn, 1, minuteAgo), again: time.Minute,
		},
		"an alarm at high CPU asks for another look": {
			given: after(alarmed(69), hot), kind: fleet.DoNothing, reasons: []string{"cpu-at-target"},
			text: "CPU 69 % on 3 running is work for 2.07 tasks: 3 at the target of 70 %", again: time.Minute,
		},
		"tasks that start are not counted as busy": {
			given: after(alarmed(95), func(in *decide.Input) {
				in.Snapshot.Desired, in.Snapshot.Running = 5, 5
				in.Memory.Arms = map[string]*fleet.Arm{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{
					"a": {StartedAt: ago(30 * time.Second)}, "b": {StartedAt: ago(20 * time.Second)},
				}}}
			}), kind: fleet.DoNothing, reasons: []string{"cpu-at-target"},
			text: "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
		},
	})
}

func TestTheLoadIsNotAlwaysOursToFollow(t *testing.T) {
	still := func(name, text string, given ...change) planned {
		return planned{given: append([]change{alarmed(95)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	check(t, map[string]planned{
		"scaling may be turned off": still("scaling-off", "the policy turns scaling off", func(in *decide.Input) { in.Policy.ScaleEnabled = false }),
		"a policy of AWS steers": still("aws-steers", "the AWS scaling policy cpu70 steers this service; two hands would fight",
			func(in *decide.Input) {
				in.Snapshot.Scaling = fleet.Scaling{Registered: true, Policies: []string{"cpu70"}}
			}),
		"a person has stopped the service": still("stopped-by-hand", "the desired count is 0; only a person starts a service again",
			func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = 0, 0 }),
		"no task runs": still("nothing-running", "no task runs, so the load says nothing", func(in *decide.Input) { in.Snapshot.Running = 0 }),
		"an event of no concern for the load": {
			given: after(alarmed(95), kindOf(fleet.ImageScan)), kind: fleet.DoNothing, reasons: []string{"nothing-to-do"},
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
		"the metric is no percentage": still("metric-unknown", "the CPU metric is no percentage, or nothing ran while it was taken",
			func(in *decide.Input) { in.Snapshot.CPU.Value = -1 }),
		"nothing ran while the metric was taken": still("metric-unknown", "the CPU metric is no percentage, or nothing ran while it was taken",
			func(in *decide.Input) {
				in.Snapshot.Running = 1
				in.Memory.Arms = map[string]*fleet.Arm{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(30 * time.Second)}}}}
			}),
		"the metric is of more than five minutes ago": still("metric-stale", "the newest CPU metric is 5m1s old",
			func(in *decide.Input) { in.Snapshot.CPU.At = ago(5*time.Minute + time.Second) }),
		"the metric of five minutes ago still counts": {
			given: after(alarmed(95), func(in *decide.Input) { in.Snapshot.CPU.At = ago(5 * time.Minute) }), kind: fleet.ScaleOut,
			reasons: []string{"cpu-above-target"}, text: "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, "from 3 at 2026-01-05T11:55:00Z"), again: time.Minute,
		},
	})
}

func TestTheLoadIsFollowedAfterTheEventsThatTellOfIt(t *testing.T) {
	check(t, map[string]planned{
		"an alarm": {
			given: after(alarmed(95)), kind: fleet.ScaleOut, reasons: []string{"cpu-above-target"},
			text:   "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"Application Auto Scaling at its end": {
			given: after(alarmed(95), kindOf(fleet.ScaledToMax)), kind: fleet.ScaleOut, reasons: []string{"cpu-above-target"},
			text:   "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick": {
			given: after(alarmed(95), kindOf(fleet.Tick)), kind: fleet.ScaleOut, reasons: []string{"cpu-above-target"},
			text:   "CPU 95 % on 3 running is work for 2.85 tasks: 5 at the target of 70 %",
			action: scaled(fleet.ScaleOut, 5, minuteAgo), again: time.Minute,
		},
		"a tick that changes nothing says what healing and scaling made of it": {
			given: after(alarmed(70), kindOf(fleet.Tick)), kind: fleet.DoNothing, reasons: []string{"not-enough-evidence", "cpu-at-target"},
			text: "CPU 70 % on 3 running is work for 2.10 tasks: 3 at the target of 70 %",
		},
	})
}
