// Package sts is AWS STS with GetCallerIdentity only.
package sts

import (
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Service is STS of one account.
type Service struct{ account *account.Account }

// New returns STS.
func New(of *account.Account) *Service { return &Service{account: of} }

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{"GetCallerIdentity": s.getCallerIdentity}
}

// getCallerIdentity returns the account's root user for every caller.
func (s *Service) getCallerIdentity(wire.Object) (wire.Object, error) {
	return wire.Object{"Account": s.account.Account, "UserId": s.account.Account, "Arn": s.account.Root()}, nil
}
