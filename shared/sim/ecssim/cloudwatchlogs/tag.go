package cloudwatchlogs

import (
	"maps"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// tag adds tags to the group.
func (g *logGroup) tag(tags wire.Object) {
	for name := range tags {
		g.tags[name] = tags.String(name)
	}
}

// resource finds the group of an ARN.
func (s *Service) resource(in wire.Object) (*logGroup, error) {
	_, name, _ := strings.Cut(strings.TrimSuffix(in.String("resourceArn"), ":*"), ":log-group:")
	if g := s.find(name); g != nil {
		return g, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified resource does not exist.")
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	g, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	g.tag(in.Object("tags"))
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	g, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	for _, name := range in.Strings("tagKeys") {
		delete(g.tags, name)
	}
	return wire.Object{}, nil
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	g, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"tags": maps.Clone(g.tags)}, nil
}
