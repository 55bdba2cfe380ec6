package policy

import (
	"strconv"
	"time"
)

// ScaleRules say how many tasks a service may have, and what that follows.
type ScaleRules struct {
	Enabled *bool `yaml:"enabled"`
	Min     *int  `yaml:"min"`
	Max     *int  `yaml:"max"`
	// CPU and Memory are the average utilisations to aim at, in percent.
	CPU    *float64 `yaml:"cpu"`
	Memory *float64 `yaml:"memory"`
	// RequestsPerTask is how many requests a minute one task may serve, as
	// AWS's ALBRequestCountPerTarget counts them.
	RequestsPerTask *float64 `yaml:"requests_per_task"`
	// TargetGroup and LoadBalancer are where requests are counted, which takes
	// both; without, none are.
	TargetGroup  *string `yaml:"target_group"`
	LoadBalancer *string `yaml:"load_balancer"`
	// BacklogPerTask is how many messages of the SQS queue one task may have
	// waiting.
	BacklogPerTask *float64     `yaml:"backlog_per_task"`
	Queue          *string      `yaml:"queue"`
	Metric         *MetricRules `yaml:"metric"`
	// ViolationPrice is what one percentage point of violating requests is
	// worth, as a share of the cost.
	ViolationPrice *float64    `yaml:"violation_price"`
	Schedules      *[]Schedule `yaml:"schedules"`
	// Own takes over from the scaling policies of Application Auto Scaling.
	Own         *bool          `yaml:"own"`
	CooldownOut *time.Duration `yaml:"cooldown_out"`
	CooldownIn  *time.Duration `yaml:"cooldown_in"`
	// StepOut and StepIn are the most tasks added and removed in one action; 0
	// is no limit.
	StepOut *int `yaml:"step_out"`
	StepIn  *int `yaml:"step_in"`
	// RateIn is the largest share of the tasks that is given back in a minute.
	RateIn *float64 `yaml:"rate_in"`
	// ChangesPerHour is how many changes of the desired count an hour may have
	// before the next scale-in waits.
	ChangesPerHour *int `yaml:"changes_per_hour"`
	// ToZero is how long a service must be without any load until it has no
	// tasks; 0 is never. Wake are the alarms that start it again.
	ToZero *time.Duration `yaml:"to_zero"`
	Wake   *[]string      `yaml:"wake"`
	// Arm lets Homeostat make a CloudWatch alarm that tells when the CPU is so high
	// that one more task will be needed.
	Arm *bool `yaml:"arm"`
}

// Scaling are the effective values of ScaleRules but the bounds, the CPU target
// and the pauses.
type Scaling struct {
	// Memory is a target in percent; 0 uses none.
	Memory float64
	// RequestsPerTask are requests a minute; 0 uses none.
	RequestsPerTask float64
	// TargetGroup is "targetgroup/NAME/ID" and LoadBalancer "app/NAME/ID".
	TargetGroup, LoadBalancer string
	// BacklogPerTask is used where Queue is named.
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

// UsesTriggerAlarm reports whether the service is to have an alarm by which it calls, as far
// as the policy and its tags say.
func (e Effective) UsesTriggerAlarm() bool {
	return e.Enrolled && e.Mode == Act && e.ScaleEnabled && e.Arm && (e.Min < e.Max || len(e.Schedules) > 0)
}

// CountsRequests reports whether the requests are read, which takes the names of
// both the target group and the load balancer.
func (s Scaling) CountsRequests() bool { return s.TargetGroup != "" && s.LoadBalancer != "" }

// CountsByMetric reports whether the policy's metric counts what comes in, and its
// cost is to be learned from the CPU. Then it tells of the work in the place of the
// load balancer's requests.
func (s Scaling) CountsByMetric() bool { return s.Metric != nil && s.Metric.PerTask == 0 }

// Counts reports whether what comes in is counted at all.
func (s Scaling) Counts() bool { return s.CountsByMetric() || s.CountsRequests() }

// builtInScaling are the defaults. Half of the tasks a minute is what the whole
// of a wrong reading can take until the next one is there; at the end of a burst
// it costs its peak for a minute more, which is the least that Fargate bills.
func builtInScaling() Scaling {
	return Scaling{ViolationPrice: 0.1, RateIn: 0.5, ChangesPerHour: 60, Arm: true}
}

func scaleSettings() []setting {
	return []setting{
		scale("enabled", func(s *ScaleRules, e *Effective) bool { return set(&e.ScaleEnabled, s.Enabled) },
			func(e Effective) string { return strconv.FormatBool(e.ScaleEnabled) }),
		scale("min", func(s *ScaleRules, e *Effective) bool { return set(&e.Min, s.Min) },
			func(e Effective) string { return strconv.Itoa(e.Min) }),
		scale("max", func(s *ScaleRules, e *Effective) bool { return set(&e.Max, s.Max) },
			func(e Effective) string { return strconv.Itoa(e.Max) }),
		scale("cpu", func(s *ScaleRules, e *Effective) bool {
			e.CPUSaid = e.CPUSaid || s.CPU != nil
			return set(&e.CPU, s.CPU)
		},
			func(e Effective) string { return number(e.CPU) }),
		scale("memory", func(s *ScaleRules, e *Effective) bool { return set(&e.Memory, s.Memory) },
			func(e Effective) string { return number(e.Memory) }),
		scale("requests_per_task", func(s *ScaleRules, e *Effective) bool { return set(&e.RequestsPerTask, s.RequestsPerTask) },
			func(e Effective) string { return number(e.RequestsPerTask) }),
		scale("target_group", func(s *ScaleRules, e *Effective) bool { return set(&e.TargetGroup, s.TargetGroup) },
			func(e Effective) string { return quote(e.TargetGroup) }),
		scale("load_balancer", func(s *ScaleRules, e *Effective) bool { return set(&e.LoadBalancer, s.LoadBalancer) },
			func(e Effective) string { return quote(e.LoadBalancer) }),
		scale("backlog_per_task", func(s *ScaleRules, e *Effective) bool { return set(&e.BacklogPerTask, s.BacklogPerTask) },
			func(e Effective) string { return number(e.BacklogPerTask) }),
		scale("queue", func(s *ScaleRules, e *Effective) bool { return set(&e.Queue, s.Queue) },
			func(e Effective) string { return quote(e.Queue) }),
		scale("metric", func(s *ScaleRules, e *Effective) bool {
			if s.Metric == nil {
				return false
			}
			e.Metric = s.Metric
			return true
		}, func(e Effective) string { return e.Metric.String() }),
		scale("violation_price", func(s *ScaleRules, e *Effective) bool { return set(&e.ViolationPrice, s.ViolationPrice) },
			func(e Effective) string { return number(e.ViolationPrice) }),
		scale("schedules", func(s *ScaleRules, e *Effective) bool { return set(&e.Schedules, s.Schedules) },
			func(e Effective) string { return schedules(e.Schedules) }),
		scale("own", func(s *ScaleRules, e *Effective) bool { return set(&e.Own, s.Own) },
			func(e Effective) string { return strconv.FormatBool(e.Own) }),
		scale("cooldown_out", func(s *ScaleRules, e *Effective) bool { return set(&e.CooldownOut, s.CooldownOut) },
			func(e Effective) string { return e.CooldownOut.String() }),
		scale("cooldown_in", func(s *ScaleRules, e *Effective) bool { return set(&e.CooldownIn, s.CooldownIn) },
			func(e Effective) string { return e.CooldownIn.String() }),
		scale("step_out", func(s *ScaleRules, e *Effective) bool { return set(&e.StepOut, s.StepOut) },
			func(e Effective) string { return strconv.Itoa(e.StepOut) }),
		scale("step_in", func(s *ScaleRules, e *Effective) bool { return set(&e.StepIn, s.StepIn) },
			func(e Effective) string { return strconv.Itoa(e.StepIn) }),
		scale("rate_in", func(s *ScaleRules, e *Effective) bool { return set(&e.RateIn, s.RateIn) },
			func(e Effective) string { return number(e.RateIn) }),
		scale("changes_per_hour", func(s *ScaleRules, e *Effective) bool { return set(&e.ChangesPerHour, s.ChangesPerHour) },
			func(e Effective) string { return strconv.Itoa(e.ChangesPerHour) }),
		scale("to_zero", func(s *ScaleRules, e *Effective) bool { return set(&e.ToZero, s.ToZero) },
			func(e Effective) string { return e.ToZero.String() }),
		scale("wake", func(s *ScaleRules, e *Effective) bool { return set(&e.Wake, s.Wake) },
			func(e Effective) string { return list(e.Wake) }),
		scale("arm", func(s *ScaleRules, e *Effective) bool { return set(&e.Arm, s.Arm) },
			func(e Effective) string { return strconv.FormatBool(e.Arm) }),
	}
}

func scale(key string, apply func(*ScaleRules, *Effective) bool, show func(Effective) string) setting {
	return setting{"scale." + key, func(r *Rules, e *Effective) bool { return r.Scale != nil && apply(r.Scale, e) }, show}
}
