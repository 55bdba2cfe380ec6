package ecssim

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) serviceOperations() wire.Operations {
	return wire.Operations{
		"CreateService":    s.createService,
		"UpdateService":    s.updateService,
		"DescribeServices": s.describeServices,
		"ListServices":     s.listServices,
		"DeleteService":    s.deleteService,
	}
}

func (s *Sim) createService(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	name := fleet.NameOf(in.String("serviceName"))
	if before, err := s.repeated("CreateService", c, in); before != nil || err != nil {
		return before, err
	}
	if old := c.findService(name); old != nil && old.status != statusInactive {
		return nil, wire.Errorf("InvalidParameterException", "Creation of service was not idempotent.")
	}
	svc := &service{
		sim: s, cluster: c, name: name, arn: s.account.ARN("ecs", "service/"+c.name+"/"+name), status: statusActive,
		created: s.Now(), serviceSettings: serviceSettings{
			controller:  cmp.Or(in.Object("deploymentController").String("type"), controllerECS),
			rebalancing: cmp.Or(in.String("availabilityZoneRebalancing"), rebalancingOn),
			setup:       wire.Object{}, extras: wire.Object{},
		},
	}
	defaults := rolloutConfig{minimum: defaultMinimum, maximum: defaultMaximum, breaker: defaultBreaker()}
	if svc.daemon = in.String("schedulingStrategy") == schedulingDaemon; svc.daemon {
		defaults.minimum, defaults.maximum, svc.rebalancing = 0, defaultMinimum, rebalancingOff
	}
	if svc.rollout, err = parseRollout(in.Object("deploymentConfiguration"), defaults); err != nil {
		return nil, err
	}
	if err := s.validPlacement(in, svc.rollout); err != nil {
		return nil, err
	}
	if err := validController(svc.controller, svc.rollout, balancing(in)); err != nil {
		return nil, err
	}
	svc.load.accrued, svc.load.pools[0].Share = s.Now(), 1
	if svc.desired, _ = in.Int("desiredCount"); svc.desired < 0 {
		return nil, wire.Errorf("InvalidParameterException", "Invalid desiredCount: %d", svc.desired)
	}
	if role := in.String("role"); role != "" {
		svc.extras["roleArn"] = s.roleARN(role)
	}
	if err := svc.found(in); err != nil {
		return nil, err
	}
	c.services = append(c.services, svc)
	s.account.Tags.Put(svc.arn, in.Objects("tags"))
	s.startTicking()
	out := wire.Object{"service": svc.object()}
	s.remember("CreateService", c, in, out)
	return out, nil
}

// roleARN returns the ARN of a role of the account, from its name or its ARN.
func (s *Sim) roleARN(role string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	return s.account.Role(strings.TrimPrefix(role, "/"))
}

// found reads the rest of CreateService and starts the first deployment.
func (svc *service) found(in wire.Object) (err error) {
	if len(in.Objects("capacityProviderStrategy")) == 0 && in.String("launchType") == "" {
		svc.strategy = svc.cluster.strategy
	}
	if svc.rules, err = placementRules(in); err != nil {
		return err
	}
	svc.configure(in)
	if svc.controller == controllerExternal {
		return nil
	}
	td, err := svc.sim.activeTaskDefinition(in.String("taskDefinition"))
	if err != nil {
		return err
	}
	svc.launchType = in.String("launchType")
	if len(svc.strategy) == 0 && svc.launchType == "" {
		svc.launchType = td.launchType()
	}
	svc.deploy(svc.newRevision(td))
	return nil
}

// configure sets the parameters that CreateService and UpdateService share. It
// reports whether a parameter changed that starts a deployment.
func (svc *service) configure(in wire.Object) (changed bool) {
	setup := wire.Object{}
	for _, key := range setupKeys() {
		if svc.setup.Has(key) {
			setup[key] = svc.setup[key]
		}
		if in.Has(key) {
			changed = changed || !reflect.DeepEqual(setup[key], in[key])
			setup[key] = in[key]
		}
	}
	if changed {
		svc.setup = setup // earlier revisions keep their own
		svc.load.series = nil
	}
	if in.Has("capacityProviderStrategy") {
		svc.strategy = in.Objects("capacityProviderStrategy")
		if len(svc.strategy) > 0 {
			svc.launchType = ""
		}
	}
	if n, ok := in.Int("healthCheckGracePeriodSeconds"); ok {
		svc.grace = time.Duration(n) * time.Second
	}
	svc.rebalancing = cmp.Or(in.String("availabilityZoneRebalancing"), svc.rebalancing)
	for _, key := range []string{
		"placementConstraints", "placementStrategy", "enableECSManagedTags", "propagateTags", "enableExecuteCommand",
	} {
		if in.Has(key) {
			svc.extras[key] = in[key]
		}
	}
	return changed
}

// placed returns the placement of the service after an update.
func (svc *service) placed(in wire.Object) wire.Object {
	out := wire.Object{}
	for _, key := range []string{"placementConstraints", "placementStrategy"} {
		switch {
		case in.Has(key):
			out[key] = in[key]
		case svc.extras.Has(key):
			out[key] = svc.extras[key]
		}
	}
	return out
}

// updateService starts a deployment if the task definition or a setup
// parameter changes, or if it is forced. Changes of desiredCount, capacity
// providers, the deployment configuration, the grace period and rebalancing start
// none.
func (s *Sim) updateService(in wire.Object) (wire.Object, error) {
	svc, err := s.activeService(in.String("cluster"), in.String("service"))
	if err != nil {
		return nil, err
	}
	forced, _ := in.Bool("forceNewDeployment")
	td, rollout, err := svc.plan(in)
	if err != nil {
		return nil, err
	}
	svc.rollout = rollout
	if in.Has("placementConstraints") || in.Has("placementStrategy") {
		rules, err := placementRules(svc.placed(in))
		if err != nil {
			return nil, err
		}
		svc.rules = rules
	}
	changed := svc.configure(in)
	if n, ok := in.Int("desiredCount"); ok {
		svc.setDesired(n)
	}
	if p := svc.primary(); p != nil && (td != p.revision.td || changed || forced) {
		rev := svc.newRevision(td)
		if !forced {
			rev.inherit(p.revision)
		}
		svc.deploy(rev)
	}
	svc.wakeScheduler()
	return wire.Object{"service": svc.object()}, nil
}

// plan returns the target of an update, before any change.
func (svc *service) plan(in wire.Object) (*taskDefinition, rolloutConfig, error) {
	if err := refusedBy(svc.controller, in); err != nil {
		return nil, svc.rollout, err
	}
	td, err := svc.updatedDefinition(in)
	if err != nil {
		return nil, svc.rollout, err
	}
	if n, ok := in.Int("desiredCount"); ok && n < 0 {
		return nil, svc.rollout, wire.Errorf("InvalidParameterException", "Invalid desiredCount: %d", n)
	}
	rollout, err := parseRollout(in.Object("deploymentConfiguration"), svc.rollout)
	if err == nil {
		err = svc.sim.validPlacement(in, rollout)
	}
	if err == nil {
		balanced := svc.balanced() || balancing(in)
		err = validController(svc.controller, rollout, balanced)
	}
	return td, rollout, err
}

// updatedDefinition returns the task definition after the update.
func (svc *service) updatedDefinition(in wire.Object) (*taskDefinition, error) {
	p := svc.primary()
	if p == nil {
		return nil, nil
	}
	if in.String("taskDefinition") == "" {
		return p.revision.td, nil
	}
	return svc.sim.activeTaskDefinition(in.String("taskDefinition"))
}

// activeService finds a service that can be updated.
func (s *Sim) activeService(cluster, name string) (*service, error) {
	svc, err := s.mustService(cluster, name)
	if err != nil {
		return nil, err
	}
	if svc.status != statusActive {
		return nil, wire.Errorf("ServiceNotActiveException", "Service was not ACTIVE.")
	}
	return svc, nil
}

func (s *Sim) mustService(clusterName, name string) (*service, error) {
	c, err := s.mustCluster(cmp.Or(clusterName, clusterOf(name)))
	if err != nil {
		return nil, err
	}
	if svc := c.findService(name); svc != nil {
		return svc, nil
	}
	return nil, wire.Errorf("ServiceNotFoundException", "Service not found.")
}

func (s *Sim) describeServices(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	names := in.Strings("services")
	if len(names) == 0 {
		return nil, wire.Errorf("InvalidParameterException", "Services cannot be empty.")
	}
	if len(names) > describeServicesLimit {
		return nil, wire.Errorf("InvalidParameterException", "Services cannot have more than %d elements.", describeServicesLimit)
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, name := range names {
		svc := c.findService(name)
		if svc == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "service/"+c.name+"/"+fleet.NameOf(name))))
			continue
		}
		object := svc.object()
		if slices.Contains(in.Strings("include"), "TAGS") {
			object["tags"] = s.account.Tags.Of(svc.arn)
		}
		found = append(found, object)
	}
	return wire.Object{"services": found, "failures": failures}, nil
}

func (s *Sim) listServices(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, svc := range c.services {
		launch, scheduling := in.String("launchType"), in.String("schedulingStrategy")
		matches := (launch == "" || launch == svc.launchType) && (scheduling == "" || scheduling == svc.scheduling())
		if svc.status != statusInactive && matches {
			arns = append(arns, svc.arn)
		}
	}
	if !in.Has("maxResults") {
		in["maxResults"] = listServicesPage
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"serviceArns": arns}, "nextToken", next), nil
}

func (s *Sim) deleteService(in wire.Object) (wire.Object, error) {
	svc, err := s.activeService(in.String("cluster"), in.String("service"))
	if err != nil {
		return nil, err
	}
	if forced, _ := in.Bool("force"); svc.desired > 0 && !forced {
		return nil, wire.Errorf("InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")
	}
	svc.setDesired(0)
	svc.status, svc.steady = statusDraining, false
	svc.wakeScheduler()
	return wire.Object{"service": svc.object()}, nil
}
