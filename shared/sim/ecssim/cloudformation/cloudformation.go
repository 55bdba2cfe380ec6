// Package cloudformation is AWS CloudFormation as a reader sees it: stacks with their
// parameters, outputs and resources. The owner of the simulator declares the stacks;
// no operation makes or changes one. A Service has no lock: a Sim runs its operations
// one at a time.
package cloudformation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// pageLimit is the number of stacks and of resources of a page. AWS: API reference of
// DescribeStacks (1 MB) and of ListStackResources (100 resources).
const pageLimit = 100

// Stack is a stack. Only the name is needed.
type Stack struct {
	Name, Description string
	// Status defaults to CREATE_COMPLETE.
	Status                string
	Parameters, Outputs   []Pair
	Tags                  []Pair
	Resources             []Resource
	Capabilities          []string
	TerminationProtection bool
}

// Pair is a key with its value.
type Pair struct{ Key, Value string }

// Resource is a resource of a stack, such as a queue: its name in the template, its
// name in AWS, and its type, such as AWS::SQS::Queue.
type Resource struct{ LogicalID, PhysicalID, Type string }

// Service is CloudFormation of one account in one Region.
type Service struct {
	account *account.Account
	stacks  []declared
}

// declared is a stack with the times of its declaration.
type declared struct {
	Stack
	id               string
	created, updated time.Time
}

// New returns CloudFormation without stacks.
func New(of *account.Account) *Service { return &Service{account: of} }

// Declare adds a stack, or updates the stack of its name. It returns the stack's id,
// an ARN. A stack of the same name has the same id in every run.
func (s *Service) Declare(stack Stack) (id string) {
	now := s.account.Now()
	made := declared{Stack: stack, id: s.idOf(stack.Name), created: now}
	made.Status = cmp.Or(stack.Status, "CREATE_COMPLETE")
	if old := s.find(stack.Name); old != nil {
		made.created, made.updated = old.created, now
		*old = made
		return made.id
	}
	s.stacks = append(s.stacks, made)
	return made.id
}

func (s *Service) idOf(name string) string {
	hex := strings.TrimPrefix(account.Digest("stack "+name), "sha256:")
	return s.account.ARN("cloudformation", "stack/"+name+"/"+hex[:8]+"-"+hex[8:12]+"-4"+hex[13:16]+"-8"+hex[17:20]+"-"+hex[20:32])
}

// find finds a stack by its name or its id, or returns nil.
func (s *Service) find(name string) *declared {
	for i := range s.stacks {
		if s.stacks[i].Name == name || s.stacks[i].id == name {
			return &s.stacks[i]
		}
	}
	return nil
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"DescribeStacks":         s.describeStacks,
		"ListStacks":             s.listStacks,
		"ListStackResources":     s.listStackResources,
		"DescribeStackResources": s.describeStackResources,
	}
}

func (s *Service) must(in wire.Object) (*declared, error) {
	name := in.String("StackName")
	if found := s.find(name); found != nil {
		return found, nil
	}
	return nil, wire.Errorf("ValidationError", "Stack with id %s does not exist", name)
}

func (s *Service) describeStacks(in wire.Object) (wire.Object, error) {
	if in.String("StackName") != "" {
		found, err := s.must(in)
		if err != nil {
			return nil, err
		}
		return wire.Object{"Stacks": []wire.Object{found.object()}}, nil
	}
	all := make([]wire.Object, len(s.stacks))
	for i := range s.stacks {
		all[i] = s.stacks[i].object()
	}
	return page("Stacks", all, in)
}

// page returns one page of a list.
func page(member string, all []wire.Object, in wire.Object) (wire.Object, error) {
	part, next, err := wire.Page(all, in, "", "NextToken", pageLimit)
	if err != nil {
		return nil, wire.Errorf("ValidationError", "NextToken %s is not valid", in.String("NextToken"))
	}
	return wire.SetToken(wire.Object{member: part}, "NextToken", next), nil
}

func (d *declared) object() wire.Object {
	out := wire.Object{
		"StackId": d.id, "StackName": d.Name, "CreationTime": d.created, "LastUpdatedTime": d.updated, "StackStatus": d.Status,
		"Parameters": pairs("Parameter", d.Parameters), "Outputs": pairs("Output", d.Outputs), "Tags": pairs("", d.Tags),
		"Capabilities": append([]string{}, d.Capabilities...), "NotificationARNs": []string{}, "DisableRollback": false,
		"EnableTerminationProtection": d.TerminationProtection, "RollbackConfiguration": wire.Object{},
		"DriftInformation": wire.Object{"StackDriftStatus": "NOT_CHECKED"},
	}
	if d.Description != "" {
		out["Description"] = d.Description
	}
	return out
}

// pairs returns structures with a key and a value, by the prefix of their members.
func pairs(prefix string, all []Pair) []wire.Object {
	out := make([]wire.Object, len(all))
	for i, p := range all {
		out[i] = wire.Object{prefix + "Key": p.Key, prefix + "Value": p.Value}
	}
	return out
}

func (s *Service) listStacks(in wire.Object) (wire.Object, error) {
	states, found := in.Strings("StackStatusFilter"), []wire.Object{}
	for i := range s.stacks {
		d := &s.stacks[i]
		if len(states) == 0 || slices.Contains(states, d.Status) {
			found = append(found, wire.Object{
				"StackId": d.id, "StackName": d.Name, "CreationTime": d.created, "LastUpdatedTime": d.updated, "StackStatus": d.Status,
				"DriftInformation": wire.Object{"StackDriftStatus": "NOT_CHECKED"},
			})
		}
	}
	return page("StackSummaries", found, in)
}

func (s *Service) listStackResources(in wire.Object) (wire.Object, error) {
	d, err := s.must(in)
	if err != nil {
		return nil, err
	}
	all := make([]wire.Object, len(d.Resources))
	for i, r := range d.Resources {
		all[i] = d.resource(r)
		all[i]["LastUpdatedTimestamp"] = d.changed()
	}
	return page("StackResourceSummaries", all, in)
}

// changed returns the time of the last change of the stack.
func (d *declared) changed() time.Time {
	if d.updated.IsZero() {
		return d.created
	}
	return d.updated
}

func (d *declared) resource(r Resource) wire.Object {
	return wire.Object{
		"LogicalResourceId": r.LogicalID, "PhysicalResourceId": r.PhysicalID, "ResourceType": r.Type, "ResourceStatus": "CREATE_COMPLETE",
		"DriftInformation": wire.Object{"StackResourceDriftStatus": "NOT_CHECKED"},
	}
}

// describeStackResources finds resources by the stack, or the stack by a resource.
func (s *Service) describeStackResources(in wire.Object) (wire.Object, error) {
	logical, physical := in.String("LogicalResourceId"), in.String("PhysicalResourceId")
	if in.String("StackName") != "" {
		d, err := s.must(in)
		if err != nil {
			return nil, err
		}
		return wire.Object{"StackResources": d.described(logical, "")}, nil
	}
	for i := range s.stacks {
		if found := s.stacks[i].described("", physical); physical != "" && len(found) > 0 {
			return wire.Object{"StackResources": s.stacks[i].described(logical, "")}, nil
		}
	}
	return nil, wire.Errorf("ValidationError", "Stack for %s does not exist", physical)
}

// described returns the resources of an id; "" is every id.
func (d *declared) described(logical, physical string) []wire.Object {
	out := []wire.Object{}
	for _, r := range d.Resources {
		if (logical == "" || logical == r.LogicalID) && (physical == "" || physical == r.PhysicalID) {
			object := d.resource(r)
			object["StackName"], object["StackId"], object["Timestamp"] = d.Name, d.id, d.changed()
			out = append(out, object)
		}
	}
	return out
}
