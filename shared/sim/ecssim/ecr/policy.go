package ecr

import (
	"encoding/json"

	"homeostat/shared/sim/ecssim/wire"
)

// validPolicy reports whether a text is a policy of IAM that ECR accepts: a known
// version, and statements with an effect, a principal and actions. AWS: IAM JSON
// policy elements.
func validPolicy(text string, accepts func(action string) bool) bool {
	var policy struct {
		Version   string `json:"Version"`
		Statement any    `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return false
	}
	statements := (wire.Object{"s": listed(policy.Statement)}).Objects("s")
	if policy.Version != "" && policy.Version != "2012-10-17" && policy.Version != "2008-10-17" || len(statements) == 0 {
		return false
	}
	for _, s := range statements {
		if !validStatement(s, accepts) {
			return false
		}
	}
	return true
}

func validStatement(s wire.Object, accepts func(action string) bool) bool {
	effect := s.String("Effect")
	principal, action := s.Has("Principal") || s.Has("NotPrincipal"), s.Has("Action") || s.Has("NotAction")
	if effect != "Allow" && effect != "Deny" || !principal || !action {
		return false
	}
	for _, name := range (wire.Object{"a": listed(s["Action"])}).Strings("a") {
		if !accepts(name) {
			return false
		}
	}
	return true
}

// listed returns a list as it is, and another value as a list of one.
func listed(value any) any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// setRepositoryPolicy keeps a policy. It decides nothing: every caller in ecssim is
// the account's root user.
func (s *Service) setRepositoryPolicy(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	repo.policy = in.String("policyText")
	return s.withPolicy(repo, repo.policy), nil
}

func (s *Service) withPolicy(repo *repository, text string) wire.Object {
	out := s.named(repo)
	out["policyText"] = text
	return out
}

func (s *Service) getRepositoryPolicy(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	if repo.policy == "" {
		return nil, wire.Errorf("RepositoryPolicyNotFoundException",
			"Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", repo.name, s.account.Account)
	}
	return s.withPolicy(repo, repo.policy), nil
}

func (s *Service) deleteRepositoryPolicy(in wire.Object) (wire.Object, error) {
	out, err := s.getRepositoryPolicy(in)
	if err == nil {
		s.find(in.String("repositoryName")).policy = ""
	}
	return out, err
}

func (s *Service) putRegistryPolicy(in wire.Object) (wire.Object, error) {
	s.policy = in.String("policyText")
	return s.getRegistryPolicy(in)
}

func (s *Service) getRegistryPolicy(wire.Object) (wire.Object, error) {
	if s.policy == "" {
		return nil, wire.Errorf("RegistryPolicyNotFoundException", "Registry policy does not exist in the registry with id '%s'", s.account.Account)
	}
	return wire.Object{"registryId": s.account.Account, "policyText": s.policy}, nil
}

func (s *Service) deleteRegistryPolicy(in wire.Object) (wire.Object, error) {
	out, err := s.getRegistryPolicy(in)
	s.policy = ""
	return out, err
}

// describeRegistry returns the registry. It replicates to no other one.
func (s *Service) describeRegistry(wire.Object) (wire.Object, error) {
	return wire.Object{"registryId": s.account.Account, "replicationConfiguration": wire.Object{"rules": []wire.Object{}}}, nil
}
