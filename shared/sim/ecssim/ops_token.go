package ecssim

import (
	"reflect"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// clientToken is the key of a request that must have one effect, however often it is
// sent.
type clientToken struct{ operation, cluster, token string }

// tokenUse is the request that used a token first, and its answer.
type tokenUse struct {
	in, out wire.Object
	until   time.Time
}

// repeated returns the answer of an earlier request with the same client token; nil if
// there is none. AWS: developer guide, "Ensuring idempotency in Amazon ECS".
func (s *Sim) repeated(operation string, c *cluster, in wire.Object) (wire.Object, error) {
	token := in.String("clientToken")
	use, ok := s.tokens[clientToken{operation, c.name, token}]
	if token == "" || !ok || s.Now().After(use.until) {
		return nil, nil
	}
	if !reflect.DeepEqual(use.in, in) {
		if operation == "RunTask" {
			return nil, wire.Errorf("ConflictException", "The client token was already used by a request with other parameters.")
		}
		return nil, wire.Errorf("InvalidParameterException", "Creation of service was not idempotent.")
	}
	return use.out, nil
}

// remember keeps the answer of a request with a client token.
func (s *Sim) remember(operation string, c *cluster, in, out wire.Object) {
	if token := in.String("clientToken"); token != "" {
		s.tokens[clientToken{operation, c.name, token}] = tokenUse{in: in, out: out, until: s.Now().Add(tokenFor)}
	}
}
