// Package rehearse plays a scenario in ecssim with Homeostat's own code in it:
// the pipeline that is deployed, on the real SDK, against a fleet on a virtual
// clock. Demonstrations, rehearsals and benchmarks are all scenarios.
package rehearse

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"homeostat/shared/ecssim"
	"homeostat/shared/policy"
)

// Scenario is what happens to a fleet, and what is expected of Homeostat.
// Times are counted from the start of the scenario.
type Scenario struct {
	// Scenario is its name, a sentence.
	Scenario string `yaml:"scenario"`
	// About says what it shows, for people.
	About string `yaml:"about"`
	// Start is the virtual wall clock at the beginning; default 06:00 of a Monday.
	Start    time.Time     `yaml:"start"`
	Duration time.Duration `yaml:"duration"`
	// Tick is how often the scheduled sweep runs; default 5 minutes.
	Tick time.Duration `yaml:"tick"`
	// Policy is a policy file, written in place; --policy replaces it.
	Policy string `yaml:"policy"`
	// Images names what tasks of an image do.
	Images   map[string]ecssim.Behaviour `yaml:"images"`
	Services []Service                   `yaml:"services"`
	Alarms   []Alarm                     `yaml:"alarms"`
	Steps    []Step                      `yaml:"steps"`
	// Faults are those of the event bus, from the start on.
	Faults Faults        `yaml:"faults"`
	Expect []Expectation `yaml:"expect"`
}

// Service is one service of the fleet as it stands at the start.
type Service struct {
	Cluster string `yaml:"cluster"`
	Service string `yaml:"service"`
	// Image is repository:tag; the tag is pushed before the start, with the
	// behaviour named by Runs.
	Image   string `yaml:"image"`
	Runs    string `yaml:"runs"`
	Desired int    `yaml:"desired"`
	// Mode is the value of the tag homeostat:mode; nil leaves the service
	// without the tag.
	Mode *string           `yaml:"mode"`
	Tags map[string]string `yaml:"tags"`
	// LoadBalancer puts it behind a target group with a health check on /health.
	LoadBalancer bool `yaml:"load_balancer"`
	// Grace is the health check grace period.
	Grace   time.Duration `yaml:"grace"`
	Breaker *Breaker      `yaml:"breaker"`
	// Controller is the deployment controller; empty is ECS.
	Controller string `yaml:"controller"`
	Load       []Load `yaml:"load"`
	// AutoScaling registers a scalable target with AWS's own target tracking.
	AutoScaling *AutoScaling `yaml:"auto_scaling"`
}

// Breaker is the deployment circuit breaker. Threshold 0 is ECS's default.
type Breaker struct {
	Enable    bool `yaml:"enable"`
	Rollback  bool `yaml:"rollback"`
	Threshold int  `yaml:"threshold"`
}

// AutoScaling is AWS's own target tracking on CPU; CPU 0 registers the target only.
type AutoScaling struct {
	Min int     `yaml:"min"`
	Max int     `yaml:"max"`
	CPU float64 `yaml:"cpu"`
}

// Load is the traffic from At on, reached in a straight line over Over.
type Load struct {
	At   time.Duration `yaml:"at"`
	RPS  float64       `yaml:"rps"`
	Over time.Duration `yaml:"over"`
}

// Alarm is a CloudWatch alarm on a service's average CPU.
type Alarm struct {
	Name    string `yaml:"name"`
	Service string `yaml:"service"` // cluster/service
	// Above is the threshold in percent; For is how many minutes of For it lasts.
	Above float64 `yaml:"above"`
	For   int     `yaml:"for"`
}

// Step is one thing that happens. Exactly one of its fields beside At is set.
type Step struct {
	At          time.Duration `yaml:"at"`
	Push        *Push         `yaml:"push"`
	LoseHost    *Target       `yaml:"lose_host"`
	StopTask    *Target       `yaml:"stop_task"`
	Outage      *Outage       `yaml:"outage"`
	Freeze      *Freeze       `yaml:"freeze"`
	Thaw        *Freeze       `yaml:"thaw"`
	SetCount    *SetCount     `yaml:"set_count"`
	RunRevision *RunRevision  `yaml:"run_revision"`
	Throttle    *Throttle     `yaml:"throttle"`
	Send        string        `yaml:"send"`
	Say         string        `yaml:"say"`
}

// Push is a push of an image under a tag. Rollout makes a person of the step:
// the service is updated by hand as well.
type Push struct {
	Image string `yaml:"image"`
	Runs  string `yaml:"runs"`
	// Force updates this service with forceNewDeployment after the push, as a
	// pipeline of its own would.
	Force string `yaml:"force"`
}

// Target names a service and how many of its tasks.
type Target struct {
	Service string `yaml:"service"`
	Tasks   int    `yaml:"tasks"`
}

// Outage is a trouble that no revision is to blame for.
type Outage struct {
	Kind     string        `yaml:"kind"`
	For      time.Duration `yaml:"for"`
	Services []string      `yaml:"services"`
}

// Freeze is a person's switch. Scope is account, cluster:NAME or service:CLUSTER/NAME.
type Freeze struct {
	Scope string `yaml:"scope"`
	Who   string `yaml:"who"`
	Why   string `yaml:"why"`
}

// SetCount is a person who sets the desired count.
type SetCount struct {
	Service string `yaml:"service"`
	Desired int    `yaml:"desired"`
}

// RunRevision is a person who deploys a task definition by hand.
type RunRevision struct {
	Service        string `yaml:"service"`
	TaskDefinition string `yaml:"task_definition"`
}

// Throttle makes an AWS call fail with that probability.
type Throttle struct {
	Service     string  `yaml:"service"`
	Operation   string  `yaml:"operation"`
	Probability float64 `yaml:"probability"`
}

// Faults are what happens to events, each with its probability.
type Faults struct {
	Duplicate float64       `yaml:"duplicate"`
	Loss      float64       `yaml:"loss"`
	Reorder   float64       `yaml:"reorder"`
	Delay     time.Duration `yaml:"delay"`
}

// Expectation is something that must, or must never, be decided. Fields that
// are left out match everything.
type Expectation struct {
	Service  string        `yaml:"service"`
	After    time.Duration `yaml:"after"`
	Before   time.Duration `yaml:"before"`
	Trigger  string        `yaml:"trigger"`
	Cause    string        `yaml:"cause"`
	Decision string        `yaml:"decision"`
	Reason   string        `yaml:"reason"`
	Verdict  string        `yaml:"verdict"`
	Result   string        `yaml:"result"`
	Action   string        `yaml:"action"`
	// Never turns the expectation round.
	Never bool `yaml:"never"`
	// Times is how often exactly; zero is at least once.
	Times int `yaml:"times"`
	// Desired and Running are what the service must have at the end; with one
	// of them set, nothing else of the expectation counts.
	Desired *int `yaml:"desired"`
	Running *int `yaml:"running"`
	// Image is the behaviour that every task must run at the end.
	Image string `yaml:"image"`
}

// Parse reads a scenario. The error names file, line and what was expected.
func Parse(name string, data []byte) (*Scenario, error) {
	var s Scenario
	lines, err := policy.Strict(name, data, &s)
	if err != nil {
		return nil, err
	}
	if err := s.validate(); err != nil {
		path := "$"
		if at, ok := errors.AsType[misplaced](err); ok {
			path += "." + at.path
		}
		return nil, lines.Problem(path, err.Error())
	}
	return &s, nil
}

// misplaced is a fault of the value at a path.
type misplaced struct {
	path string
	error
}

// in says where in the scenario an error is.
func in(list string, i int, err error) error {
	path := fmt.Sprintf("%s[%d]", list, i)
	return misplaced{path, fmt.Errorf("%s: %w", path, err)}
}

const (
	defaultTick = 5 * time.Minute
	maxDuration = 400 * 24 * time.Hour
)

func (s *Scenario) validate() error {
	if s.Scenario == "" {
		return fmt.Errorf("the scenario has no name, expected scenario: and a sentence")
	}
	if s.Duration <= 0 || s.Duration > maxDuration {
		return misplaced{"duration", fmt.Errorf("duration is %s, expected more than 0s and at most %s", s.Duration, maxDuration)}
	}
	if s.Tick == 0 {
		s.Tick = defaultTick
	}
	if s.Tick < time.Minute {
		return misplaced{"tick", fmt.Errorf("tick is %s, expected a minute or more: EventBridge schedules no finer", s.Tick)}
	}
	if err := s.validateImages(); err != nil {
		return err
	}
	known := map[string]bool{}
	for i, service := range s.Services {
		if err := s.validateService(service); err != nil {
			return in("services", i, err)
		}
		known[service.Cluster+"/"+service.Service] = true
	}
	for i, a := range s.Alarms {
		if !known[a.Service] || a.Name == "" || a.For < 1 {
			return in("alarms", i, errors.New("expected a name, a service of the scenario as cluster/service, and for: minutes from 1"))
		}
	}
	for i, step := range s.Steps {
		if err := s.validateStep(step, known); err != nil {
			return in("steps", i, err)
		}
	}
	return nil
}

func (s *Scenario) validateService(v Service) error {
	if v.Cluster == "" || v.Service == "" {
		return fmt.Errorf("cluster and service are both needed")
	}
	if repository, tag, ok := strings.Cut(v.Image, ":"); !ok || repository == "" || tag == "" {
		return fmt.Errorf("image is %q, expected repository:tag", v.Image)
	}
	if err := s.runs(v.Runs); err != nil {
		return err
	}
	if v.Desired < 0 {
		return fmt.Errorf("desired is %d, expected 0 or more", v.Desired)
	}
	return nil
}

func (s *Scenario) runs(name string) error {
	if name == "" {
		return nil
	}
	if _, ok := s.Images[name]; !ok {
		return fmt.Errorf("runs is %q, which images: does not name", name)
	}
	return nil
}

func (s *Scenario) validateStep(step Step, known map[string]bool) error {
	if step.At < 0 || step.At > s.Duration {
		return fmt.Errorf("at is %s, outside the scenario's %s", step.At, s.Duration)
	}
	set := 0
	for _, is := range []bool{
		step.Push != nil, step.LoseHost != nil, step.StopTask != nil, step.Outage != nil, step.Freeze != nil,
		step.Thaw != nil, step.RunRevision != nil, step.SetCount != nil, step.Throttle != nil, step.Send != "", step.Say != "",
	} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("expected exactly one thing to happen, found %d", set)
	}
	for _, t := range []*Target{step.LoseHost, step.StopTask} {
		if t != nil && !known[t.Service] {
			return fmt.Errorf("the service %q is not one of the scenario's (cluster/service)", t.Service)
		}
	}
	if step.SetCount != nil && !known[step.SetCount.Service] {
		return fmt.Errorf("the service %q is not one of the scenario's (cluster/service)", step.SetCount.Service)
	}
	if step.RunRevision != nil && !known[step.RunRevision.Service] {
		return fmt.Errorf("the service %q is not one of the scenario's (cluster/service)", step.RunRevision.Service)
	}
	if step.Push != nil {
		if !strings.Contains(step.Push.Image, ":") {
			return fmt.Errorf("push.image is %q, expected repository:tag", step.Push.Image)
		}
		return s.runs(step.Push.Runs)
	}
	return nil
}
