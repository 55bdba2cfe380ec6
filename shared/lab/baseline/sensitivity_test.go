package baseline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// outcome is the cost of a run in task-hours, and its violating requests in
// percent.
type outcome struct{ hours, violating float64 }

// assumption changes one undocumented property.
type assumption struct {
	name  string
	other func(*baseline.TargetTracking)
}

func assumptions() []assumption {
	late := func(d time.Duration) func(*baseline.TargetTracking) {
		return func(p *baseline.TargetTracking) {
			if p.Metric.Period == time.Minute {
				p.Metric.Delay = d
			}
		}
	}
	return []assumption{
		{"default", func(*baseline.TargetTracking) {}},
		{"120 s delay of the metric of 60 s", late(120 * time.Second)},
		{"150 s delay of the metric of 60 s", late(150 * time.Second)},
		{"scale-in of a tenth", func(p *baseline.TargetTracking) { p.ScaleIn = baseline.Tenth }},
		{"scale-in after 5 minutes", func(p *baseline.TargetTracking) { p.LowFor = 5 * time.Minute }},
		{"scale-in below 80 % of the target", func(p *baseline.TargetTracking) { p.Low = 0.8 }},
		{"scale-out from the running tasks", func(p *baseline.TargetTracking) { p.Restart = true }},
	}
}

// measured plays a trace with a need of twenty tasks, and measures from its first
// half hour on.
func measured(t *testing.T, g traffic.Trace, p baseline.TargetTracking) outcome {
	service := workload.Standard()
	scaled, err := g.ScaledTo(service.Capacities()[20])
	require.NoError(t, err)
	s := workload.New(service, scaled, 10, 1)
	s.Ledger().From = 1800
	l := workload.Run(s, baseline.NewTracker(p))
	return outcome{l.TaskSeconds / 3600, 100 * l.Violating / l.Requests}
}

// Undocumented properties change the figures. The calibrated delay of the metric
// must hardly matter. In every reading, the fast metric must serve fast changes at
// least as well as the slow one. `-v` prints the table of
// docs/designs/0006-the-baselines.md.
func TestAssumedProperties(t *testing.T) {
	names := []string{"step", "daily", "flash-crowd", "square", "on-off", "sawtooth", "noise"}
	results := map[string][2]outcome{} // by assumption and trace: on the metrics of 60 s and 20 s
	for _, g := range traffic.Generated() {
		for _, a := range assumptions() {
			var both [2]outcome
			for i, m := range []baseline.Metric{baseline.StandardCPU(), baseline.FastCPU()} {
				p := baseline.Tracking(m)
				a.other(&p)
				both[i] = measured(t, g, p)
			}
			results[a.name+g.Name] = both
		}
	}
	for i, period := range []int{60, 20} {
		table := fmt.Sprintf("\n| %d s | %s |\n|---%s|", period, strings.Join(names, " | "), strings.Repeat("|---", len(names)))
		for _, a := range assumptions() {
			table += "\n| " + a.name
			for _, name := range names {
				o := results[a.name+name][i]
				table += fmt.Sprintf(" | %.2f %%, %.0f h", o.violating, o.hours)
			}
			table += " |"
		}
		t.Log(table)
	}
	for _, name := range names {
		is := results["default"+name]
		for _, late := range []string{"120 s delay of the metric of 60 s", "150 s delay of the metric of 60 s"} {
			other := results[late+name]
			assert.InDelta(t, is[0].violating, other[0].violating, max(1, 0.25*is[0].violating), "%s: %s", name, late)
			assert.InEpsilon(t, is[0].hours, other[0].hours, 0.1, "%s: %s", name, late)
		}
	}
	for _, a := range assumptions() {
		for _, name := range []string{"step", "flash-crowd", "square"} {
			r := results[a.name+name]
			assert.LessOrEqual(t, r[1].violating, r[0].violating, "%s: %s: the fast metric serves at least as well", name, a.name)
		}
	}
}
