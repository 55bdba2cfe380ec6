package policy

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

// Scaling holds the effective values of the section scale. The bounds, the CPU
// target and the cooldowns are fields of Effective. The help of each key is in
// scaleKeys.
type Scaling struct {
	Memory          float64
	RequestsPerTask float64
	// TargetGroup is "targetgroup/NAME/ID" and LoadBalancer is "app/NAME/ID".
	// Both name one pair instead of Groups.
	TargetGroup, LoadBalancer string
	// Groups are the target groups of the service, as ECS names them. They are no key.
	Groups          []fleet.TargetGroup
	BacklogPerTask  float64
	Queue           string
	Metric          *MetricRules
	ViolationPrice  float64
	Schedules       []Schedule
	Own             bool
	StepOut, StepIn int
	RateIn          float64
	ChangesPerHour  int
	ToZero          time.Duration
	Wake            []string
	Arm             bool
}

// UsesTriggerAlarm reports whether the policy and the tags ask for a trigger
// alarm.
func (e Effective) UsesTriggerAlarm() bool {
	return e.Enrolled && e.Mode == Act && e.ScaleEnabled && e.Arm && (e.Min < e.Max || len(e.Schedules) > 0)
}

// Counting returns the policy of a service with these target groups. ECS names no load
// balancer for a rolling service. Its groups are found by a search, which the capacity of
// a task in requests asks for.
func (e Effective) Counting(groups []fleet.TargetGroup) Effective {
	e.Groups = fleet.Countable(groups, e.RequestsPerTask > 0)
	return e
}

// CountedGroups returns the target groups whose requests are counted: those of the
// policy, else those of the service.
func (s Scaling) CountedGroups() []fleet.TargetGroup {
	if s.TargetGroup != "" && s.LoadBalancer != "" {
		return []fleet.TargetGroup{{Group: s.TargetGroup, LoadBalancer: s.LoadBalancer}}
	}
	return s.Groups
}

// CountsRequests reports whether the requests of a load balancer are read.
func (s Scaling) CountsRequests() bool {
	return s.TargetGroup != "" && s.LoadBalancer != "" || len(s.Groups) > 0
}

// CountsByMetric reports whether the metric counts requests and Homeostat learns
// their cost from the CPU. The metric then replaces the requests of the load
// balancer as the signal.
func (s Scaling) CountsByMetric() bool { return s.Metric != nil && s.Metric.PerTask == 0 }

// Counts reports whether any requests are counted.
func (s Scaling) Counts() bool { return s.CountsByMetric() || s.CountsRequests() }

// scaleKeys returns the keys of the section scale. There is no cooldown by
// default, because the demand controller limits its own changes.
func scaleKeys() []row {
	return slices.Concat(boundKeys(), signalKeys(), scheduleKeys(), paceKeys(), zeroKeys())
}

func boundKeys() []row {
	return []row{
		&key[bool]{
			path: "scale.enabled", initial: true, kind: boolean{},
			field: func(e *Effective) *bool { return &e.ScaleEnabled },
			help:  "Adjust the desired count to the demand.",
		},
		&key[int]{
			path: "scale.min", initial: 1, kind: minTasks(),
			field: func(e *Effective) *int { return &e.Min },
			help:  "Minimum number of tasks. The minimum of Application Auto Scaling applies too.",
		},
		&key[int]{
			path: "scale.max", initial: 5, kind: mostTasks(),
			field: func(e *Effective) *int { return &e.Max },
			help:  "Maximum number of tasks. The maximum of Application Auto Scaling applies too.",
		},
		&key[float64]{
			path: "scale.cpu", initial: 70, kind: decimal{least: 1, most: 100, text: "a percentage from 1 to 100"},
			field:    func(e *Effective) *float64 { return &e.CPU },
			explicit: func(e *Effective) *bool { return &e.CPUExplicit },
			help:     "Target of the average CPU. The default applies if the CPU is the signal. A value in the file also applies beside requests.",
		},
		&key[float64]{
			path: "scale.memory", kind: decimal{least: 1, most: 100, zero: true, text: "a percentage from 1 to 100, or 0 to leave memory out"},
			field: func(e *Effective) *float64 { return &e.Memory },
			help:  "Target of the average memory, as a lower bound beside the demand. If memory does not fall as tasks are added, the count rises to `scale.max`.",
		},
	}
}

func signalKeys() []row {
	const arn = `^(?:arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:`
	return []row{
		&key[float64]{
			path: "scale.requests_per_task", kind: decimal{text: "the requests per minute for one task, or 0 to leave them out"},
			field: func(e *Effective) *float64 { return &e.RequestsPerTask },
			help:  "Requests per minute for one task, counted as `ALBRequestCountPerTarget`. With 0, Homeostat learns the cost of a request from the CPU.",
		},
		&key[string]{
			path:  "scale.target_group",
			kind:  text{arn + `)?(targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})$`, "targetgroup/NAME/ID or the ARN of a target group"},
			field: func(e *Effective) *string { return &e.TargetGroup },
			help:  "Count the requests of this target group only. It needs `scale.load_balancer`. Without both, all groups of the service revision count. ECS names no load balancer for a rolling service: its groups count with `scale.requests_per_task` only.",
		},
		&key[string]{
			path:  "scale.load_balancer",
			kind:  text{arn + `loadbalancer/)?(app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})$`, "app/NAME/ID of an Application Load Balancer or its ARN"},
			field: func(e *Effective) *string { return &e.LoadBalancer },
			help:  "Load balancer of the target group. It needs `scale.target_group`.",
		},
		&key[float64]{
			path: "scale.backlog_per_task", kind: decimal{text: "the waiting messages for one task, or 0 to leave them out"},
			field: func(e *Effective) *float64 { return &e.BacklogPerTask },
			help:  "Waiting messages of `scale.queue` for one task.",
		},
		&key[string]{
			path:  "scale.queue",
			kind:  text{`^([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$`, "the name of an SQS queue (the last part of its URL)"},
			field: func(e *Effective) *string { return &e.Queue },
			help:  "SQS queue with the waiting messages. It needs `scale.backlog_per_task`.",
		},
		&key[*MetricRules]{
			path: "scale.metric", kind: metricKind{},
			field: func(e *Effective) **MetricRules { return &e.Metric },
			help:  "The application's own request count, or metric math. See the section Any metric.",
		},
		&key[float64]{
			path: "scale.violation_price", initial: 0.1,
			kind: decimal{
				above: true, text: "a number above 0",
				advice: ": 0.1 makes one percent of violating requests as bad as a tenth more cost. " +
					"For fewer violations use more, such as 0.3. For fewer tasks use less, such as 0.03",
			},
			field: func(e *Effective) *float64 { return &e.ViolationPrice },
			help:  "Value of one percentage point of violating requests, as a share of the cost. 0.3 buys more headroom, 0.03 less.",
		},
	}
}

func scheduleKeys() []row {
	return []row{
		&key[[]Schedule]{
			path: "scale.schedules", kind: scheduleKind{},
			field: func(e *Effective) *[]Schedule { return &e.Schedules },
			help:  "Bounds at certain times. See the section Schedules.",
		},
	}
}

func paceKeys() []row {
	return []row{
		&key[bool]{
			path: "scale.own", kind: boolean{},
			field: func(e *Effective) *bool { return &e.Own },
			help:  "Suspend the scaling policies of Application Auto Scaling and take over. Without it, Homeostat does not scale a service with such policies.",
		},
		&key[time.Duration]{
			path: "scale.cooldown_out", kind: duration{most: day},
			field: func(e *Effective) *time.Duration { return &e.CooldownOut },
			help:  "Pause between a change and the next scale-out.",
		},
		&key[time.Duration]{
			path: "scale.cooldown_in", kind: duration{most: day},
			field: func(e *Effective) *time.Duration { return &e.CooldownIn },
			help:  "Pause between a change and the next scale-in.",
		},
		&key[int]{
			path: "scale.step_out", kind: integer{most: maxTasks},
			field: func(e *Effective) *int { return &e.StepOut },
			help:  "Maximum number of tasks to add in one action. 0 is no limit.",
		},
		&key[int]{
			path: "scale.step_in", kind: integer{most: maxTasks},
			field: func(e *Effective) *int { return &e.StepIn },
			help:  "Maximum number of tasks to remove in one action. 0 is no limit.",
		},
		&key[float64]{
			// A wrong reading removes at most half of the tasks before the next reading. At
			// the end of a burst the peak costs one minute more, the least that Fargate bills.
			path: "scale.rate_in", initial: 0.5, kind: decimal{above: true, most: 1, text: "a share of the tasks above 0 and up to 1 (no limit)"},
			field: func(e *Effective) *float64 { return &e.RateIn },
			help:  "Maximum share of the tasks to remove in one minute.",
		},
		&key[int]{
			path: "scale.changes_per_hour", initial: maxChanges, kind: integer{most: maxChanges},
			field: func(e *Effective) *int { return &e.ChangesPerHour },
			help:  "Changes of the desired count in one hour before the next scale-in waits. A scale-out counts and never waits.",
		},
	}
}

func zeroKeys() []row {
	return []row{
		&key[time.Duration]{
			path: "scale.to_zero", kind: duration{least: time.Minute, most: 31 * day, zero: "for never"},
			field: func(e *Effective) *time.Duration { return &e.ToZero },
			help:  "Time without load before the service scales to zero. A queue, `scale.wake`, a metric or a schedule must start it again.",
		},
		&key[[]string]{
			path: "scale.wake", kind: names{maxNames},
			field: func(e *Effective) *[]string { return &e.Wake },
			help:  "CloudWatch alarms that start a service with zero tasks.",
		},
		&key[bool]{
			path: "scale.arm", initial: true, kind: boolean{},
			field: func(e *Effective) *bool { return &e.Arm },
			help: "Create a trigger alarm on the CPU, in the mode `act` only. It fires before one more task is needed: above 41 % for one task, 62 % for two, " +
				"just below the target for more. It costs 0.10 USD a month and saves evaluations of a stable service. See design 0009.",
		},
	}
}

// minTasks returns the bounds of a minimum number of tasks.
func minTasks() integer { return integer{least: 1, most: maxTasks, zero: "with scale.to_zero"} }

// mostTasks returns the bounds of a maximum number of tasks.
func mostTasks() integer { return integer{least: 1, most: maxTasks} }
