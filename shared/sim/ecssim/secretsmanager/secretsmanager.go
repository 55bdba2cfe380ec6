// Package secretsmanager is AWS Secrets Manager as a reader of metadata sees it. The
// secrets are those that task definitions and scenarios name, so ECS says through Secrets
// what exists. No operation makes, changes or reads a value. A Service has no lock: a Sim
// runs its operations one at a time.
package secretsmanager

import (
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Secrets are the secrets of the account.
type Secrets interface {
	// Secrets returns the secrets by name.
	Secrets() []Secret
}

// Secret is the metadata of a secret.
type Secret struct {
	Name, ARN string
	// Created and Changed are the times of its creation and of its last change.
	Created, Changed time.Time
	// Deleted is the time since which it is scheduled for deletion; zero if it is not.
	Deleted time.Time
}

// Service is Secrets Manager of one account in one Region.
type Service struct {
	account *account.Account
	secrets Secrets
}

// New returns Secrets Manager of the account.
func New(of *account.Account, secrets Secrets) *Service {
	return &Service{account: of, secrets: secrets}
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{"DescribeSecret": s.describeSecret}
}

// describeSecret finds a secret by its name, its ARN, or its ARN without the six
// characters at the end. A secret that is scheduled for deletion is described too.
func (s *Service) describeSecret(in wire.Object) (wire.Object, error) {
	id := in.String("SecretId")
	for _, secret := range s.secrets.Secrets() {
		if id != secret.Name && id != secret.ARN && id != s.account.ARN("secretsmanager", "secret:"+secret.Name) {
			continue
		}
		out := wire.Object{
			"ARN": secret.ARN, "Name": secret.Name, "CreatedDate": secret.Created, "LastChangedDate": secret.Changed,
			"VersionIdsToStages": wire.Object{versionID(secret): []string{"AWSCURRENT"}},
		}
		if !secret.Deleted.IsZero() {
			out["DeletedDate"] = secret.Deleted
		}
		return out, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// versionID returns the id of the current version, in the form of AWS's. It is another
// one after each change.
func versionID(secret Secret) string {
	hex := strings.TrimPrefix(account.Digest(secret.ARN+" "+secret.Changed.String()), "sha256:")
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[12:15] + "-8" + hex[15:18] + "-" + hex[18:30]
}
