package policy

import (
	"slices"
	"time"
)

// Healing holds the effective values of the section heal, except for
// Effective.Rollback. The help of each key is in healKeys.
type Healing struct {
	RollbackAlarms  []string
	FalseRollback   float64
	SuspectFor      time.Duration
	DependsOn       []string
	Probe           bool
	Proceed         bool
	StuckAfter      time.Duration
	SpotFallback    bool
	SpotReturnAfter time.Duration
	DrainHosts      bool
	MemoryStep      int
	MemoryMax       int
	MaxTaskAge      time.Duration
	CapRestarts     bool
	RefreshSecrets  bool
	RestoreImages   bool
	RestoreNetwork  bool
}

const day = 24 * time.Hour

// healKeys returns the keys of the section heal. A key is off by default if it
// costs money, restarts healthy tasks or changes a shared host.
func healKeys() []row { return slices.Concat(revisionKeys(), capacityKeys()) }

func revisionKeys() []row {
	return []row{
		&key[bool]{
			path: "heal.rollback", initial: true, kind: boolean{},
			field: func(e *Effective) *bool { return &e.Rollback },
			help:  "Roll back a bad revision.",
		},
		&key[[]string]{
			path: "heal.rollback_alarms", kind: names{maxNames},
			field: func(e *Effective) *[]string { return &e.RollbackAlarms },
			help:  "CloudWatch alarms on metrics, logs or other alarms, as evidence against a revision. Alarms of the service's own deployments always count.",
		},
		&key[float64]{
			path: "heal.false_rollback", initial: 0.001, kind: decimal{above: true, most: 0.5, text: "a share above 0 and up to 0.5"},
			field: func(e *Effective) *float64 { return &e.FalseRollback },
			help:  "Accepted share of good rollouts that are rolled back, see judge.md.",
		},
		&key[time.Duration]{
			path: "heal.suspect_for", initial: day, kind: duration{least: 10 * time.Minute, most: 30 * day},
			field: func(e *Effective) *time.Duration { return &e.SuspectFor },
			help:  "Time after a deployment in which failures count against the revision. Later failures alert the operator.",
		},
		&key[[]string]{
			path: "heal.depends_on", kind: names{maxNames},
			field: func(e *Effective) *[]string { return &e.DependsOn },
			help:  "Names of shared dependencies. Services with a common name have a common cause if they fail together.",
		},
		&key[bool]{
			path: "heal.probe", kind: boolean{},
			field: func(e *Effective) *bool { return &e.Probe },
			help:  "If no other revision runs for comparison, start one task of the last good revision first. If it fails too, do not roll back.",
		},
		&key[bool]{
			path: "heal.proceed", kind: boolean{},
			field: func(e *Effective) *bool { return &e.Proceed },
			help:  "Answer PAUSE hooks of deployments: continue if the revision is healthy, roll back if it is bad.",
		},
		&key[time.Duration]{
			path: "heal.stuck_after", initial: 30 * time.Minute, kind: duration{least: 5 * time.Minute, most: day, zero: "for never"},
			field: func(e *Effective) *time.Duration { return &e.StuckAfter },
			help:  "Time limit of a rolling deployment. A later one is rolled back if its revision is at fault and it has no circuit breaker. Else the operator is notified.",
		},
	}
}

func capacityKeys() []row {
	return []row{
		&key[bool]{
			path: "heal.spot_fallback", initial: true, kind: boolean{},
			field: func(e *Effective) *bool { return &e.SpotFallback },
			help:  "Use on-demand capacity while Spot capacity is unavailable.",
		},
		&key[time.Duration]{
			path: "heal.spot_return_after", initial: time.Hour, kind: duration{least: 5 * time.Minute, most: day},
			field: func(e *Effective) *time.Duration { return &e.SpotReturnAfter },
			help:  "Time without Spot failures before the service returns to Spot capacity.",
		},
		&key[bool]{
			path: "heal.drain_hosts", kind: boolean{},
			field: func(e *Effective) *bool { return &e.DrainHosts },
			help:  "Drain a container instance if tasks fail on this instance only.",
		},
		&key[int]{
			path: "heal.memory_step", kind: integer{least: 25, most: 50, unit: "percent", zero: "for never"},
			field: func(e *Effective) *int { return &e.MemoryStep },
			help:  "Increase of the task memory when a formerly good revision runs out of memory, once a day.",
		},
		&key[int]{
			// Source of the bounds: task sizes of Fargate, 512 MiB to 120 GiB,
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
			path: "heal.memory_max", initial: 8192, kind: integer{least: 512, most: 122880, unit: "MiB"},
			field: func(e *Effective) *int { return &e.MemoryMax },
			help:  "Upper limit of the task memory for `heal.memory_step`.",
		},
		&key[time.Duration]{
			path: "heal.max_task_age", kind: duration{least: time.Hour, most: 365 * day, zero: "for never"},
			field: func(e *Effective) *time.Duration { return &e.MaxTaskAge },
			help:  "Recycle older tasks, one at a time.",
		},
		&key[bool]{
			path: "heal.cap_restarts", kind: boolean{},
			field: func(e *Effective) *bool { return &e.CapRestarts },
			help:  "Lower the desired count to the minimum while tasks of an old revision fail repeatedly.",
		},
		&key[bool]{
			path: "heal.refresh_secrets", kind: boolean{},
			field: func(e *Effective) *bool { return &e.RefreshSecrets },
			help:  "Propose a forced deployment while running tasks hold an earlier value of a parameter or secret.",
		},
		&key[bool]{
			path: "heal.restore_network", kind: boolean{},
			field: func(e *Effective) *bool { return &e.RestoreNetwork },
			help:  "Restore the subnets and security groups of the last good revision, if a bad revision changed them.",
		},
		&key[bool]{
			path: "heal.restore_images", kind: boolean{},
			field: func(e *Effective) *bool { return &e.RestoreImages },
			help:  "Restore an archived image of the registry if no other revision can run. It requires `-c restoreImages=true`.",
		},
	}
}
