package rehearse

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// validateImages checks the behaviour of the images. It refuses slips such as a
// probability of 7 or a negative delay.
func (s *Scenario) validateImages() error {
	for _, name := range slices.Sorted(maps.Keys(s.Images)) {
		if err := validateImage(s.Images[name]); err != nil {
			path := "images." + name
			return misplaced{path, fmt.Errorf("%s: %w", path, err)}
		}
	}
	return nil
}

func validateImage(b Image) error {
	for _, p := range []struct {
		name  string
		value float64
	}{
		{"exit_probability", b.ExitProbability},
		{"unhealthy_probability", b.UnhealthyProbability},
		{"sick_probability", b.DefectProbability},
		{"sick_error_rate", b.DefectErrorRate},
		{"error_rate", b.ErrorRate},
		{"fail_to_start.probability", b.FailToStart.Probability},
		{"objective.late", b.Objective.Late},
		{"objective.busy", b.Objective.Busy},
	} {
		if p.value < 0 || p.value > 1 {
			return fmt.Errorf("%s is %g, expected a share from 0 to 1", p.name, p.value)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"sick_after", b.DefectAfter},
		{"sick_spread", b.DefectSpread},
		{"sick_again", b.DefectAgain},
		{"sick_response_time", b.DefectResponseTime},
		{"overload_after", b.OverloadAfter},
		{"response_time", b.ResponseTime},
		{"start_delay.median", b.StartDelay.Median},
		{"exit_after.median", b.ExitAfter.Median},
		{"health_interval", b.HealthInterval},
		{"timeout", b.Timeout},
		{"objective.wait", b.Objective.Wait},
	} {
		if d.value < 0 {
			return fmt.Errorf("%s is %s, expected 0s or more", d.name, d.value)
		}
	}
	if err := validateSizes(b); err != nil {
		return err
	}
	if b.DefectAfter > 0 && b.DefectProbability == 0 && b.DefectErrorRate == 0 && b.DefectResponseTime == 0 {
		return errors.New("sick_after needs one of sick_probability, sick_error_rate and sick_response_time")
	}
	return nil
}

// validateSizes checks the sizes and the capacities of tasks.
func validateSizes(b Image) error {
	if b.Memory < 0 || b.Memory > 100 {
		return fmt.Errorf("memory is %g, expected a percentage of the task's memory from 0 to 100", b.Memory)
	}
	if b.Slots < 0 || b.CapacityRPS < 0 {
		return errors.New("slots and capacity_rps must not be negative")
	}
	if b.MemoryMiB < 0 || b.MemoryGrowth < 0 || b.CPU < 0 {
		return errors.New("memory_mib, memory_growth and cpu must not be negative")
	}
	return nil
}
