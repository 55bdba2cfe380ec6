package ecr

import (
	"regexp"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// mutability says which tags may move to another image. The zero value is MUTABLE.
type mutability struct {
	setting string
	filters []wire.Object // unchanged, from the request
}

const (
	mutable             = "MUTABLE"
	immutable           = "IMMUTABLE"
	mutableExceptions   = "MUTABLE_WITH_EXCLUSION"
	immutableExceptions = "IMMUTABLE_WITH_EXCLUSION"
)

func mutabilityOf(in wire.Object) mutability {
	m := mutability{setting: in.String("imageTagMutability"), filters: in.Objects("imageTagMutabilityExclusionFilters")}
	if m.setting == "" {
		m.setting = mutable
	}
	return m
}

// fixed reports whether a tag must stay with its image. The filters of an exclusion
// reverse the setting for the tags that they match. AWS: ECR guide, "Preventing image
// tags from being overwritten".
func (m mutability) fixed(tag string) bool {
	switch m.setting {
	case immutable:
		return true
	case immutableExceptions:
		return !m.excludes(tag)
	case mutableExceptions:
		return m.excludes(tag)
	}
	return false
}

func (m mutability) excludes(tag string) bool {
	for _, f := range m.filters {
		if wildcard(f.String("filter"), tag) {
			return true
		}
	}
	return false
}

// wildcard reports whether a pattern matches a whole text. A star matches any
// characters, also none.
func wildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(text)
}

// put adds the setting to an answer.
func (m mutability) put(out wire.Object) wire.Object {
	out["imageTagMutability"] = m.setting
	if len(m.filters) > 0 {
		out["imageTagMutabilityExclusionFilters"] = m.filters
	}
	return out
}

func (s *Service) putImageTagMutability(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	repo.mutability = mutabilityOf(in)
	return repo.mutability.put(s.named(repo)), nil
}
