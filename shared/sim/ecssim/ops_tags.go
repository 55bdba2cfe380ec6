package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) tagOperations() wire.Operations {
	return wire.Operations{
		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

// taggable reports whether there is such a resource of ECS.
func (s *Sim) taggable(arn string) bool {
	if td := s.findTaskDefinition(arn); td != nil && td.arn == arn {
		return true
	}
	for _, c := range s.clusters {
		if c.arn == arn || c.tasks[nameOf(arn)] != nil && c.tasks[nameOf(arn)].arn == arn {
			return true
		}
		if svc := c.findService(arn); svc != nil && svc.arn == arn {
			return true
		}
	}
	return false
}

func (s *Sim) tagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
	}
	tags := slices.Clone(s.account.Tags[arn])
	for _, tag := range in.Objects("tags") {
		same := func(t wire.Object) bool { return t.String("key") == tag.String("key") }
		if i := slices.IndexFunc(tags, same); i >= 0 {
			tags[i] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	s.account.Tags[arn] = tags
	return wire.Object{}, nil
}

func (s *Sim) untagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
	}
	s.account.Tags[arn] = slices.DeleteFunc(slices.Clone(s.account.Tags[arn]), func(t wire.Object) bool {
		return slices.Contains(in.Strings("tagKeys"), t.String("key"))
	})
	return wire.Object{}, nil
}

func (s *Sim) listTags(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("InvalidParameterException", "The specified resource was not found: %s", arn)
	}
	return wire.Object{"tags": s.account.Tags.Of(arn)}, nil
}
