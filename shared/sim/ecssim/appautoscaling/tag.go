package appautoscaling

import (
	"maps"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// tag adds tags of a request to the target.
func (t *target) tag(tags wire.Object) {
	for name := range tags {
		t.tags[name] = tags.String(name)
	}
}

// resource finds the target of an ARN.
func (s *Service) resource(in wire.Object) (*target, error) {
	arn := in.String("ResourceARN")
	if i := slices.IndexFunc(s.targets, func(t *target) bool { return t.arn == arn }); i >= 0 {
		return s.targets[i], nil
	}
	return nil, &wire.Error{
		Code: "ResourceNotFoundException", Message: "The resource specified doesn't exist: " + arn, Fields: wire.Object{"ResourceName": arn},
	}
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	t, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"Tags": maps.Clone(t.tags)}, nil
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	t, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	t.tag(in.Object("Tags"))
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	t, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	for _, name := range in.Strings("TagKeys") {
		delete(t.tags, name)
	}
	return wire.Object{}, nil
}
