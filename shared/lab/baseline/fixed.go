package baseline

import (
	"slices"

	"homeostat/shared/sim/workload"
)

// Fixed is a fleet that does not scale: what it costs to need no scaler.
type Fixed struct{ Tasks int }

// Scale keeps the count.
func (f Fixed) Scale(s *workload.Sim) { s.SetDesired(f.Tasks) }

// ForHighMinutes is the fleet that bears the traffic in all but a half percent of
// its minutes. Whoever sizes it so knows the future.
func ForHighMinutes(service workload.Service, rates workload.Rates) Fixed {
	var minutes []float64
	for end := minute; end <= rates.Seconds(); end += minute {
		sum := 0.0
		for second := end - minute; second < end; second++ {
			rate, _ := rates.Rate(second)
			sum += rate
		}
		minutes = append(minutes, sum/minute)
	}
	if len(minutes) == 0 {
		return ForPeak(service, rates)
	}
	slices.Sort(minutes)
	high := minutes[min(len(minutes)-1, int(float64(len(minutes))*highMinuteQuantile))]
	return Fixed{workload.Needed(service.Capacities(), high)}
}

// ForPeak is the fleet that bears the traffic in its highest second.
func ForPeak(service workload.Service, rates workload.Rates) Fixed {
	high := 0.0
	for second := range rates.Seconds() {
		rate, _ := rates.Rate(second)
		high = max(high, rate)
	}
	return Fixed{workload.Needed(service.Capacities(), high)}
}
