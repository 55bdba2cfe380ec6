package ecssim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

// family holds all revisions of a task definition, revision 1 first.
type family struct {
	name      string
	revisions []*taskDefinition
}

// taskDefinition is one revision. It keeps the request unchanged.
type taskDefinition struct {
	arn, family  string
	revision     int
	active       bool
	spec         wire.Object
	containers   []containerDef
	cpu, memory  string
	registered   time.Time
	deregistered time.Time
}

// containerDef is the part of a container definition that the model needs.
type containerDef struct {
	name, image, cpu, memory string
	essential                bool
	pinned                   bool      // versionConsistency is not disabled
	check                    *checkDef // nil without a check of its own
	stopTimeout              time.Duration
	secrets                  []secretDef
	log                      logTarget
}

// checkDef is the health check of a container.
type checkDef struct {
	interval, timeout, startPeriod time.Duration
	retries                        int
}

// secretDef is an environment variable that is read from a secret at the start.
type secretDef struct{ name, from string }

func (td *taskDefinition) key() string { return td.family + ":" + strconv.Itoa(td.revision) }

// check returns the health check that decides the health of a task: that of the
// main container, else the first of another container. It returns nil if no
// container has one.
func (td *taskDefinition) check() *checkDef {
	if c := td.containers[td.main()].check; c != nil {
		return c
	}
	for _, c := range td.containers {
		if c.check != nil {
			return c.check
		}
	}
	return nil
}

// units returns the CPU units and the memory in MiB of the whole task.
func (td *taskDefinition) units() (cpu, memory float64) {
	cpu, _ = strconv.ParseFloat(td.cpu, 64)
	memory, _ = strconv.ParseFloat(td.memory, 64)
	return cpu, memory
}

// main returns the first essential container. Its image decides the behaviour of
// the task.
func (td *taskDefinition) main() int {
	for i, c := range td.containers {
		if c.essential {
			return i
		}
	}
	return 0
}

func (s *Sim) findFamily(name string) *family {
	for _, f := range s.families {
		if f.name == name {
			return f
		}
	}
	return nil
}

// findTaskDefinition resolves an ARN, family:revision, or family (its newest
// ACTIVE revision). It returns nil if there is none.
func (s *Sim) findTaskDefinition(reference string) *taskDefinition {
	name, revision, exact := strings.Cut(fleet.NameOf(reference), ":")
	f := s.findFamily(name)
	if f == nil {
		return nil
	}
	if exact {
		n, err := strconv.Atoi(revision)
		if err != nil || n < 1 || n > len(f.revisions) {
			return nil
		}
		return f.revisions[n-1]
	}
	for _, v := range slices.Backward(f.revisions) {
		if v.active {
			return v
		}
	}
	return nil
}

// activeTaskDefinition returns the revision for a new service or task.
func (s *Sim) activeTaskDefinition(reference string) (*taskDefinition, error) {
	td := s.findTaskDefinition(reference)
	switch {
	case td == nil:
		return nil, wire.Errorf("ClientException", "Unable to find task definition: %s", reference)
	case !td.active:
		return nil, wire.Errorf("ClientException", "TaskDefinition is inactive")
	}
	return td, nil
}

func (s *Sim) newTaskDefinition(in wire.Object) (*taskDefinition, error) {
	name := in.String("family")
	if name == "" {
		return nil, wire.Errorf("ClientException", "Family should not be null or empty.")
	}
	containers := in.Objects("containerDefinitions")
	if len(containers) == 0 {
		return nil, wire.Errorf("ClientException", "Container list cannot be empty.")
	}
	td := &taskDefinition{family: name, active: true, registered: s.Now()}
	specs := make([]wire.Object, 0, len(containers))
	for _, c := range containers {
		if c.String("name") == "" {
			return nil, wire.Errorf("ClientException", "Container.name should not be null or empty.")
		}
		specs = append(specs, completeContainer(c))
		td.containers = append(td.containers, parseContainer(c))
	}
	td.cpu, td.memory = cmp.Or(in.String("cpu"), "256"), cmp.Or(in.String("memory"), "512")
	f := s.findFamily(name)
	if f == nil {
		f = &family{name: name}
		s.families = append(s.families, f)
	}
	td.revision = len(f.revisions) + 1
	td.arn = s.account.ARN("ecs", "task-definition/"+td.key())
	td.spec = s.taskDefinitionSpec(in, td, specs)
	f.revisions = append(f.revisions, td)
	s.account.Tags.Put(td.arn, in.Objects("tags"))
	return td, nil
}

func (s *Sim) taskDefinitionSpec(in wire.Object, td *taskDefinition, containers []wire.Object) wire.Object {
	spec := maps.Clone(in)
	delete(spec, "tags")
	spec["containerDefinitions"] = containers
	spec["taskDefinitionArn"] = td.arn
	spec["revision"] = td.revision
	spec["registeredAt"] = td.registered
	spec["registeredBy"] = s.account.Root()
	spec["compatibilities"] = []string{"EC2", "FARGATE"}
	for _, key := range []string{"volumes", "placementConstraints", "requiresAttributes"} {
		if !spec.Has(key) {
			spec[key] = []wire.Object{}
		}
	}
	return spec
}

// completeContainer adds the members that ECS always returns.
func completeContainer(c wire.Object) wire.Object {
	out := maps.Clone(c)
	if !out.Has("cpu") {
		out["cpu"] = 0
	}
	if !out.Has("essential") {
		out["essential"] = true
	}
	for _, key := range []string{"environment", "mountPoints", "volumesFrom", "portMappings", "systemControls"} {
		if !out.Has(key) {
			out[key] = []wire.Object{}
		}
	}
	return out
}

func parseContainer(c wire.Object) containerDef {
	essential, said := c.Bool("essential")
	def := containerDef{
		name: c.String("name"), image: c.String("image"),
		essential: essential || !said,
		pinned:    c.String("versionConsistency") != "disabled",
	}
	if n, ok := c.Int("cpu"); ok {
		def.cpu = fmt.Sprint(n)
	}
	if n, ok := c.Int("memory"); ok {
		def.memory = fmt.Sprint(n)
	}
	for _, secret := range c.Objects("secrets") {
		def.secrets = append(def.secrets, secretDef{secret.String("name"), secret.String("valueFrom")})
	}
	if log := c.Object("logConfiguration"); log != nil {
		def.log = parseLog(log.String("logDriver"), log.Object("options"))
	}
	def.check = parseCheck(c.Object("healthCheck"))
	def.stopTimeout = secondsOf(c, "stopTimeout", defaultStopTimeout)
	return def
}

func parseCheck(in wire.Object) *checkDef {
	if in == nil {
		return nil
	}
	def := &checkDef{
		interval: secondsOf(in, "interval", checkInterval), timeout: secondsOf(in, "timeout", checkTimeout),
		startPeriod: secondsOf(in, "startPeriod", 0), retries: checkRetries,
	}
	if n, ok := in.Int("retries"); ok {
		def.retries = n
	}
	return def
}

// secondsOf returns a duration in seconds, or otherwise if it is absent.
func secondsOf(in wire.Object, key string, otherwise time.Duration) time.Duration {
	if n, ok := in.Int(key); ok {
		return time.Duration(n) * time.Second
	}
	return otherwise
}

func (s *Sim) taskDefinitionOperations() wire.Operations {
	return wire.Operations{
		"RegisterTaskDefinition":     s.registerTaskDefinition,
		"DeregisterTaskDefinition":   s.deregisterTaskDefinition,
		"DescribeTaskDefinition":     s.describeTaskDefinition,
		"ListTaskDefinitions":        s.listTaskDefinitions,
		"ListTaskDefinitionFamilies": s.listFamilies,
	}
}

func (s *Sim) registerTaskDefinition(in wire.Object) (wire.Object, error) {
	td, err := s.newTaskDefinition(in)
	if err != nil {
		return nil, err
	}
	out := wire.Object{"taskDefinition": td.object()}
	if tags := s.account.Tags[td.arn]; len(tags) > 0 {
		out["tags"] = tags
	}
	return out, nil
}

func (s *Sim) deregisterTaskDefinition(in wire.Object) (wire.Object, error) {
	reference := in.String("taskDefinition")
	td := s.findTaskDefinition(reference)
	if td == nil || !strings.Contains(fleet.NameOf(reference), ":") {
		return nil, wire.Errorf("ClientException", "Unable to describe task definition.")
	}
	td.active, td.deregistered = false, s.Now()
	return wire.Object{"taskDefinition": td.object()}, nil
}

func (s *Sim) describeTaskDefinition(in wire.Object) (wire.Object, error) {
	td := s.findTaskDefinition(in.String("taskDefinition"))
	if td == nil {
		return nil, wire.Errorf("ClientException", "Unable to describe task definition.")
	}
	out := wire.Object{"taskDefinition": td.object()}
	if slices.Contains(in.Strings("include"), "TAGS") {
		out["tags"] = s.account.Tags.Of(td.arn)
	}
	return out, nil
}

func (s *Sim) listTaskDefinitions(in wire.Object) (wire.Object, error) {
	arns := []string{}
	want := cmp.Or(in.String("status"), statusActive)
	prefix := in.String("familyPrefix")
	for _, f := range s.sortedFamilies() {
		if prefix != "" && f.name != prefix {
			continue
		}
		for _, td := range f.revisions {
			if td.status() == want {
				arns = append(arns, td.arn)
			}
		}
	}
	if in.String("sort") == "DESC" {
		slices.Reverse(arns)
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"taskDefinitionArns": arns}, "nextToken", next), nil
}

func (s *Sim) listFamilies(in wire.Object) (wire.Object, error) {
	names := []string{}
	for _, f := range s.sortedFamilies() {
		active := slices.ContainsFunc(f.revisions, func(td *taskDefinition) bool { return td.active })
		switch want := in.String("status"); {
		case !strings.HasPrefix(f.name, in.String("familyPrefix")):
		case want == statusActive && !active, want == statusInactive && active:
		default:
			names = append(names, f.name)
		}
	}
	names, next, err := wire.Page(names, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"families": names}, "nextToken", next), nil
}

func (s *Sim) sortedFamilies() []*family {
	families := slices.Clone(s.families)
	slices.SortFunc(families, func(a, b *family) int { return strings.Compare(a.name, b.name) })
	return families
}

func (td *taskDefinition) status() string {
	if td.active {
		return statusActive
	}
	return statusInactive
}

func (td *taskDefinition) object() wire.Object {
	out := maps.Clone(td.spec)
	out["status"] = td.status()
	if !td.deregistered.IsZero() {
		out["deregisteredAt"] = td.deregistered
	}
	return out
}
