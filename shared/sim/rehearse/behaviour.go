package rehearse

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// Image describes the tasks of an image, in the words of a scenario. Zero fields
// take ecssim's defaults. See ecssim.Behaviour for their meaning.
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

// ImageExit describes the end of a task by itself.
type ImageExit struct {
	ExitProbability float64 `yaml:"exit_probability"`
	ExitAfter       Delay   `yaml:"exit_after"`
	ExitCode        int     `yaml:"exit_code"`
	OOM             bool    `yaml:"oom"`
	ExitOnceHealthy bool    `yaml:"exit_once_healthy"`
}

// ImageDefect describes the later failure of an image that worked at first.
type ImageDefect struct {
	DefectAfter        time.Duration `yaml:"sick_after"`
	DefectProbability  float64       `yaml:"sick_probability"`
	DefectSpread       time.Duration `yaml:"sick_spread"`
	DefectAgain        time.Duration `yaml:"sick_again"`
	DefectUnhealthy    bool          `yaml:"sick_unhealthy"`
	DefectErrorRate    float64       `yaml:"sick_error_rate"`
	DefectResponseTime time.Duration `yaml:"sick_response_time"`
}

// ImageHealth describes the health checks of a task.
type ImageHealth struct {
	HealthDelay          Delay         `yaml:"health_delay"`
	HealthInterval       time.Duration `yaml:"health_interval"`
	HealthHangs          bool          `yaml:"health_hangs"`
	UnhealthyProbability float64       `yaml:"unhealthy_probability"`
	UnhealthyAfter       Delay         `yaml:"unhealthy_after"`
	OverloadAfter        time.Duration `yaml:"overload_after"`
}

// ImageCapacity is the number of requests that a task serves, and their quality.
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

// ImageMemory is the memory of a task.
type ImageMemory struct {
	Memory       float64 `yaml:"memory"`
	MemoryMiB    float64 `yaml:"memory_mib"`
	MemoryGrowth float64 `yaml:"memory_growth"`
}

// Objective bounds the waits of requests.
type Objective struct {
	Wait time.Duration `yaml:"wait"`
	Late float64       `yaml:"late"`
	Busy float64       `yaml:"busy"`
}

// StartFailure is the cause and the chance of a failed start.
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

// Behaviour returns the image in the form of the simulator.
func (i Image) Behaviour() ecssim.Behaviour {
	return ecssim.Behaviour{
		StartDelay: ecssim.Delay(i.StartDelay), StopDelay: ecssim.Delay(i.StopDelay),
		FailToStart: ecssim.StartFailure(i.FailToStart),
		Exit: ecssim.Exit{
			Probability: i.ExitProbability, After: ecssim.Delay(i.ExitAfter), Code: i.ExitCode, OOM: i.OOM, OnceHealthy: i.ExitOnceHealthy,
		},
		Defect: ecssim.Defect{
			After: i.DefectAfter, Probability: i.DefectProbability, Spread: i.DefectSpread, Again: i.DefectAgain,
			Unhealthy: i.DefectUnhealthy, ErrorRate: i.DefectErrorRate, ResponseTime: i.DefectResponseTime,
		},
		Health: ecssim.Health{
			Delay: ecssim.Delay(i.HealthDelay), Interval: i.HealthInterval, Hangs: i.HealthHangs,
			FailProbability: i.UnhealthyProbability, FailAfter: ecssim.Delay(i.UnhealthyAfter), OverloadAfter: i.OverloadAfter,
		},
		CapacityRPS: i.CapacityRPS, CPU: i.CPU, CPUPerRequest: i.CPUPerRequest, Slots: i.Slots, Timeout: i.Timeout,
		Objective: ecssim.Objective(i.Objective), IdleCPU: i.IdleCPU, ResponseTime: i.ResponseTime, ErrorRate: i.ErrorRate,
		Memory: ecssim.Memory{Percent: i.Memory, MiB: i.MemoryMiB, Growth: i.MemoryGrowth},
		Logs:   i.Logs, DependsOn: i.DependsOn,
	}
}
