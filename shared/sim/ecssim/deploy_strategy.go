package ecssim

import (
	"cmp"
	"math"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// The deployment strategies.
const (
	strategyRolling   = "ROLLING"
	strategyBlueGreen = "BLUE_GREEN"
	strategyLinear    = "LINEAR"
	strategyCanary    = "CANARY"
)

// The lifecycle stages of a service deployment, in their order.
const (
	stageReconcile      = "RECONCILE_SERVICE"
	stagePreScaleUp     = "PRE_SCALE_UP"
	stageScaleUp        = "SCALE_UP"
	stagePostScaleUp    = "POST_SCALE_UP"
	stageTestShift      = "TEST_TRAFFIC_SHIFT"
	stagePostTestShift  = "POST_TEST_TRAFFIC_SHIFT"
	stagePreProduction  = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	stageProduction     = "PRODUCTION_TRAFFIC_SHIFT"
	stagePostProduction = "POST_PRODUCTION_TRAFFIC_SHIFT"
	stageBake           = "BAKE_TIME"
	stageCleanUp        = "CLEAN_UP"
)

// PauseStages returns the stages for a PAUSE hook: all but the two shifts.
func PauseStages() []string {
	return []string{stageReconcile, stagePreScaleUp, stagePostScaleUp, stagePostTestShift, stagePreProduction, stagePostProduction}
}

// shiftConfig is the strategy of a rollout: the steps of production traffic, and
// the pauses. Percent and bake time belong to a step of LINEAR, or to the canary.
type shiftConfig struct {
	kind    string
	percent float64
	step    time.Duration
	hooks   []hookConfig
}

// hookConfig is a PAUSE hook.
type hookConfig struct {
	stages  []string
	timeout time.Duration
	action  string
}

// shifts reports whether the strategy moves traffic from a blue to a green set of
// tasks.
func (c shiftConfig) shifts() bool { return c.kind != strategyRolling }

// parseShift reads the strategy of a deploymentConfiguration. A missing member
// keeps its current value.
func parseShift(in wire.Object, old shiftConfig) (shiftConfig, error) {
	c := old
	if kind := in.String("strategy"); kind != "" && kind != c.kind {
		c = shiftConfig{kind: kind, hooks: old.hooks}
	}
	c.kind = cmp.Or(c.kind, strategyRolling)
	if err := c.parseSteps(in); err != nil {
		return old, err
	}
	if in.Has("lifecycleHooks") {
		hooks, err := parseHooks(in.Objects("lifecycleHooks"))
		if err != nil {
			return old, err
		}
		c.hooks = hooks
	}
	return c, nil
}

func (c *shiftConfig) parseSteps(in wire.Object) error {
	least := 0.0
	switch c.kind {
	case strategyRolling, strategyBlueGreen:
		if in.Has("linearConfiguration") || in.Has("canaryConfiguration") {
			return wire.Errorf("InvalidParameterException", "linearConfiguration and canaryConfiguration do not go with the strategy %s.", c.kind)
		}
		return nil
	case strategyLinear:
		least = linearLeast
		c.readStep(in.Object("linearConfiguration"), "stepPercent", linearPercent, "stepBakeTimeInMinutes", linearBake)
	case strategyCanary:
		least = canaryLeast
		c.readStep(in.Object("canaryConfiguration"), "canaryPercent", canaryPercent, "canaryBakeTimeInMinutes", canaryBake)
	default:
		return wire.Errorf("InvalidParameterException", "Invalid deployment strategy: %s", c.kind)
	}
	if c.percent < least || c.percent > 100 || c.step < 0 || c.step > maxStepBake {
		return wire.Errorf("InvalidParameterException", "Invalid steps of the strategy %s: %g percent, bake time %s.", c.kind, c.percent, c.step)
	}
	return nil
}

func (c *shiftConfig) readStep(in wire.Object, percent string, defaultPercent float64, bake string, defaultBake int) {
	if v, ok := in.Float(percent); ok {
		c.percent = v
	} else if c.percent == 0 {
		c.percent, c.step = defaultPercent, time.Duration(defaultBake)*time.Minute
	}
	if n, ok := in.Int(bake); ok {
		c.step = time.Duration(n) * time.Minute
	}
}

func parseHooks(list []wire.Object) ([]hookConfig, error) {
	if len(list) > maxHooks {
		return nil, wire.Errorf("InvalidParameterException", "A service cannot have more than %d lifecycle hooks.", maxHooks)
	}
	out := []hookConfig{}
	for _, in := range list {
		if kind := in.String("targetType"); kind != "PAUSE" {
			return nil, wire.Errorf("InvalidParameterException", "ecssim models lifecycle hooks of the target type PAUSE only, not %s", cmp.Or(kind, "AWS_LAMBDA"))
		}
		h := hookConfig{stages: in.Strings("lifecycleStages"), timeout: hookTimeout, action: hookRollback}
		for _, stage := range h.stages {
			if !slices.Contains(PauseStages(), stage) {
				return nil, wire.Errorf("InvalidParameterException", "A PAUSE hook cannot be at the lifecycle stage %s.", stage)
			}
		}
		timeout := in.Object("timeoutConfiguration")
		if n, ok := timeout.Int("timeoutInMinutes"); ok {
			h.timeout = time.Duration(n) * time.Minute
		}
		h.action = cmp.Or(timeout.String("action"), h.action)
		if len(h.stages) == 0 || h.timeout < time.Minute || h.timeout > maxHookTimeout || h.action != hookRollback && h.action != hookContinue {
			return nil, wire.Errorf("InvalidParameterException", "The lifecycle hook is not valid.")
		}
		out = append(out, h)
	}
	return out, nil
}

func (c shiftConfig) object(out wire.Object) {
	out["strategy"] = c.kind
	minutes := int(c.step / time.Minute)
	switch c.kind {
	case strategyLinear:
		out["linearConfiguration"] = wire.Object{"stepPercent": c.percent, "stepBakeTimeInMinutes": minutes}
	case strategyCanary:
		out["canaryConfiguration"] = wire.Object{"canaryPercent": c.percent, "canaryBakeTimeInMinutes": minutes}
	}
	if len(c.hooks) == 0 {
		return
	}
	hooks := make([]wire.Object, len(c.hooks))
	for i, h := range c.hooks {
		hooks[i] = wire.Object{
			"targetType": "PAUSE", "lifecycleStages": h.stages,
			"timeoutConfiguration": wire.Object{"timeoutInMinutes": int(h.timeout / time.Minute), "action": h.action},
		}
	}
	out["lifecycleHooks"] = hooks
}

// step is a visit to a lifecycle stage: the share of production traffic of the
// new revision from then on, and the time of watching.
type step struct {
	stage  string
	weight float64
	bake   time.Duration
}

// waits are the times of a deployment that shifts traffic, beside its bake times: after
// the green tasks run, and after each change of the weights.
type waits struct{ scaledUp, shifted time.Duration }

// steps returns the steps of a rollout.
func (c shiftConfig) steps(bake time.Duration, w waits) []step {
	way := []step{{stage: stageReconcile}, {stage: stagePreScaleUp}, {stage: stageScaleUp}, {stage: stagePostScaleUp}}
	if !c.shifts() {
		return append(way, step{stageBake, 100, bake}, step{stage: stageCleanUp, weight: 100})
	}
	way[len(way)-1].bake = w.scaledUp
	way = append(way, step{stage: stageTestShift, bake: w.shifted}, step{stage: stagePostTestShift})
	before := 0.0
	for _, weight := range c.weights() {
		watched := w.shifted
		if weight < 100 {
			watched = max(c.step, w.shifted)
		}
		way = append(way, step{stage: stagePreProduction, weight: before}, step{stageProduction, weight, watched})
		before = weight
	}
	return append(way, step{stage: stagePostProduction, weight: 100}, step{stageBake, 100, bake}, step{stage: stageCleanUp, weight: 100})
}

// weights returns the shares of production traffic, in order.
func (c shiftConfig) weights() []float64 {
	switch c.kind {
	case strategyLinear:
		var out []float64
		for n := 1; ; n++ {
			weight := math.Min(100, float64(n)*c.percent)
			out = append(out, weight)
			if weight >= 100 {
				return out
			}
		}
	case strategyCanary:
		if c.percent < 100 {
			return []float64{c.percent, 100}
		}
	}
	return []float64{100}
}
