package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) tagOperations() operations {
	return operations{
		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

// tagsOf are the tags of an ARN; an empty list if it has none.
func (s *Sim) tagsOf(arn string) []wire.Object {
	if tags := s.tags[arn]; tags != nil {
		return tags
	}
	return []wire.Object{}
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
	tags := slices.Clone(s.tags[arn])
	for _, tag := range in.Objects("tags") {
		same := func(t wire.Object) bool { return t.String("key") == tag.String("key") }
		if i := slices.IndexFunc(tags, same); i >= 0 {
			tags[i] = tag
		} else {
			tags = append(tags, tag)
		}
	}
	s.tags[arn] = tags
	return wire.Object{}, nil
}

func (s *Sim) untagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
	}
	s.tags[arn] = slices.DeleteFunc(slices.Clone(s.tags[arn]), func(t wire.Object) bool {
		return includes(in, "tagKeys", t.String("key"))
	})
	return wire.Object{}, nil
}

func (s *Sim) listTags(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("InvalidParameterException", "The specified resource was not found: %s", arn)
	}
	return wire.Object{"tags": s.tagsOf(arn)}, nil
}
