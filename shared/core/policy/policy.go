// Package policy reads homeostat.yaml, the file with the permissions and targets
// of each service.
//
// Parsing is strict. An unknown key, a wrong type or a value out of bounds is an
// error with its line. A policy with an error permits nothing.
//
// Each key is one row of a table, see key. Adding a key is described in
// CONTRIBUTING.md.
package policy

import (
	"path"
	"strconv"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/strictyaml"
)

// Policy is a parsed and valid policy file.
type Policy struct {
	version int
	// rules apply to all services.
	rules rules
	// services apply in order. Of several that match, the later wins.
	services []service

	lines strictyaml.Lines
	table *table
}

// service is a set of rules for the services that match.
type service struct {
	match match
	rules rules
}

// match selects services by glob ("*" and "?"). An empty pattern matches all.
type match struct {
	Cluster string `yaml:"cluster"`
	Service string `yaml:"service"`
}

func (m match) matches(ref fleet.ServiceRef) bool {
	return glob(m.Cluster, ref.Cluster) && glob(m.Service, ref.Service)
}

func glob(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// Effective holds the values for one service, after tags, policy and defaults
// are combined. The rules of a file are stored in the same type.
type Effective struct {
	// Enrolled reports whether the service has the tag homeostat:mode.
	Enrolled bool
	Mode     Mode
	// ModeOrigin names the source of the mode.
	ModeOrigin string
	// Rollback is false if the policy or the service's tag forbids rollbacks.
	Rollback bool
	Healing
	Scaling
	Alerts
	ScaleEnabled bool
	Min, Max     int
	CPU          float64
	// CPUExplicit reports whether the file sets scale.cpu. Such a target applies
	// beside every signal.
	CPUExplicit    bool
	CooldownOut    time.Duration
	CooldownIn     time.Duration
	Tag            string
	ActionsPerHour int
	MassFailure    float64
}

// Setting is one effective value with its origin.
type Setting struct {
	Path   string `json:"path"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Default returns the policy of an empty file, with the built-in defaults.
func Default() *Policy { return &Policy{version: formatVersion, table: newTable()} }

// For returns the effective values of a service with these tags, with the mode
// capped by limit. An empty limit does not cap. A tag overrides the last matching
// entry, then the file's own rules, then the built-in defaults. Freezes are
// checked by the guard.
func (p *Policy) For(ref fleet.ServiceRef, tags map[string]string, limit Mode) Effective {
	e := p.table.defaults
	p.blocks(ref, func(r *rules, _ string) { r.apply(&e) })
	e.ModeOrigin = "policy"
	applyTags(&e, tags)
	if capped := e.Mode.AtMost(limit); capped != e.Mode {
		e.Mode, e.ModeOrigin = capped, contract.EnvMode
	}
	return e
}

// applyTags applies the service's tags over the policy. It fails closed: an
// unknown mode is off.
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
		e.Mode, e.ModeOrigin = Off, "tag "+contract.TagMode+" has the unknown value "+strconv.Quote(value)
	}
	if tags[contract.TagRollback] == contract.RollbackNever {
		e.Rollback = false
	}
}

// Explain returns every effective value of the service with its origin, in the
// order of the table.
func (p *Policy) Explain(ref fleet.ServiceRef, tags map[string]string, limit Mode) []Setting {
	effective := p.For(ref, tags, limit)
	var out []Setting
	for _, row := range p.table.rows {
		origin, name := "built-in default", row.name()
		p.blocks(ref, func(r *rules, prefix string) {
			if r.has(name) {
				origin = p.location(prefix + name)
			}
		})
		if name == "mode" && effective.ModeOrigin != "policy" {
			origin = effective.ModeOrigin
		}
		if name == "heal.rollback" && tags[contract.TagRollback] == contract.RollbackNever {
			origin = "tag " + contract.TagRollback
		}
		out = append(out, Setting{Path: name, Value: row.show(&effective), Origin: origin})
	}
	return out
}

// blocks visits the rules that apply to the service, the weakest first.
func (p *Policy) blocks(ref fleet.ServiceRef, visit func(r *rules, prefix string)) {
	visit(&p.rules, "$.")
	for i := range p.services {
		if p.services[i].match.matches(ref) {
			visit(&p.services[i].rules, servicePrefix(i))
		}
	}
}

// location returns "file:line" of a value.
func (p *Policy) location(at string) string {
	if pos, ok := p.lines.At[at]; ok {
		return p.lines.File + ":" + strconv.Itoa(pos.Line)
	}
	return p.lines.File
}

func redeployKeys() []row {
	return []row{
		&key[string]{
			path: "redeploy.tag", kind: text{form: "an image tag"},
			field: func(e *Effective) *string { return &e.Tag },
			help:  "Image tag to roll out on each push, pinned by digest. Without a tag, no push is rolled out.",
		},
	}
}

// Alerts holds the effective values of the section alert.
type Alerts struct {
	// DownAfter is the time without a running task, and DegradedAfter the time with fewer
	// tasks than desired, after which the operator is notified; 0 is never.
	DownAfter, DegradedAfter time.Duration
}

func alertKeys() []row {
	return []row{
		&key[time.Duration]{
			path: "alert.down_after", initial: 3 * time.Minute, kind: duration{least: time.Minute, most: day, zero: "for never"},
			field: func(e *Effective) *time.Duration { return &e.DownAfter },
			help:  "Notify the operator if no task runs for that time.",
		},
		&key[time.Duration]{
			path: "alert.degraded_after", initial: 15 * time.Minute, kind: duration{least: time.Minute, most: day, zero: "for never"},
			field: func(e *Effective) *time.Duration { return &e.DegradedAfter },
			help:  "Notify the operator if fewer tasks than desired run for that time.",
		},
	}
}

func limitKeys() []row {
	return []row{
		&key[int]{
			path: "limits.actions_per_hour", initial: 12, kind: integer{},
			field: func(e *Effective) *int { return &e.ActionsPerHour },
			help:  "Redeployments and remedies per hour. Rollbacks do not count: each revision has one. Changes of the desired count have `scale.changes_per_hour`.",
		},
		&key[float64]{
			path: "limits.mass_failure", initial: 0.2, kind: decimal{above: true, most: 1, text: "a share above 0 and up to 1"},
			field: func(e *Effective) *float64 { return &e.MassFailure },
			help:  "Share of the services of an account, cluster, zone or dependency that may fail at once. Above it, Homeostat changes nothing there.",
		},
	}
}
