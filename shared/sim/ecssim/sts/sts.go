// Package sts is AWS STS, as far as callers ask who they are.
package sts

import (
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Service is STS of one account.
type Service struct{ account *account.Account }

// New returns an STS.
func New(of *account.Account) *Service { return &Service{account: of} }

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{"GetCallerIdentity": s.getCallerIdentity}
}

// getCallerIdentity answers that everybody is the account's root user.
func (s *Service) getCallerIdentity(wire.Object) (wire.Object, error) {
	return wire.Object{"Account": s.account.Account, "UserId": s.account.Account, "Arn": s.account.Root()}, nil
}
