package ecr

import (
	"strings"

	"homeostat/shared/sim/ecssim/account"
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
	tags := account.Merged("Key", s.account.Tags[repo.arn], in.Objects("tags"))
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
	s.account.Tags.Remove(repo.arn, "Key", in.Strings("tagKeys"))
	return wire.Object{}, nil
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	repo, err := s.resource(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"tags": s.account.Tags.Of(repo.arn)}, nil
}
