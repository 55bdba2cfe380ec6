// Package ecr is Amazon Elastic Container Registry: repositories, images with
// their tags, basic scans, and policies. A lifecycle policy expires images. A Service has no lock: a Sim runs its operations
// one at a time.
package ecr

import "homeostat/shared/sim/ecssim/account"

// Service is ECR of one account in one Region. It also resolves images of other
// registries.
type Service struct {
	account      *account.Account
	repositories []*repository
	policy       string // of the registry; empty for none
}

// New returns a registry without repositories.
func New(of *account.Account) *Service { return &Service{account: of} }

// Host returns the host of the account's private registry, the first part of
// image references.
func (s *Service) Host() string {
	host := s.account.Account + ".dkr.ecr." + s.account.Region + ".amazonaws.com"
	if s.account.Partition == "aws-cn" {
		host += ".cn"
	}
	return host
}
