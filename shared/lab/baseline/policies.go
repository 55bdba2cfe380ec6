package baseline

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/workload"
)

// Policy is a way to scale that a user may have instead.
type Policy struct {
	// Name is the word of the results; About says in one sentence what it is and
	// where its defaults come from.
	Name, About string
	// Settings are tried to find the best one; the first is the default.
	Settings []Setting
	// Tuned says that it has settings to choose from.
	Tuned bool
	// ShortMemory says that what happened two hours ago does not matter to it.
	ShortMemory bool
}

// Setting is one way to set a contestant.
type Setting struct {
	// Name tells it from the others, such as "target=60 cooldowns=60/300".
	Name string
	// New makes the scaler of one run. All but the fixed fleets look at neither.
	New func(workload.Service, workload.Rates) workload.Scaler
}

// Policies are AWS's own scalers, the same where their documentation can be
// read otherwise, the same with the signal that Homeostat is measured with, and
// the fleets that do not scale.
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
			About: "the same on the CPU metric of 20 s that ECS has since June 2026",
			Tuned: true, ShortMemory: true, Settings: trackingSettings(FastCPU()),
		},
		{
			Name:  "target-tracking-requests",
			About: "the same on ALBRequestCountPerTarget, which comes each minute and does not saturate, for those who know what a task can serve",
			Tuned: true, ShortMemory: true, Settings: trackingSettings(BalancerRequests()),
		},
		{
			Name:  "step",
			About: "AWS step scaling as in the user guide's example: 10 % at 10 points beyond a threshold of 50 % CPU, 30 % at 20, out and in, on the metric of 60 s",
			Tuned: true, ShortMemory: true, Settings: append(stepSettings(StandardCPU()), stepSettings(FastCPU())...),
		},
		{
			Name:  "predictive",
			About: "AWS predictive scaling beside target tracking on the CPU metric of 20 s: hourly forecasts of up to 14 days raise, 5 minutes ahead",
			Tuned: true, Settings: append(predictiveSettings(FastCPU()), predictiveSettings(StandardCPU())...),
		},
		fixed("fixed-p99.5", "a constant fleet for all but the highest half percent of the minutes, sized by who knows them", ForHighMinutes),
		fixed("fixed-peak", "a constant fleet for the highest second, sized by who knows it", ForPeak),
	}
}

// readOtherwise are the two things that AWS does not say and that matter.
func alternativeReadings() []Policy {
	const eager = "target tracking where a scale-out within the cooldown of another counts the tasks that run by now, on the CPU metric of "
	const gentle = "target tracking where a scale-in removes a tenth of the tasks at once, on the CPU metric of "
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
	const signal = "counts of requests of 10 s, seen 10 s later"
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

// targets are tried by the sweeps; the first is the default.
func targets() []float64 {
	return []float64{defaultTarget, 20, 30, 40, 50, 55, 65, 70, 75, 80, 85}
}

// cooldowns of scale-outs are tried by the sweeps; the first is the default.
func cooldowns() []time.Duration { return []time.Duration{defaultCooldown, time.Minute, 0} }

// trackings are target tracking's settings: the cooldown of scale-in stays at
// its default, but for where there is none at all.
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

// readings are target tracking's settings at the default cooldowns.
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
