package baseline

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/workload"
)

// Policy is an alternative to Homeostat.
type Policy struct {
	// Name is the key in the results. About describes the policy and the source of
	// its defaults in one sentence.
	Name, About string
	// Settings holds the settings for tuning. The first one is the default.
	Settings []Setting
	// Tuned reports whether the policy has several settings.
	Tuned bool
	// ShortMemory reports whether the last two hours determine its state.
	ShortMemory bool
}

// Setting is one set of parameters of a policy.
type Setting struct {
	// Name identifies the setting, such as "target=60 cooldowns=60/300".
	Name string
	// New creates the scaler of one run. Only the fixed fleets read the arguments.
	New func(workload.Service, workload.Rates) workload.Scaler
}

// Policies returns AWS's scalers on their own signals, in alternative readings of
// the documentation and on Homeostat's signal, and the fixed fleets.
func Policies() []Policy {
	return slices.Concat(ownSignalPolicies(), alternativeReadings(), sameSignalPolicies())
}

func ownSignalPolicies() []Policy {
	return []Policy{
		{
			Name:  "target-tracking-60",
			About: "AWS target tracking on the CPU metric of 60 s, at the target of ECS Express Mode (60 %) and the API's cooldowns (300 s)",
			Tuned: true, ShortMemory: true, Settings: trackingSettings(StandardCPU()),
		},
		{
			Name:  "target-tracking-20",
			About: "the same on the CPU metric of 20 s, available in ECS since June 2026",
			Tuned: true, ShortMemory: true, Settings: trackingSettings(FastCPU()),
		},
		{
			Name:  "target-tracking-requests",
			About: "the same on ALBRequestCountPerTarget, a metric of 60 s that does not saturate; it needs the known capacity of a task",
			Tuned: true, ShortMemory: true, Settings: trackingSettings(BalancerRequests()),
		},
		{
			Name:  "step",
			About: "AWS step scaling with the user guide's example on the metric of 60 s: 10 % at 10 points beyond 50 % CPU, 30 % at 20, out and in",
			Tuned: true, ShortMemory: true, Settings: append(stepSettings(StandardCPU()), stepSettings(FastCPU())...),
		},
		{
			Name:  "predictive",
			About: "AWS predictive scaling beside target tracking on the CPU metric of 20 s: hourly forecasts from up to 14 days raise the count, 5 minutes ahead",
			Tuned: true, Settings: append(predictiveSettings(FastCPU()), predictiveSettings(StandardCPU())...),
		},
		fixed("fixed-p99.5", "a constant fleet for all but the highest half percent of the minutes, sized with knowledge of the future", ForHighMinutes),
		fixed("fixed-peak", "a constant fleet for the highest second, sized with knowledge of the future", ForPeak),
	}
}

// alternativeReadings returns the two relevant points that AWS does not document.
func alternativeReadings() []Policy {
	const eager = "target tracking with another reading: a scale-out within a cooldown starts from the running tasks, on the CPU metric of "
	const gentle = "target tracking with another reading: a scale-in removes a tenth of the tasks, on the CPU metric of "
	restart := func(p *TargetTracking) { p.Restart = true }
	tenth := func(p *TargetTracking) { p.ScaleIn = Tenth }
	return []Policy{
		{Name: "target-tracking-60-eager", About: eager + "60 s", Tuned: true, ShortMemory: true, Settings: readingSettings(StandardCPU(), restart)},
		{Name: "target-tracking-20-eager", About: eager + "20 s", Tuned: true, ShortMemory: true, Settings: readingSettings(FastCPU(), restart)},
		{Name: "target-tracking-60-gentle", About: gentle + "60 s", Tuned: true, ShortMemory: true, Settings: readingSettings(StandardCPU(), tenth)},
		{Name: "target-tracking-20-gentle", About: gentle + "20 s", Tuned: true, ShortMemory: true, Settings: readingSettings(FastCPU(), tenth)},
	}
}

func sameSignalPolicies() []Policy {
	const signal = "request counts of 10 s, read 10 s later"
	return []Policy{
		{Name: "target-tracking-same-signal", About: "AWS target tracking on " + signal, Tuned: true, ShortMemory: true, Settings: trackingSettings(OwnRequests())},
		{Name: "step-same-signal", About: "AWS step scaling on " + signal, Tuned: true, ShortMemory: true, Settings: stepSettings(OwnRequests())},
		{Name: "predictive-same-signal", About: "AWS predictive scaling beside target tracking on " + signal, Tuned: true, Settings: predictiveSettings(OwnRequests())},
	}
}

func fixed(name, about string, sized func(workload.Service, workload.Rates) Fixed) Policy {
	return Policy{Name: name, About: about, Settings: []Setting{{
		Name: "default",
		New:  func(s workload.Service, r workload.Rates) workload.Scaler { return sized(s, r) },
	}}}
}

// targets returns the targets for tuning. The first one is the default.
func targets() []float64 {
	return []float64{defaultTarget, 20, 30, 40, 50, 55, 65, 70, 75, 80, 85}
}

// cooldowns returns the scale-out cooldowns for tuning. The first one is the
// default.
func cooldowns() []time.Duration { return []time.Duration{defaultCooldown, time.Minute, 0} }

// trackingSettings returns the settings of target tracking. The scale-in cooldown
// stays at its default, except in the settings without cooldowns.
func trackingSettings(m Metric) []Setting {
	var out []Setting
	for _, p := range trackingPolicies(m) {
		out = append(out, Setting{
			Name: settingName(p),
			New:  func(workload.Service, workload.Rates) workload.Scaler { return NewTracker(p) },
		})
	}
	return out
}

// readingSettings returns the settings of an alternative reading, at the default
// cooldowns.
func readingSettings(m Metric, read func(*TargetTracking)) []Setting {
	var out []Setting
	for _, target := range targets() {
		p := Tracking(m)
		p.Target = target
		read(&p)
		out = append(out, Setting{
			Name: settingName(p),
			New:  func(workload.Service, workload.Rates) workload.Scaler { return NewTracker(p) },
		})
	}
	return out
}

func trackingPolicies(m Metric) []TargetTracking {
	var out []TargetTracking
	for _, target := range targets() {
		for _, cooldown := range cooldowns() {
			p := Tracking(m)
			p.Target, p.OutCooldown = target, cooldown
			if cooldown == 0 {
				p.InCooldown = 0
			}
			out = append(out, p)
		}
	}
	return out
}

func settingName(p TargetTracking) string {
	return fmt.Sprintf("target=%g cooldowns=%d/%d%s", p.Target, workload.Seconds(p.OutCooldown), workload.Seconds(p.InCooldown), period(p.Metric))
}

func period(m Metric) string { return fmt.Sprintf(" period=%d", workload.Seconds(m.Period)) }

func predictiveSettings(m Metric) []Setting {
	var out []Setting
	for _, p := range trackingPolicies(m) {
		out = append(out, Setting{
			Name: settingName(p),
			New:  func(workload.Service, workload.Rates) workload.Scaler { return NewPredictor(Forecasting(p)) },
		})
	}
	return out
}

func stepSettings(m Metric) []Setting {
	var out []Setting
	for _, threshold := range []float64{defaultThreshold, 30, 40, 60, 70} {
		for _, cooldown := range cooldowns() {
			for _, magnitude := range []int{0, 2} {
				p := Stepping(m, threshold)
				p.Cooldown = cooldown
				p.Out.Magnitude = magnitude
				out = append(out, Setting{
					Name: fmt.Sprintf("threshold=%g cooldown=%d least=%d%s", threshold, workload.Seconds(cooldown), max(1, magnitude), period(m)),
					New:  func(workload.Service, workload.Rates) workload.Scaler { return NewStepper(p) },
				})
			}
		}
	}
	return out
}
