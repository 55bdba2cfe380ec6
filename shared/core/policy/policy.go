// Package policy reads homeostat.yaml: what Homeostat may do to which service.
//
// A policy is strict: an unknown key, a wrong type or a bound that cannot hold
// is an error with its line, and a policy with an error permits nothing.
package policy

import (
	"path"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/strictyaml"
)

// Mode is how far Homeostat may go with a service.
type Mode string

// The modes, from the least to the most.
const (
	Off     Mode = "off"     // not even decided about
	Observe Mode = "observe" // decide and record, touch nothing
	Propose Mode = "propose" // ask a person
	Act     Mode = "act"     // do it
)

// Valid reports whether the mode is one of the four.
func (m Mode) Valid() bool { return m.rank() >= 0 }

func (m Mode) rank() int {
	switch m {
	case Off:
		return 0
	case Observe:
		return 1
	case Propose:
		return 2
	case Act:
		return 3
	}
	return -1
}

// AtMost is the lesser of m and limit; an empty limit limits nothing.
func (m Mode) AtMost(limit Mode) Mode {
	if limit == "" || m.rank() <= limit.rank() {
		return m
	}
	return limit
}

// Policy is a parsed and valid policy file.
type Policy struct {
	Version int `yaml:"version"`
	Rules   `yaml:",inline"`
	// Services are applied in order; where several match, the later one wins.
	Services []Service `yaml:"services"`

	lines strictyaml.Lines
}

// Service is a set of rules for the services that it matches.
type Service struct {
	Match Match `yaml:"match"`
	Rules `yaml:",inline"`
}

// Match selects services by glob ("*" and "?"). An empty pattern matches all.
type Match struct {
	Cluster string `yaml:"cluster"`
	Service string `yaml:"service"`
}

// Matches reports whether the service is selected.
func (m Match) Matches(ref fleet.ServiceRef) bool {
	return glob(m.Cluster, ref.Cluster) && glob(m.Service, ref.Service)
}

func glob(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// Rules are settings that may each be absent; an absent one leaves the layer
// below in force.
type Rules struct {
	Mode     *Mode          `yaml:"mode"`
	Heal     *HealRules     `yaml:"heal"`
	Scale    *ScaleRules    `yaml:"scale"`
	Redeploy *RedeployRules `yaml:"redeploy"`
	Limits   *LimitRules    `yaml:"limits"`
}

// RedeployRules say which image pushes are rolled out.
type RedeployRules struct {
	// Tag is the watched tag; empty watches none.
	Tag *string `yaml:"tag"`
}

// LimitRules bound what may happen to one service in a time.
type LimitRules struct {
	ActionsPerHour *int `yaml:"actions_per_hour"`
	// MassFailure is the share of an account's, cluster's or zone's services
	// that may fail at once; above it nothing is done there.
	MassFailure *float64 `yaml:"mass_failure"`
}

// Effective is what holds for one service.
type Effective struct {
	// Enrolled is true where the service carries the tag homeostat:mode.
	Enrolled bool
	Mode     Mode
	// ModeOrigin says where the mode comes from.
	ModeOrigin string
	// Rollback is false where the policy or the service's tag forbids it.
	Rollback bool
	Healing
	Scaling
	ScaleEnabled bool
	Min, Max     int
	CPU          float64
	// CPUSaid is true where a person wrote the CPU target: then it holds whatever
	// signal tells of the work.
	CPUSaid        bool
	CooldownOut    time.Duration
	CooldownIn     time.Duration
	Tag            string
	ActionsPerHour int
	MassFailure    float64
}

// Setting is one effective value with where it came from.
type Setting struct {
	Path   string `json:"path"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Default is the policy of an empty file: observe, min 1, max 5, 70 % CPU.
func Default() *Policy { return &Policy{Version: 1} }

// For is what holds for the service with these tags, capped by limit (empty
// caps nothing). Precedence: tag, then the last match, then the file's own
// rules, then the built-in defaults. Switches stand above all and are the
// guard's business.
func (p *Policy) For(ref fleet.ServiceRef, tags map[string]string, limit Mode) Effective {
	e := builtIn()
	for _, s := range settings() {
		p.walk(ref, func(r *Rules, _ string) { s.apply(r, &e) })
	}
	e.ModeOrigin = "policy"
	applyTags(&e, tags)
	if capped := e.Mode.AtMost(limit); capped != e.Mode {
		e.Mode, e.ModeOrigin = capped, contract.EnvMode
	}
	return e
}

// applyTags puts the service's tags above the policy. A mode that cannot be
// read is off: fail closed.
func applyTags(e *Effective, tags map[string]string) {
	value, enrolled := tags[contract.TagMode]
	e.Enrolled = enrolled
	switch mode := Mode(value); {
	case !enrolled:
		e.Mode, e.ModeOrigin = Off, "no tag "+contract.TagMode
	case value == "":
	case mode.Valid():
		e.Mode, e.ModeOrigin = mode, "tag "+contract.TagMode
	default:
		e.Mode, e.ModeOrigin = Off, "tag "+contract.TagMode+" has the unknown value "+quote(value)
	}
	if tags[contract.TagRollback] == contract.RollbackNever {
		e.Rollback = false
	}
}

// Explain lists every effective value of the service with its origin.
func (p *Policy) Explain(ref fleet.ServiceRef, tags map[string]string, limit Mode) []Setting {
	effective := p.For(ref, tags, limit)
	var out []Setting
	for _, s := range settings() {
		origin := "built-in default"
		scratch := builtIn()
		p.walk(ref, func(r *Rules, prefix string) {
			if s.apply(r, &scratch) {
				origin = p.where(prefix + s.path)
			}
		})
		if s.path == "mode" && effective.ModeOrigin != "policy" {
			origin = effective.ModeOrigin
		}
		if s.path == "heal.rollback" && tags[contract.TagRollback] == contract.RollbackNever {
			origin = "tag " + contract.TagRollback
		}
		out = append(out, Setting{Path: s.path, Value: s.show(effective), Origin: origin})
	}
	return out
}

// walk visits the layers that hold for the service, weakest first.
func (p *Policy) walk(ref fleet.ServiceRef, visit func(r *Rules, prefix string)) {
	visit(&p.Rules, "$.")
	for i := range p.Services {
		if p.Services[i].Match.Matches(ref) {
			visit(&p.Services[i].Rules, servicePrefix(i))
		}
	}
}
