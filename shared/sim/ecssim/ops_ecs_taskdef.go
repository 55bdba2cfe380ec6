package ecssim

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

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
	if td == nil || !strings.Contains(nameOf(reference), ":") {
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
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", 100)
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
	names, next, err := wire.Page(names, in, "maxResults", "nextToken", 100)
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
