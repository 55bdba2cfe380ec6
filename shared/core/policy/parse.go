package policy

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"homeostat/shared/core/strictyaml"
)

// Parse reads a policy file. The name appears in messages only. The error joins
// one strictyaml.Problem for each fault; the policy is nil then.
func Parse(name string, data []byte) (*Policy, error) {
	p := &Policy{table: newTable()}
	lines, err := strictyaml.Read(name, data, p.readFile)
	if err != nil {
		return nil, err
	}
	p.lines = lines
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// readFile reads the root of a file.
func (p *Policy) readFile(root strictyaml.Node) error {
	r, err := p.readBlock(root, func(name string, value strictyaml.Node) (bool, error) {
		switch {
		case name == "version" && !value.Empty():
			return true, value.Decode(&p.version)
		case name == "services":
			return true, value.Items(p.readService)
		}
		return name == "version", nil
	})
	p.rules = r
	return err
}

func (p *Policy) readService(_ int, item strictyaml.Node) error {
	var s service
	r, err := p.readBlock(item, func(name string, value strictyaml.Node) (bool, error) {
		if name == "match" && !value.Empty() {
			return true, value.Decode(&s.match)
		}
		return name == "match", nil
	})
	s.rules = r
	p.services = append(p.services, s)
	return err
}

// readBlock reads one block of rules. The other keys of the block go to a
// function. It returns false for an unknown key.
func (p *Policy) readBlock(block strictyaml.Node, other func(string, strictyaml.Node) (bool, error)) (rules, error) {
	values := map[string]decoder{}
	add := func(path string, value strictyaml.Node) (bool, error) {
		if !value.Empty() {
			values[path] = value.Decode
		}
		return p.table.has(path), nil
	}
	err := block.Fields(func(name string, value strictyaml.Node) (bool, error) {
		switch {
		case p.table.isSection(name):
			return true, value.Fields(func(key string, value strictyaml.Node) (bool, error) { return add(name+"."+key, value) })
		case p.table.has(name):
			return add(name, value)
		}
		return other(name, value)
	})
	if err != nil {
		return rules{}, err
	}
	return p.table.read(values)
}

// validate checks each block and then the combinations of blocks.
func (p *Policy) validate() error {
	c := &checker{policy: p}
	if p.version != formatVersion {
		c.report("$.version", "version is %d, expected %d", p.version, formatVersion)
	}
	c.rules("$.", &p.rules)
	for i := range p.services {
		prefix, s := servicePrefix(i), &p.services[i]
		c.glob(prefix+"match.cluster", s.match.Cluster)
		c.glob(prefix+"match.service", s.match.Service)
		if s.match == (match{}) {
			c.report(prefix+"match", "match is empty, expected cluster, service or both (rules for all services stand at the top level)")
		}
		c.rules(prefix, &s.rules)
	}
	// A value out of bounds would be reported again by the combinations.
	if c.scaleProblems > 0 {
		return errors.Join(c.problems...)
	}
	c.checkCombination()
	for i := range p.services {
		c.checkCombination(i)
	}
	return errors.Join(c.problems...)
}

// checker collects the problems of a policy.
type checker struct {
	policy   *Policy
	problems []error
	// scaleProblems counts the problems of single values of the section scale.
	scaleProblems int
	// scope follows each message. It names the affected services.
	scope string
}

// report adds a problem of the value at a path. It drops duplicates: the file's
// own rules are checked again with each entry.
func (c *checker) report(at, format string, args ...any) {
	problem := c.policy.lines.Problem(at, fmt.Sprintf(format, args...)+c.scope)
	if !slices.Contains(c.problems, error(problem)) {
		c.problems = append(c.problems, problem)
	}
}

func (c *checker) glob(at, pattern string) {
	if _, err := path.Match(pattern, ""); err != nil {
		c.report(at, "%q is not a pattern, expected a name with * and ?", pattern)
	}
}

// rules checks each value of a block on its own.
func (c *checker) rules(prefix string, r *rules) {
	for _, row := range r.set {
		before := len(c.problems)
		row.check(c, prefix, &r.values)
		if strings.HasPrefix(row.name(), "scale.") {
			c.scaleProblems += len(c.problems) - before
		}
	}
}
