package ecssim

import (
	"cmp"
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
	main      string                  // see TaskDefinitionSpec.Main
	ends      map[string]ContainerEnd // see ContainerSpec.End
}

// taskDefinition is one revision. It keeps the request unchanged.
type taskDefinition struct {
	arn, family  string
	of           *family
	revision     int
	active       bool
	deleting     time.Time // time of DeleteTaskDefinitions; zero means never
	spec         wire.Object
	containers   []containerDef
	cpu, memory  string // of the whole task, in CPU units and MiB
	arm          bool   // runtimePlatform has ARM64
	ephemeralGiB int
	awsvpc       bool
	ports        []string // of the instance, see hostPorts
	registered   time.Time
	deregistered time.Time
}

func (td *taskDefinition) key() string { return td.family + ":" + strconv.Itoa(td.revision) }

// main returns the container of the application, else the first essential container.
// Its image decides the behaviour of the task.
func (td *taskDefinition) main() int {
	for i, c := range td.containers {
		if td.of.main != "" && c.name == td.of.main {
			return i
		}
	}
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
		if err != nil || n < 1 || n > len(f.revisions) || s.isDeleted(f.revisions[n-1]) {
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

// isDeleted reports whether the deletion of a revision is complete. It stays
// DELETE_IN_PROGRESS until no task and no deployment of a service refers to it. AWS:
// "Amazon ECS task definition states", ECS verifies that periodically.
func (s *Sim) isDeleted(td *taskDefinition) bool {
	if td.deleting.IsZero() || s.Now().Sub(td.deleting) < deletionInterval {
		return false
	}
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if slices.ContainsFunc(svc.deployments, func(d *deployment) bool { return d.revision.td == td }) {
				return false
			}
		}
		for _, t := range c.tasks {
			if t.td == td && t.last != taskStopped {
				return false
			}
		}
	}
	return true
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

// launchType returns the launch type of a service or a task that names none and has no
// capacity provider. AWS: EC2. Assumed: Fargate for a definition that requires it.
func (td *taskDefinition) launchType() string {
	if slices.Contains(td.spec.Strings("requiresCompatibilities"), launchFargate) {
		return launchFargate
	}
	return launchEC2
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
	td.size(in, containers)
	td.ports = hostPorts(in)
	f := s.findFamily(name)
	if f == nil {
		f = &family{name: name}
		s.families = append(s.families, f)
	}
	td.of, td.revision = f, len(f.revisions)+1
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
	spec["compatibilities"] = td.compatibilities(in)
	if in.Has("volumes") {
		spec["volumes"] = completeVolumes(in.Objects("volumes"))
	}
	for _, key := range []string{"volumes", "placementConstraints", "requiresAttributes"} {
		if !spec.Has(key) {
			spec[key] = []wire.Object{}
		}
	}
	return spec
}

func (s *Sim) taskDefinitionOperations() wire.Operations {
	return wire.Operations{
		"RegisterTaskDefinition":     s.registerTaskDefinition,
		"DeregisterTaskDefinition":   s.deregisterTaskDefinition,
		"DeleteTaskDefinitions":      s.deleteTaskDefinitions,
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
	_, revision, exact := strings.Cut(fleet.NameOf(reference), ":")
	if !exact {
		return nil, wire.Errorf("ClientException", "Revision is missing.")
	}
	if n, err := strconv.Atoi(revision); err != nil || n < 1 {
		return nil, wire.Errorf("ClientException", "Invalid revision number. Number: %s", revision)
	}
	td := s.findTaskDefinition(reference)
	if td == nil {
		return nil, wire.Errorf("ClientException", "Unable to describe task definition.")
	}
	td.active, td.deregistered = false, s.Now()
	return wire.Object{"taskDefinition": td.object()}, nil
}

// deleteTaskDefinitions marks INACTIVE revisions for deletion. AWS: they stay
// DELETE_IN_PROGRESS while a task or a service uses them, and can be described.
func (s *Sim) deleteTaskDefinitions(in wire.Object) (wire.Object, error) {
	deleted, failures := []wire.Object{}, []wire.Object{}
	for _, reference := range in.Strings("taskDefinitions") {
		td := s.findTaskDefinition(reference)
		switch {
		case !strings.Contains(fleet.NameOf(reference), ":"):
			failures = append(failures, wire.Object{
				"arn": reference, "reason": "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.",
			})
		case td == nil:
			failures = append(failures, wire.Object{
				"arn": reference, "reason": "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
			})
		case td.active:
			failures = append(failures, wire.Object{
				"arn": td.arn, "reason": "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
			})
		default:
			td.deleting = s.Now()
			deleted = append(deleted, td.object())
		}
	}
	return wire.Object{"taskDefinitions": deleted, "failures": failures}, nil
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
	switch {
	case td.active:
		return statusActive
	case !td.deleting.IsZero():
		return "DELETE_IN_PROGRESS"
	}
	return statusInactive
}

func (td *taskDefinition) object() wire.Object {
	out := maps.Clone(td.spec)
	out["status"] = td.status()
	if !td.deregistered.IsZero() {
		out["deregisteredAt"] = td.deregistered
	}
	if !td.deleting.IsZero() {
		out["deleteRequestedAt"] = td.deleting
	}
	return out
}
