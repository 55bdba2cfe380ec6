package rehearse

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// Image is what the tasks of an image do, in the words of a scenario. Zero
// fields take ecssim's defaults; see ecssim.Behaviour for what each means.
type Image struct {
	StartDelay    Delay        `yaml:"start_delay"`
	StopDelay     Delay        `yaml:"stop_delay"`
	FailToStart   StartFailure `yaml:"fail_to_start"`
	ImageExit     `yaml:",inline"`
	ImageDefect   `yaml:",inline"`
	ImageHealth   `yaml:",inline"`
	ImageCapacity `yaml:",inline"`
	ImageMemory   `yaml:",inline"`
	Logs          []string `yaml:"logs"`
	DependsOn     []string `yaml:"depends_on"`
}

// ImageExit is how tasks end by themselves.
type ImageExit struct {
	ExitProbability float64 `yaml:"exit_probability"`
	ExitAfter       Delay   `yaml:"exit_after"`
	ExitCode        int     `yaml:"exit_code"`
	OOM             bool    `yaml:"oom"`
	ExitOnceHealthy bool    `yaml:"exit_once_healthy"`
}

// ImageDefect is how an image that was sound at first fails later.
type ImageDefect struct {
	SickAfter        time.Duration `yaml:"sick_after"`
	SickProbability  float64       `yaml:"sick_probability"`
	SickSpread       time.Duration `yaml:"sick_spread"`
	SickAgain        time.Duration `yaml:"sick_again"`
	SickUnhealthy    bool          `yaml:"sick_unhealthy"`
	SickErrorRate    float64       `yaml:"sick_error_rate"`
	SickResponseTime time.Duration `yaml:"sick_response_time"`
}

// ImageHealth is how tasks pass and fail their health checks.
type ImageHealth struct {
	HealthDelay          Delay         `yaml:"health_delay"`
	HealthInterval       time.Duration `yaml:"health_interval"`
	UnhealthyProbability float64       `yaml:"unhealthy_probability"`
	UnhealthyAfter       Delay         `yaml:"unhealthy_after"`
	OverloadAfter        time.Duration `yaml:"overload_after"`
}

// ImageCapacity is how many requests a task serves, and how well.
type ImageCapacity struct {
	CapacityRPS   float64       `yaml:"capacity_rps"`
	CPU           int           `yaml:"cpu"`
	CPUPerRequest float64       `yaml:"cpu_per_request"`
	Slots         int           `yaml:"slots"`
	Timeout       time.Duration `yaml:"timeout"`
	Objective     Objective     `yaml:"objective"`
	IdleCPU       float64       `yaml:"idle_cpu"`
	ResponseTime  time.Duration `yaml:"response_time"`
	ErrorRate     float64       `yaml:"error_rate"`
}

// ImageMemory is the memory that a task needs.
type ImageMemory struct {
	Memory       float64 `yaml:"memory"`
	MemoryMiB    float64 `yaml:"memory_mib"`
	MemoryGrowth float64 `yaml:"memory_growth"`
}

// Objective is when requests wait too long.
type Objective struct {
	Wait time.Duration `yaml:"wait"`
	Late float64       `yaml:"late"`
	Busy float64       `yaml:"busy"`
}

// StartFailure is why and how often a start fails.
type StartFailure struct {
	Cause       fleet.Cause `yaml:"cause"`
	Probability float64     `yaml:"probability"`
}

// Delay is a random time with a median: lognormal with Sigma, or exponential.
type Delay struct {
	Median time.Duration `yaml:"median"`
	Sigma  float64       `yaml:"sigma"`
	Shape  string        `yaml:"shape"`
}

// Behaviour returns the image as the simulator has it.
func (i Image) Behaviour() ecssim.Behaviour {
	return ecssim.Behaviour{
		StartDelay: ecssim.Delay(i.StartDelay), StopDelay: ecssim.Delay(i.StopDelay),
		FailToStart: ecssim.StartFailure(i.FailToStart),
		Exit: ecssim.Exit{
			Probability: i.ExitProbability, After: ecssim.Delay(i.ExitAfter), Code: i.ExitCode, OOM: i.OOM, OnceHealthy: i.ExitOnceHealthy,
		},
		Defect: ecssim.Defect{
			After: i.SickAfter, Probability: i.SickProbability, Spread: i.SickSpread, Again: i.SickAgain,
			Unhealthy: i.SickUnhealthy, ErrorRate: i.SickErrorRate, ResponseTime: i.SickResponseTime,
		},
		Health: ecssim.Health{
			Delay: ecssim.Delay(i.HealthDelay), Interval: i.HealthInterval,
			FailProbability: i.UnhealthyProbability, FailAfter: ecssim.Delay(i.UnhealthyAfter), OverloadAfter: i.OverloadAfter,
		},
		CapacityRPS: i.CapacityRPS, CPU: i.CPU, CPUPerRequest: i.CPUPerRequest, Slots: i.Slots, Timeout: i.Timeout,
		Objective: ecssim.Objective(i.Objective), IdleCPU: i.IdleCPU, ResponseTime: i.ResponseTime, ErrorRate: i.ErrorRate,
		Memory: ecssim.Memory{Percent: i.Memory, MiB: i.MemoryMiB, Growth: i.MemoryGrowth},
		Logs:   i.Logs, DependsOn: i.DependsOn,
	}
}
