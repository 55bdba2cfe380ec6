package ecr

import (
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// resource finds the repository of an ARN.
func (s *Service) resource(in wire.Object) (*repository, error) {
	arn := in.String("resourceArn")
	_, name, ok := strings.Cut(arn, ":repository/")
	if !ok || !strings.HasPrefix(arn, "arn:") {
		return nil, invalid("resourceArn", "Invalid ARN")
	}
	return s.mustRepository(wire.Object{"repositoryName": name})
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	repo, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	tags := slices.Clone(s.account.Tags[repo.arn])
	for _, tag := range in.Objects("tags") {
		tags = slices.DeleteFunc(tags, func(t wire.Object) bool { return t.String("Key") == tag.String("Key") })
		tags = append(tags, tag)
	}
	if len(tags) > maxTags {
		return nil, wire.Errorf("TooManyTagsException", "The repository with name '%s' has more than %d tags", repo.name, maxTags)
	}
	s.account.Tags[repo.arn] = tags
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	repo, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	s.account.Tags[repo.arn] = slices.DeleteFunc(slices.Clone(s.account.Tags[repo.arn]), func(t wire.Object) bool {
		return slices.Contains(in.Strings("tagKeys"), t.String("Key"))
	})
	return wire.Object{}, nil
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	repo, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"tags": s.account.Tags.Of(repo.arn)}, nil
}
