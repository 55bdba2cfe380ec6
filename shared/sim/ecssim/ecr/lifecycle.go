package ecr

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// lifecycle is a lifecycle policy.
type lifecycle struct {
	Rules []lifecycleRule `json:"rules"`
}

// lifecycleRule expires the images of its selection.
type lifecycleRule struct {
	Priority  int       `json:"rulePriority"`
	Selection selection `json:"selection"`
	Action    struct {
		Type string `json:"type"`
	} `json:"action"`
}

// selection is the images of a rule: the ones beyond a count, or of an age in days.
type selection struct {
	TagStatus   string   `json:"tagStatus"`
	TagPatterns []string `json:"tagPatternList"`
	TagPrefixes []string `json:"tagPrefixList"`
	CountType   string   `json:"countType"`
	CountUnit   string   `json:"countUnit"`
	CountNumber int      `json:"countNumber"`
}

const (
	byCount = "imageCountMoreThan"
	byAge   = "sinceImagePushed"
)

// readLifecycle reads a policy. AWS: ECR guide, "Lifecycle policy parameters".
func readLifecycle(text string) (*lifecycle, *wire.Error) {
	var policy lifecycle
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return nil, lifecycleError("it is no JSON of a lifecycle policy")
	}
	if len(policy.Rules) == 0 {
		return nil, lifecycleError("it has no rules")
	}
	seen := map[int]bool{}
	for _, r := range policy.Rules {
		if problem := r.problem(); problem != "" {
			return nil, lifecycleError(problem)
		}
		if seen[r.Priority] {
			return nil, lifecycleError("two rules have the same rulePriority")
		}
		seen[r.Priority] = true
	}
	slices.SortFunc(policy.Rules, func(a, b lifecycleRule) int { return cmp.Compare(a.Priority, b.Priority) })
	return &policy, nil
}

func lifecycleError(problem string) *wire.Error {
	return invalid("LifecyclePolicyText", "Lifecycle policy validation failure: "+problem)
}

// problem returns the fault of a rule, or "".
func (r lifecycleRule) problem() string {
	switch {
	case r.Priority < 1:
		return "rulePriority must be a positive number"
	case r.Action.Type != "expire":
		return "the type of an action must be expire"
	}
	return cmp.Or(r.Selection.tagProblem(), r.Selection.countProblem())
}

func (of selection) tagProblem() string {
	patterns, prefixes := len(of.TagPatterns) > 0, len(of.TagPrefixes) > 0
	switch tagged := of.TagStatus == "tagged"; {
	case !tagged && of.TagStatus != "untagged" && of.TagStatus != "any":
		return "tagStatus must be tagged, untagged or any"
	case tagged && !patterns && !prefixes:
		return "tagStatus tagged needs a tagPatternList or a tagPrefixList"
	case !tagged && (patterns || prefixes):
		return "tagPatternList and tagPrefixList need tagStatus tagged"
	case patterns && prefixes:
		return "tagPatternList and tagPrefixList exclude each other"
	}
	return ""
}

func (of selection) countProblem() string {
	switch {
	case of.CountType != byCount && of.CountType != byAge:
		return "ecssim models the countTypes imageCountMoreThan and sinceImagePushed"
	case of.CountType == byAge && of.CountUnit != "days":
		return "countType sinceImagePushed needs the countUnit days"
	case of.CountType == byCount && of.CountUnit != "":
		return "countUnit needs another countType than imageCountMoreThan"
	case of.CountNumber < 1:
		return "countNumber must be a positive number"
	}
	return ""
}

// selects reports whether the tags of an image fit. Each pattern of the list must
// match a tag.
func (of selection) selects(img *image) bool {
	switch of.TagStatus {
	case "untagged":
		return len(img.tags) == 0
	case "any":
		return true
	}
	for _, pattern := range of.TagPatterns {
		if !slices.ContainsFunc(img.tags, func(tag string) bool { return wildcard(pattern, tag) }) {
			return false
		}
	}
	for _, prefix := range of.TagPrefixes {
		if !slices.ContainsFunc(img.tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) }) {
			return false
		}
	}
	return len(img.tags) > 0
}

// expired returns the images that the policy expires, by the priority of its rules. A
// rule counts all images of its selection, and expires none that fits the selection of
// an earlier rule.
func (l *lifecycle) expired(images []*image, now time.Time) []*image {
	var out []*image
	taken := map[*image]bool{}
	for _, r := range l.Rules {
		mine := slices.DeleteFunc(slices.Clone(images), func(img *image) bool { return !r.Selection.selects(img) })
		for _, img := range r.Selection.beyond(mine, now) {
			if !taken[img] {
				out = append(out, img)
			}
		}
		for _, img := range mine {
			taken[img] = true
		}
	}
	return out
}

// beyond returns the images beyond the count or the age, oldest first.
func (of selection) beyond(images []*image, now time.Time) []*image {
	images = slices.Clone(images)
	slices.SortStableFunc(images, func(a, b *image) int { return a.pushed.Compare(b.pushed) })
	if of.CountType == byCount {
		return images[:max(0, len(images)-of.CountNumber)]
	}
	limit := now.Add(-time.Duration(of.CountNumber) * 24 * time.Hour)
	return slices.DeleteFunc(images, func(img *image) bool { return img.pushed.After(limit) })
}

// keptPolicy is the lifecycle policy of a repository.
type keptPolicy struct {
	text      string
	policy    *lifecycle
	evaluated time.Time // 1970 before the first evaluation, as in AWS's answers
}

func (s *Service) putLifecyclePolicy(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	text := in.String("lifecyclePolicyText")
	policy, refused := readLifecycle(text)
	if refused != nil {
		return nil, refused
	}
	kept := &keptPolicy{text: text, policy: policy, evaluated: time.Unix(0, 0).UTC()}
	repo.lifecycle = kept
	s.account.After(lifecycleInterval, func() { s.evaluateLifecycle(repo, kept) })
	return s.withLifecycle(repo, kept), nil
}

// evaluateLifecycle expires images, as long as the policy is the repository's.
func (s *Service) evaluateLifecycle(repo *repository, kept *keptPolicy) {
	if repo.lifecycle != kept || s.find(repo.name) != repo {
		return
	}
	kept.evaluated = s.account.Now()
	for _, img := range kept.policy.expired(repo.images, kept.evaluated) {
		s.removeImage(repo, img)
	}
	s.account.After(lifecycleInterval, func() { s.evaluateLifecycle(repo, kept) })
}

func (s *Service) withLifecycle(repo *repository, kept *keptPolicy) wire.Object {
	out := s.named(repo)
	out["lifecyclePolicyText"] = kept.text
	return out
}

func (s *Service) getLifecyclePolicy(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	if repo.lifecycle == nil {
		return nil, wire.Errorf("LifecyclePolicyNotFoundException",
			"Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", repo.name, s.account.Account)
	}
	out := s.withLifecycle(repo, repo.lifecycle)
	out["lastEvaluatedAt"] = repo.lifecycle.evaluated
	return out, nil
}

func (s *Service) deleteLifecyclePolicy(in wire.Object) (wire.Object, error) {
	out, err := s.getLifecyclePolicy(in)
	if err == nil {
		s.find(in.String("repositoryName")).lifecycle = nil
	}
	return out, err
}
