package policy

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"homeostat/shared/core/strictyaml"
)

// maxTasks is ECS's own limit of tasks in a service.
const maxTasks = 5000

// Parse reads a policy. The name appears in messages only. The error joins one
// strictyaml.Problem for each fault; the policy is nil then.
func Parse(name string, data []byte) (*Policy, error) {
	p := &Policy{}
	lines, err := strictyaml.Decode(name, data, p)
	if err != nil {
		return nil, err
	}
	p.lines = lines
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// where is "file:line" of a value's path.
func (p *Policy) where(at string) string {
	if pos, ok := p.lines.At[at]; ok {
		return fmt.Sprintf("%s:%d", p.lines.File, pos.Line)
	}
	return p.lines.File
}

func (p *Policy) validate() error {
	c := &checker{policy: p}
	if p.Version != 1 {
		c.fault("$.version", "version is %d, expected 1", p.Version)
	}
	c.rules("$.", &p.Rules)
	for i := range p.Services {
		prefix := servicePrefix(i)
		c.glob(prefix+"match.cluster", p.Services[i].Match.Cluster)
		c.glob(prefix+"match.service", p.Services[i].Match.Service)
		if p.Services[i].Match == (Match{}) {
			c.fault(prefix+"match", "match is empty, expected cluster, service or both (rules for all stand at the top level)")
		}
		c.rules(prefix, &p.Services[i].Rules)
	}
	// What is wrong by itself would be told again as what does not go together.
	if c.scaleFaults > 0 {
		return errors.Join(c.faults...)
	}
	c.together()
	for i := range p.Services {
		c.together(i)
	}
	return errors.Join(c.faults...)
}

type checker struct {
	policy      *Policy
	faults      []error
	scaleFaults int
	// where says, after each fault, for which services it is one.
	where string
}

func (c *checker) fault(at, format string, args ...any) {
	problem := c.policy.lines.Problem(at, fmt.Sprintf(format, args...)+c.where)
	if !slices.Contains(c.faults, error(problem)) { // what the file says is checked with each entry over it
		c.faults = append(c.faults, problem)
	}
}

func (c *checker) glob(at, pattern string) {
	if _, err := path.Match(pattern, ""); err != nil {
		c.fault(at, "%q is not a pattern, expected a name with * and ?", pattern)
	}
}

func (c *checker) rules(prefix string, r *Rules) {
	if r.Mode != nil && !r.Mode.Valid() {
		c.fault(prefix+"mode", "mode is %q, expected off, observe, propose or act", *r.Mode)
	}
	if r.Heal != nil {
		c.heal(prefix+"heal.", r.Heal)
	}
	if s := r.Scale; s != nil {
		c.scale(prefix+"scale.", s)
	}
	if l := r.Limits; l != nil && l.ActionsPerHour != nil && *l.ActionsPerHour < 0 {
		c.fault(prefix+"limits.actions_per_hour", "limits.actions_per_hour is %d, expected 0 or more", *l.ActionsPerHour)
	}
	if l := r.Limits; l != nil && l.MassFailure != nil && !(*l.MassFailure > 0 && *l.MassFailure <= 1) {
		c.fault(prefix+"limits.mass_failure", "limits.mass_failure is %v, expected a share above 0 and up to 1", *l.MassFailure)
	}
}
