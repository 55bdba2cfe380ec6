// Package elb is Elastic Load Balancing as a reader sees it: Application Load Balancers
// with their listeners, rules, target groups and the health of targets. The services of
// ECS are behind them, so ECS says through Balancers what exists. No operation makes or
// changes anything. A Service has no lock: a Sim runs its operations one at a time.
package elb

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Balancers are the target groups of the account, and their targets.
type Balancers interface {
	// Groups returns the target groups in an order that does not change.
	Groups() []Group
	// Targets returns the registered targets of the group of an ARN.
	Targets(arn string) []Target
}

// Group is a target group. Assumed: each group has a load balancer of its own, of the
// same name and id, with one listener that forwards all requests to it.
type Group struct {
	ARN     string
	Created time.Time
	// Port is the port of the targets, of the health check too.
	Port int
	// Interval and Timeout are those of the health check. Healthy and Unhealthy are the
	// numbers of checks in a row that change the health of a target.
	Interval, Timeout  time.Duration
	Healthy, Unhealthy int
	// Deregistration is the deregistration delay.
	Deregistration time.Duration
	// Zones are the Availability Zones of the load balancer.
	Zones []string
	// Balancer is the load balancer as app/NAME/ID, and Primary the group with the rule
	// that forwards to this one too, by Weights. They are empty for a group alone.
	Balancer, Primary string
	Weights           []Weight
}

// Weight is the share of the requests of a target group, in percent.
type Weight struct {
	Group   string
	Percent int
}

// Target is the address of a task.
type Target struct {
	IP, Zone string
	Port     int
	// State is initial, healthy, unhealthy or draining.
	State string
}

// Service is Elastic Load Balancing of one account in one Region.
type Service struct {
	account   *account.Account
	balancers Balancers
}

// New returns the load balancers of the account.
func New(of *account.Account, balancers Balancers) *Service {
	return &Service{account: of, balancers: balancers}
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"DescribeLoadBalancers":         s.describeLoadBalancers,
		"DescribeListeners":             s.describeListeners,
		"DescribeRules":                 s.describeRules,
		"DescribeTargetGroups":          s.describeTargetGroups,
		"DescribeTargetGroupAttributes": s.describeTargetGroupAttributes,
		"DescribeTargetHealth":          s.describeTargetHealth,
	}
}

// name returns "web" for the ARN …:targetgroup/web/1234.
func (g Group) name() string {
	name, _, _ := strings.Cut(g.rest(), "/")
	return name
}

// rest returns the name and the id of the group.
func (g Group) rest() string {
	_, rest, _ := strings.Cut(g.ARN, ":targetgroup/")
	return rest
}

// related returns the ARN of another resource of the group's load balancer.
func (g Group) related(kind string) string {
	prefix, _, _ := strings.Cut(g.ARN, ":targetgroup/")
	return prefix + ":" + kind + "/app/" + g.rest()
}

func (g Group) balancer() string {
	if g.Balancer != "" {
		prefix, _, _ := strings.Cut(g.ARN, ":targetgroup/")
		return prefix + ":loadbalancer/" + g.Balancer
	}
	return g.related("loadbalancer")
}

// balancerName returns the name of the load balancer.
func (g Group) balancerName() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(g.Balancer, "app/"), "/")
	return cmp.Or(name, g.name())
}

// alternate reports whether the rule of another group forwards to this one.
func (g Group) alternate() bool { return g.Primary != "" && g.Primary != g.ARN }

// id returns a part of an id that has the form of AWS's.
func (g Group) id(kind string) string {
	return strings.TrimPrefix(account.Digest(kind+" "+g.ARN), "sha256:")[:16]
}

func (g Group) listener() string {
	if g.Balancer != "" {
		return g.ofBalancer("listener")
	}
	return g.related("listener") + "/" + g.id("listener")
}

func (g Group) rule() string {
	if g.Balancer != "" {
		return g.ofBalancer("listener-rule") + "/" + g.id("rule")
	}
	return g.related("listener-rule") + "/" + g.id("listener") + "/" + g.id("rule")
}

// ofBalancer returns the ARN of the listener of a load balancer of several groups, or
// the begin of its rules.
func (g Group) ofBalancer(kind string) string {
	prefix, _, _ := strings.Cut(g.ARN, ":targetgroup/")
	id := strings.TrimPrefix(account.Digest("listener "+g.Balancer), "sha256:")[:16]
	return prefix + ":" + kind + "/" + g.Balancer + "/" + id
}

// distinct returns the first group of each key, without alternate groups.
func distinct(groups []Group, key func(Group) string) []Group {
	var out []Group
	for _, g := range groups {
		if !g.alternate() && !slices.ContainsFunc(out, func(o Group) bool { return key(o) == key(g) }) {
			out = append(out, g)
		}
	}
	return out
}

// selected returns the groups that a request names by one of their ARNs or names. A
// request without names selects all.
func (s *Service) selected(in wire.Object, keys map[string]func(Group) string, missing func(string) *wire.Error) ([]Group, error) {
	groups := s.balancers.Groups()
	named, out := false, []Group{}
	for _, member := range []string{"LoadBalancerArns", "LoadBalancerArn", "ListenerArns", "ListenerArn", "RuleArns", "TargetGroupArns", "TargetGroupArn", "Names"} {
		key := keys[member]
		if key == nil {
			continue
		}
		for _, wanted := range append(in.Strings(member), nonEmpty(in.String(member))...) {
			named = true
			i := slices.IndexFunc(groups, func(g Group) bool { return key(g) == wanted })
			if i < 0 {
				return nil, missing(wanted)
			}
			out = append(out, groups[i])
		}
	}
	if !named {
		return groups, nil
	}
	return out, nil
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// missing returns the error for a resource that does not exist.
func missing(kind string) func(string) *wire.Error {
	return func(name string) *wire.Error {
		if strings.HasPrefix(name, "arn:") {
			return wire.Errorf(kind+"NotFound", "One or more of the resources were not found: %s", name)
		}
		return wire.Errorf(kind+"NotFound", "%s '[%s]' not found", kind, name)
	}
}

// page answers with one page of a list.
func page(member string, all []wire.Object, in wire.Object) (wire.Object, error) {
	part, next, err := wire.Page(all, in, "PageSize", "Marker", pageLimit)
	if err != nil {
		return nil, wire.Errorf("ValidationError", "Marker %s is not valid", in.String("Marker"))
	}
	return wire.SetToken(wire.Object{member: part}, "NextMarker", next), nil
}

func (s *Service) describeLoadBalancers(in wire.Object) (wire.Object, error) {
	groups, err := s.selected(in, map[string]func(Group) string{"LoadBalancerArns": Group.balancer, "Names": Group.balancerName}, missing("LoadBalancer"))
	if err != nil {
		return nil, err
	}
	groups = distinct(groups, Group.balancer)
	out := make([]wire.Object, len(groups))
	for i, g := range groups {
		zones := make([]wire.Object, len(g.Zones))
		for j, zone := range g.Zones {
			zones[j] = wire.Object{"ZoneName": zone}
		}
		out[i] = wire.Object{
			"LoadBalancerArn": g.balancer(), "LoadBalancerName": g.balancerName(), "CreatedTime": g.Created, "Type": "application",
			"Scheme": "internet-facing", "State": wire.Object{"Code": "active"}, "IpAddressType": "ipv4", "AvailabilityZones": zones,
			"DNSName": g.balancerName() + "-" + g.id("dns") + "." + s.account.Region + ".elb.amazonaws.com",
		}
	}
	return page("LoadBalancers", out, in)
}

// forward is the action that sends requests to the group.
func (g Group) forward() []wire.Object {
	if len(g.Weights) > 0 {
		groups := make([]wire.Object, len(g.Weights))
		for i, w := range g.Weights {
			groups[i] = wire.Object{"TargetGroupArn": w.Group, "Weight": w.Percent}
		}
		return []wire.Object{{"Type": "forward", "Order": 1, "ForwardConfig": wire.Object{"TargetGroups": groups}}}
	}
	return []wire.Object{{"Type": "forward", "TargetGroupArn": g.ARN, "Order": 1}}
}

func (s *Service) describeListeners(in wire.Object) (wire.Object, error) {
	groups, err := s.selected(in, map[string]func(Group) string{"LoadBalancerArn": Group.balancer, "ListenerArns": Group.listener}, missing("Listener"))
	if err != nil {
		return nil, err
	}
	groups = distinct(groups, Group.listener)
	out := make([]wire.Object, len(groups))
	for i, g := range groups {
		out[i] = wire.Object{
			"ListenerArn": g.listener(), "LoadBalancerArn": g.balancer(), "Port": httpPort, "Protocol": "HTTP", "DefaultActions": g.forward(),
		}
	}
	return page("Listeners", out, in)
}

func (s *Service) describeRules(in wire.Object) (wire.Object, error) {
	groups, err := s.selected(in, map[string]func(Group) string{"ListenerArn": Group.listener, "RuleArns": Group.rule}, missing("Rule"))
	if err != nil {
		return nil, err
	}
	groups = distinct(groups, Group.rule)
	out := make([]wire.Object, len(groups))
	for i, g := range groups {
		out[i] = wire.Object{
			"RuleArn": g.rule(), "Priority": "default", "IsDefault": true, "Conditions": []wire.Object{}, "Actions": g.forward(),
		}
	}
	return page("Rules", out, in)
}

func (s *Service) describeTargetGroups(in wire.Object) (wire.Object, error) {
	groups, err := s.selected(in, map[string]func(Group) string{
		"LoadBalancerArn": Group.balancer, "TargetGroupArns": func(g Group) string { return g.ARN }, "Names": Group.name,
	}, missing("TargetGroup"))
	if err != nil {
		return nil, err
	}
	out := make([]wire.Object, len(groups))
	for i, g := range groups {
		out[i] = wire.Object{
			"TargetGroupArn": g.ARN, "TargetGroupName": g.name(), "Protocol": "HTTP", "Port": g.Port, "TargetType": "ip",
			"HealthCheckEnabled": true, "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckPath": "/",
			"HealthCheckIntervalSeconds": int(g.Interval / time.Second), "HealthCheckTimeoutSeconds": int(g.Timeout / time.Second),
			"HealthyThresholdCount": g.Healthy, "UnhealthyThresholdCount": g.Unhealthy, "Matcher": wire.Object{"HttpCode": "200"},
			"LoadBalancerArns": []string{g.balancer()}, "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4",
		}
	}
	return page("TargetGroups", out, in)
}

func (s *Service) group(in wire.Object) (Group, error) {
	groups, err := s.selected(in, map[string]func(Group) string{"TargetGroupArn": func(g Group) string { return g.ARN }}, missing("TargetGroup"))
	if err != nil {
		return Group{}, err
	}
	return groups[0], nil // the request has exactly one ARN
}

func (s *Service) describeTargetGroupAttributes(in wire.Object) (wire.Object, error) {
	g, err := s.group(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"Attributes": []wire.Object{
		{"Key": "deregistration_delay.timeout_seconds", "Value": strconv.Itoa(int(g.Deregistration / time.Second))},
		{"Key": "load_balancing.algorithm.type", "Value": "round_robin"},
		{"Key": "stickiness.enabled", "Value": "false"},
	}}, nil
}

// describeTargetHealth returns the registered targets, or the named ones. A named
// target that is not registered is unused.
func (s *Service) describeTargetHealth(in wire.Object) (wire.Object, error) {
	g, err := s.group(in)
	if err != nil {
		return nil, err
	}
	targets := s.balancers.Targets(g.ARN)
	if wanted := in.Objects("Targets"); len(wanted) > 0 {
		targets = named(targets, wanted)
	}
	out := make([]wire.Object, len(targets))
	for i, t := range targets {
		target := wire.Object{"Id": t.IP, "Port": t.Port}
		if t.Zone != "" {
			target["AvailabilityZone"] = t.Zone
		}
		out[i] = wire.Object{"Target": target, "HealthCheckPort": strconv.Itoa(t.Port), "TargetHealth": t.health()}
	}
	return wire.Object{"TargetHealthDescriptions": out}, nil
}

func named(targets []Target, wanted []wire.Object) []Target {
	out := make([]Target, len(wanted))
	for i, w := range wanted {
		port, hasPort := w.Int("Port")
		out[i] = Target{IP: w.String("Id"), Port: port, State: stateUnused}
		for _, t := range targets {
			if t.IP == w.String("Id") && (!hasPort || t.Port == port) {
				out[i] = t
			}
		}
	}
	return out
}

// health returns the state of a target with AWS's reason for it.
func (t Target) health() wire.Object {
	out := wire.Object{"State": t.State}
	switch t.State {
	case "initial":
		out["Reason"], out["Description"] = "Elb.InitialHealthChecking", "Initial health checks in progress"
	case "unhealthy":
		out["Reason"], out["Description"] = "Target.FailedHealthChecks", "Health checks failed"
	case "draining":
		out["Reason"], out["Description"] = "Target.DeregistrationInProgress", "Target deregistration is in progress"
	case stateUnused:
		out["Reason"], out["Description"] = "Target.NotRegistered", "Target is not registered to the target group"
	}
	return out
}
