package whatif

import (
	"fmt"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/workload"
)

// awsPlans returns AWS's scalers as plans.
func awsPlans() []planKind {
	percent := "target in percent"
	tracking := func(m baseline.Metric) func(float64) func(workload.Service) workload.Scaler {
		return func(target float64) func(workload.Service) workload.Scaler {
			return func(workload.Service) workload.Scaler {
				p := baseline.Tracking(m)
				p.Target = target
				return baseline.NewTracker(p)
			}
		}
	}
	return []planKind{
		{
			name: "target-tracking", what: percent, value: 60, least: 1, most: 100, make: tracking(baseline.StandardCPU()),
			about: func(v float64) string {
				return fmt.Sprintf("AWS target tracking at %g %% CPU on one-minute metrics, cooldowns of 300 s", v)
			},
		},
		{
			name: "target-tracking-20", what: percent, value: 60, least: 1, most: 100, make: tracking(baseline.FastCPU()),
			about: func(v float64) string {
				return fmt.Sprintf("AWS target tracking at %g %% CPU on 20-second metrics, cooldowns of 300 s", v)
			},
		},
		{
			name: "step", what: "threshold in percent", value: 60, least: 1, most: 99,
			about: func(v float64) string {
				return fmt.Sprintf("AWS step scaling around %g %% CPU, a tenth at 10 points beyond and three tenths at 20", v)
			},
			make: func(v float64) func(workload.Service) workload.Scaler {
				return func(workload.Service) workload.Scaler {
					return baseline.NewStepper(baseline.Stepping(baseline.StandardCPU(), v))
				}
			},
		},
	}
}
