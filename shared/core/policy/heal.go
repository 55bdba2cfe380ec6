package policy

import (
	"strconv"
	"strings"
	"time"
)

// HealRules say what may be done about failures.
type HealRules struct {
	Rollback *bool `yaml:"rollback"`
	// RollbackAlarms are CloudWatch alarms, metric or composite, that count as
	// evidence against a revision.
	RollbackAlarms *[]string `yaml:"rollback_alarms"`
	// FalseRollback is the accepted share of good rollouts that are rolled back.
	FalseRollback *float64 `yaml:"false_rollback"`
	// SuspectFor is how long after its deployment a revision may be blamed.
	SuspectFor *time.Duration `yaml:"suspect_for"`
	// DependsOn names what the service cannot do without, as the policy's own
	// words: services that share a word share a fate.
	DependsOn *[]string `yaml:"depends_on"`
	Probe     *bool     `yaml:"probe"`
	Proceed   *bool     `yaml:"proceed"`
	// StuckAfter is how long a deployment without a circuit breaker may take.
	StuckAfter *time.Duration `yaml:"stuck_after"`

	SpotFallback    *bool          `yaml:"spot_fallback"`
	SpotReturnAfter *time.Duration `yaml:"spot_return_after"`
	DrainHosts      *bool          `yaml:"drain_hosts"`
	// MemoryStep is by how many percent the memory of a revision that was good
	// and runs out of it may grow; 0 is never.
	MemoryStep *int `yaml:"memory_step"`
	// MemoryMax is the most memory that a task may be given, in MiB.
	MemoryMax   *int           `yaml:"memory_max"`
	MaxTaskAge  *time.Duration `yaml:"max_task_age"`
	CapRestarts *bool          `yaml:"cap_restarts"`
}

// Healing are the effective values of HealRules but Rollback.
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
}

// builtInHealing are the defaults. What costs money, restarts healthy tasks or
// touches a host that others share is off until the policy says so.
func builtInHealing() Healing {
	return Healing{
		FalseRollback:   0.001,
		SuspectFor:      24 * time.Hour,
		StuckAfter:      30 * time.Minute,
		SpotFallback:    true,
		SpotReturnAfter: time.Hour,
		MemoryMax:       8192,
	}
}

func healSettings() []setting {
	return []setting{
		healing("heal.rollback_alarms", func(h *HealRules, e *Healing) bool { return set(&e.RollbackAlarms, h.RollbackAlarms) },
			func(e Healing) string { return list(e.RollbackAlarms) }),
		healing("heal.false_rollback", func(h *HealRules, e *Healing) bool { return set(&e.FalseRollback, h.FalseRollback) },
			func(e Healing) string { return number(e.FalseRollback) }),
		healing("heal.suspect_for", func(h *HealRules, e *Healing) bool { return set(&e.SuspectFor, h.SuspectFor) },
			func(e Healing) string { return e.SuspectFor.String() }),
		healing("heal.depends_on", func(h *HealRules, e *Healing) bool { return set(&e.DependsOn, h.DependsOn) },
			func(e Healing) string { return list(e.DependsOn) }),
		healing("heal.probe", func(h *HealRules, e *Healing) bool { return set(&e.Probe, h.Probe) },
			func(e Healing) string { return strconv.FormatBool(e.Probe) }),
		healing("heal.proceed", func(h *HealRules, e *Healing) bool { return set(&e.Proceed, h.Proceed) },
			func(e Healing) string { return strconv.FormatBool(e.Proceed) }),
		healing("heal.stuck_after", func(h *HealRules, e *Healing) bool { return set(&e.StuckAfter, h.StuckAfter) },
			func(e Healing) string { return e.StuckAfter.String() }),
		healing("heal.spot_fallback", func(h *HealRules, e *Healing) bool { return set(&e.SpotFallback, h.SpotFallback) },
			func(e Healing) string { return strconv.FormatBool(e.SpotFallback) }),
		healing("heal.spot_return_after", func(h *HealRules, e *Healing) bool { return set(&e.SpotReturnAfter, h.SpotReturnAfter) },
			func(e Healing) string { return e.SpotReturnAfter.String() }),
		healing("heal.drain_hosts", func(h *HealRules, e *Healing) bool { return set(&e.DrainHosts, h.DrainHosts) },
			func(e Healing) string { return strconv.FormatBool(e.DrainHosts) }),
		healing("heal.memory_step", func(h *HealRules, e *Healing) bool { return set(&e.MemoryStep, h.MemoryStep) },
			func(e Healing) string { return strconv.Itoa(e.MemoryStep) }),
		healing("heal.memory_max", func(h *HealRules, e *Healing) bool { return set(&e.MemoryMax, h.MemoryMax) },
			func(e Healing) string { return strconv.Itoa(e.MemoryMax) }),
		healing("heal.max_task_age", func(h *HealRules, e *Healing) bool { return set(&e.MaxTaskAge, h.MaxTaskAge) },
			func(e Healing) string { return e.MaxTaskAge.String() }),
		healing("heal.cap_restarts", func(h *HealRules, e *Healing) bool { return set(&e.CapRestarts, h.CapRestarts) },
			func(e Healing) string { return strconv.FormatBool(e.CapRestarts) }),
	}
}

func healing(path string, apply func(*HealRules, *Healing) bool, show func(Healing) string) setting {
	return setting{
		path, func(r *Rules, e *Effective) bool { return r.Heal != nil && apply(r.Heal, &e.Healing) },
		func(e Effective) string { return show(e.Healing) },
	}
}

func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// maxAlarms is how many alarms one service may name: DescribeAlarms takes a
// hundred at once, and nine calls a second are the whole account's.
const maxAlarms = 20

func (c *checker) heal(prefix string, h *HealRules) {
	if h.FalseRollback != nil && !(*h.FalseRollback > 0 && *h.FalseRollback <= 0.5) {
		c.fault(prefix+"false_rollback", "heal.false_rollback is %v, expected a share above 0 and up to 0.5", *h.FalseRollback)
	}
	c.durations(prefix, h)
	if s := h.MemoryStep; s != nil && *s != 0 && (*s < 25 || *s > 50) {
		c.fault(prefix+"memory_step", "heal.memory_step is %d, expected 25 to 50 percent, or 0 for never", *s)
	}
	if m := h.MemoryMax; m != nil && (*m < 512 || *m > 122880) {
		c.fault(prefix+"memory_max", "heal.memory_max is %d, expected 512 to 122880 MiB", *m)
	}
	c.names(prefix+"rollback_alarms", h.RollbackAlarms)
	c.names(prefix+"depends_on", h.DependsOn)
}

func (c *checker) durations(prefix string, h *HealRules) {
	for _, d := range []struct {
		key         string
		value       *time.Duration
		least, most time.Duration
		off         bool
	}{
		{"suspect_for", h.SuspectFor, 10 * time.Minute, 30 * 24 * time.Hour, false},
		{"stuck_after", h.StuckAfter, 5 * time.Minute, 24 * time.Hour, true},
		{"spot_return_after", h.SpotReturnAfter, 5 * time.Minute, 24 * time.Hour, false},
		{"max_task_age", h.MaxTaskAge, time.Hour, 365 * 24 * time.Hour, true},
	} {
		if d.value == nil || (d.off && *d.value == 0) || (*d.value >= d.least && *d.value <= d.most) {
			continue
		}
		never := ""
		if d.off {
			never = ", or 0s for never"
		}
		c.fault(prefix+d.key, "heal.%s is %s, expected %s to %s%s", d.key, *d.value, d.least, d.most, never)
	}
}

func (c *checker) names(at string, names *[]string) {
	if names == nil {
		return
	}
	if len(*names) > maxAlarms {
		c.fault(at, "%d names, expected at most %d", len(*names), maxAlarms)
	}
	for _, name := range *names {
		if strings.TrimSpace(name) == "" {
			c.fault(at, "a name is empty")
		}
	}
}
