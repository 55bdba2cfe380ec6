package baseline

import (
	"slices"

	"homeostat/shared/sim/workload"
)

// Fixed is a fleet that does not scale.
type Fixed struct{ Tasks int }

// Scale keeps the count.
func (f Fixed) Scale(s *workload.Sim) { s.SetDesired(f.Tasks) }

// ForHighMinutes returns the fleet for all but the highest half percent of the
// minutes. Its size needs knowledge of the future.
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

// ForPeak returns the fleet for the highest second.
func ForPeak(service workload.Service, rates workload.Rates) Fixed {
	high := 0.0
	for second := range rates.Seconds() {
		rate, _ := rates.Rate(second)
		high = max(high, rate)
	}
	return Fixed{workload.Needed(service.Capacities(), high)}
}
