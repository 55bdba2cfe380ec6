// Package ssm is the Parameter Store of AWS Systems Manager as a reader of metadata sees
// it. The parameters are those that task definitions and scenarios name, so ECS says
// through Parameters what exists. No operation makes, changes or reads a value. A Service
// has no lock: a Sim runs its operations one at a time.
package ssm

import (
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Parameters are the parameters of the account.
type Parameters interface {
	// Parameters returns the parameters by name.
	Parameters() []Parameter
}

// Parameter is the metadata of a parameter.
type Parameter struct {
	// Name begins with a slash if it has several levels.
	Name string
	// Changed is the time of its last change. Version counts its values from 1.
	Changed time.Time
	Version int
}

// Service is the Parameter Store of one account in one Region.
type Service struct {
	account    *account.Account
	parameters Parameters
}

// New returns the Parameter Store of the account.
func New(of *account.Account, parameters Parameters) *Service {
	return &Service{account: of, parameters: parameters}
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{"DescribeParameters": s.describeParameters}
}

func (s *Service) describeParameters(in wire.Object) (wire.Object, error) {
	selected := s.parameters.Parameters()
	for _, filter := range in.Objects("ParameterFilters") {
		matches, err := parseFilter(filter)
		if err != nil {
			return nil, err
		}
		selected = slices.DeleteFunc(selected, func(p Parameter) bool { return !matches(p.Name) })
	}
	part, next, err := wire.Page(selected, in, "MaxResults", "NextToken", pageLimit)
	if err != nil {
		return nil, wire.Errorf("InvalidNextToken", "The specified token isn't valid.")
	}
	out := make([]wire.Object, len(part))
	for i, p := range part {
		out[i] = wire.Object{
			"Name": p.Name, "ARN": s.account.ARN("ssm", "parameter/"+strings.TrimPrefix(p.Name, "/")), "Type": typeOf,
			"LastModifiedDate": p.Changed, "LastModifiedUser": s.account.Root(), "Version": p.Version, "Tier": "Standard", "DataType": "text",
		}
	}
	return wire.SetToken(wire.Object{"Parameters": out}, "NextToken", next), nil
}

// parseFilter returns the test of a filter on a name.
func parseFilter(filter wire.Object) (func(name string) bool, error) {
	key, values := filter.String("Key"), filter.Strings("Values")
	switch {
	case key == "Label":
		return nil, wire.Errorf("InvalidFilterKey", "The specified key isn't valid.")
	case key != "Name" && key != "Path":
		return nil, wire.Errorf("InvalidFilterKey", "ecssim does not model the filter %s", key)
	case len(values) == 0:
		return nil, wire.Errorf("InvalidFilterValue", "The filter value isn't valid. Verify the value and try again.")
	}
	test := testOf(key, filter.String("Option"))
	if test == nil {
		return nil, wire.Errorf("InvalidFilterOption",
			"The specified filter option isn't valid. Valid options are Equals and BeginsWith. For Path filter, valid options are Recursive and OneLevel.")
	}
	return func(name string) bool {
		return slices.ContainsFunc(values, func(value string) bool { return test(name, value) })
	}, nil
}

// testOf returns the comparison of a name with a value; nil for an option that the key
// does not have. The default is Equals for a name. Assumed: OneLevel for a path.
func testOf(key, option string) func(name, value string) bool {
	switch key + " " + option {
	case "Name ", "Name Equals":
		return func(name, value string) bool { return name == value }
	case "Name BeginsWith":
		return strings.HasPrefix
	case "Name Contains":
		return strings.Contains
	case "Path ", "Path OneLevel":
		return func(name, path string) bool {
			rest, ok := below(name, path)
			return ok && !strings.Contains(rest, "/")
		}
	case "Path Recursive":
		return func(name, path string) bool {
			_, ok := below(name, path)
			return ok
		}
	}
	return nil
}

// below returns the part of a name below a path.
func below(name, path string) (rest string, ok bool) {
	return strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
}
