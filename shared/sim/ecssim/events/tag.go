package events

import (
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// taggable returns an error for the ARN of no rule and no event bus.
func (s *Service) taggable(arn string) error {
	if slices.ContainsFunc(s.rules, func(r *rule) bool { return r.arn == arn }) {
		return nil
	}
	if _, name, ok := strings.Cut(arn, ":event-bus/"); ok {
		if s.bus(name) != nil {
			return nil
		}
		return wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
	}
	_, name, _ := strings.Cut(arn, ":rule/")
	bus, rest, custom := strings.Cut(name, "/")
	if !custom {
		bus, rest = defaultBus, name
	}
	return missingRule(rest, bus)
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	if err := s.taggable(arn); err != nil {
		return nil, err
	}
	s.account.Tags.Add(arn, "Key", in.Objects("Tags"))
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	if err := s.taggable(arn); err != nil {
		return nil, err
	}
	s.account.Tags.Remove(arn, "Key", in.Strings("TagKeys"))
	return wire.Object{}, nil
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	if err := s.taggable(arn); err != nil {
		return nil, err
	}
	return wire.Object{"Tags": s.account.Tags.Of(arn)}, nil
}
