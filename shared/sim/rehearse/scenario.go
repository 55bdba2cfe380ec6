// Package rehearse plays a scenario in ecssim with Homeostat's own code: the
// deployed pipeline, on the real SDK, against a fleet on a virtual clock.
// Demonstrations, rehearsals and benchmarks are all scenarios.
package rehearse

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/strictyaml"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/agnivade/levenshtein"
)

// Scenario describes a fleet, its events, and the expectations for Homeostat.
// Times count from the start of the scenario.
type Scenario struct {
	// Scenario is the name, a sentence.
	Scenario string `yaml:"scenario"`
	// About describes the purpose, for people.
	About string `yaml:"about"`
	// Start is the virtual wall clock at the beginning; default 06:00 of a Monday.
	Start    time.Time     `yaml:"start"`
	Duration time.Duration `yaml:"duration"`
	// Tick is the time between two runs of the sweep; default a minute, as
	// installed.
	Tick time.Duration `yaml:"tick"`
	// Policy is a policy file in place. --policy replaces it.
	Policy string `yaml:"policy"`
	// Images describes the tasks of the images.
	Images map[string]Image `yaml:"images"`
	// Clusters are the clusters with their own EC2 instances. Others need no
	// entry.
	Clusters []Cluster `yaml:"clusters"`
	Services []Service `yaml:"services"`
	Alarms   []Alarm   `yaml:"alarms"`
	Steps    []Step    `yaml:"steps"`
	// Faults are the faults of the event bus, from the start on.
	Faults Faults `yaml:"faults"`
	// Metrics are the delays of AWS's metrics.
	Metrics Metrics `yaml:"metrics"`
	// Installation has the options of the stack.
	Installation Installation  `yaml:"installation"`
	Expect       []Expectation `yaml:"expect"`

	// models are the service models of all runs of the scenario.
	models *wire.Models
}

// Installation has the options of the stack: -c pin and -c sourceDates. nil is true.
type Installation struct {
	Pin         *bool `yaml:"pin"`
	SourceDates *bool `yaml:"source_dates"`
}

// Faults are the faults of events, each with its probability.
type Faults struct {
	Duplicate float64       `yaml:"duplicate"`
	Loss      float64       `yaml:"loss"`
	Reorder   float64       `yaml:"reorder"`
	Delay     time.Duration `yaml:"delay"`
}

// Expectation is a decision that must, or must never, happen. Omitted fields
// match everything.
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
	// Never inverts the expectation.
	Never bool `yaml:"never"`
	// Times is the exact number of decisions; zero means at least one.
	Times int `yaml:"times"`
	// Desired and Running are the counts of the service at the end. If one of
	// them is set, the other fields are ignored.
	Desired *int `yaml:"desired"`
	Running *int `yaml:"running"`
	// Messages is about the messages that an operator received in the whole run. If it
	// is set, the other fields are ignored.
	Messages *Messages `yaml:"messages"`
	// Image is the behaviour of every task at the end. Container names a container of
	// the tasks, instead of the application.
	Image     string `yaml:"image"`
	Container string `yaml:"container"`
}

// Parse reads a scenario. The error names the file, the line and the expected
// value.
func Parse(name string, data []byte) (*Scenario, error) {
	var s Scenario
	lines, err := strictyaml.Decode(name, data, &s)
	if err != nil {
		return nil, err
	}
	if faults := s.validate(); len(faults) > 0 {
		for i, err := range faults {
			path := "$"
			if at, ok := errors.AsType[misplaced](err); ok {
				path += "." + at.path
			}
			faults[i] = lines.Problem(path, err.Error())
		}
		return nil, errors.Join(faults...)
	}
	s.models = wire.NewModels()
	return &s, nil
}

// Empty returns the scenario without clusters, services, alarms and steps.
func (s *Scenario) Empty() *Scenario {
	return &Scenario{Scenario: s.Scenario, Start: s.Start, Duration: s.Duration, Tick: s.Tick, Policy: s.Policy, models: s.models}
}

// misplaced is an error of the value at a path.
type misplaced struct {
	path string
	error
}

// in adds the path in the scenario to an error.
func in(list string, i int, err error) error {
	path := fmt.Sprintf("%s[%d]", list, i)
	return misplaced{path, fmt.Errorf("%s: %w", path, err)}
}

// validate returns all faults of the scenario.
func (s *Scenario) validate() (faults []error) {
	if s.Scenario == "" {
		faults = append(faults, errors.New("the scenario has no name, expected scenario: and a sentence"))
	}
	if s.Duration <= 0 || s.Duration > maxDuration {
		faults = append(faults, misplaced{"duration", fmt.Errorf("duration is %s, expected more than 0s and at most %s", s.Duration, maxDuration)})
	}
	if s.Tick == 0 {
		s.Tick = defaultTick
	}
	if s.Tick < leastTick {
		faults = append(faults, misplaced{"tick", fmt.Errorf("tick is %s, expected a minute or more: EventBridge schedules no finer", s.Tick)})
	}
	for _, check := range []func() error{s.Metrics.validate, s.validateImages} {
		if err := check(); err != nil {
			faults = append(faults, err)
		}
	}
	return append(faults, s.validateFleet()...)
}

func (s *Scenario) validateFleet() (faults []error) {
	add := func(list string, i int, err error) {
		if err != nil {
			faults = append(faults, in(list, i, err))
		}
	}
	for i, c := range s.Clusters {
		add("clusters", i, c.validate())
	}
	known := map[string]bool{}
	for i, service := range s.Services {
		add("services", i, s.validateService(service))
		known[service.Cluster+"/"+service.Service] = true
	}
	if err := s.validateAlarms(); err != nil {
		faults = append(faults, err)
	}
	for i, step := range s.Steps {
		add("steps", i, s.validateStep(step, known))
	}
	for i, x := range s.Expect {
		add("expect", i, s.validateExpectation(x, known))
	}
	return faults
}

// validateExpectation returns the first name in an expectation that does not exist: such
// an expectation would hold, or fail, for no reason.
func (s *Scenario) validateExpectation(x Expectation, known map[string]bool) error {
	if x.Messages != nil {
		x.Service = x.Messages.Service
	}
	for _, name := range []struct {
		field, value string
		of           []string
	}{
		{"service", x.Service, s.subjects(known)},
		{"trigger", x.Trigger, words(fleet.TriggerKinds())},
		{"cause", x.Cause, words(fleet.Causes())},
		{"decision", x.Decision, words(fleet.DecisionKinds())},
		{"reason", string(reason.Current(x.Reason)), reasons()},
		{"verdict", x.Verdict, words(fleet.Outcomes())},
		{"result", x.Result, fleet.Statuses()},
		{"image", x.Image, slices.Sorted(maps.Keys(s.Images))},
	} {
		if name.value == "" || slices.Contains(name.of, name.value) {
			continue
		}
		if near := nearest(name.value, name.of); near != "" {
			return fmt.Errorf("there is no %s %q: do you mean %q?", name.field, name.value, near)
		}
		return fmt.Errorf("there is no %s %q in this scenario", name.field, name.value)
	}
	return nil
}

// subjects returns the names of the services, and those of clusters and of the account
// in episodes of mass failures.
func (s *Scenario) subjects(known map[string]bool) []string {
	names := append(slices.Sorted(maps.Keys(known)), "*/*")
	for _, service := range s.Services {
		names = append(names, service.Cluster+"/*")
	}
	return names
}

// reasons returns the names of all reasons.
func reasons() (names []string) {
	for _, entry := range reason.All() {
		names = append(names, string(entry.Name))
	}
	return names
}

// words returns stable words as texts.
func words[T ~string](list []T) (out []string) {
	for _, word := range list {
		out = append(out, string(word))
	}
	return out
}

// nearest returns the name with the fewest edits to the given one; empty without names.
func nearest(given string, names []string) (near string) {
	least := math.MaxInt
	for _, name := range names {
		if edits := levenshtein.ComputeDistance(given, name); edits < least {
			near, least = name, edits
		}
	}
	return near
}
