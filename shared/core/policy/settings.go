package policy

import (
	"fmt"
	"slices"
	"strconv"
)

// setting is one key of the policy: how it is applied and shown.
type setting struct {
	path string
	// apply sets the value where the rules have it, and reports whether they do.
	apply func(*Rules, *Effective) bool
	show  func(Effective) string
}

// builtIn is what holds where no file says otherwise: the design's defaults.
// There is no pause after a change: what is asked for is the work's need and not
// a step from the last count, and it is patient by itself.
func builtIn() Effective {
	return Effective{
		Mode:           Observe,
		Rollback:       true,
		Healing:        builtInHealing(),
		Scaling:        builtInScaling(),
		ScaleEnabled:   true,
		Min:            1,
		Max:            5,
		CPU:            70,
		ActionsPerHour: 12,
		MassFailure:    0.2,
	}
}

// settings lists every key once, in the order in which explain prints them.
func settings() []setting {
	return slices.Concat([]setting{
		{
			"mode", func(r *Rules, e *Effective) bool { return set(&e.Mode, r.Mode) },
			func(e Effective) string { return string(e.Mode) },
		},
		{
			"heal.rollback", func(r *Rules, e *Effective) bool { return r.Heal != nil && set(&e.Rollback, r.Heal.Rollback) },
			func(e Effective) string { return strconv.FormatBool(e.Rollback) },
		},
	}, healSettings(), scaleSettings(), []setting{
		{
			"redeploy.tag", func(r *Rules, e *Effective) bool { return r.Redeploy != nil && set(&e.Tag, r.Redeploy.Tag) },
			func(e Effective) string { return quote(e.Tag) },
		},
		{
			"limits.actions_per_hour", func(r *Rules, e *Effective) bool {
				return r.Limits != nil && set(&e.ActionsPerHour, r.Limits.ActionsPerHour)
			},
			func(e Effective) string { return strconv.Itoa(e.ActionsPerHour) },
		},
		{
			"limits.mass_failure", func(r *Rules, e *Effective) bool {
				return r.Limits != nil && set(&e.MassFailure, r.Limits.MassFailure)
			},
			func(e Effective) string { return number(e.MassFailure) },
		},
	})
}

func set[T any](into *T, from *T) bool {
	if from == nil {
		return false
	}
	*into = *from
	return true
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func quote(s string) string { return strconv.Quote(s) }

func servicePrefix(i int) string { return fmt.Sprintf("$.services[%d].", i) }
