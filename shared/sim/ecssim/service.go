package ecssim

import (
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/placement"
	"homeostat/shared/sim/ecssim/wire"
)

// The states of a service.
const (
	statusActive   = "ACTIVE"
	statusDraining = "DRAINING"
	statusInactive = "INACTIVE"
)

// The deployment controllers.
const (
	controllerECS        = "ECS"
	controllerCodeDeploy = "CODE_DEPLOY"
	controllerExternal   = "EXTERNAL"
)

// The values of availabilityZoneRebalancing.
const (
	rebalancingOn  = "ENABLED"
	rebalancingOff = "DISABLED"
)

// service is one ECS service.
type service struct {
	sim       *Sim
	cluster   *cluster
	name, arn string
	status    string
	created   time.Time
	desired   int
	serviceSettings
	serviceScheduler

	deployments []*deployment // PRIMARY first
	completed   []*deployment // all completed ones, newest last
	records     []*serviceDeployment
	revisions   []*revision
	live        []*task // not yet STOPPED, in order of creation
	messages    []message

	load    load
	history []Sample

	routeStatus string // of the gateway's route; "" is ACTIVE
}

// serviceSettings are the settings of CreateService and UpdateService.
type serviceSettings struct {
	controller  string
	launchType  string
	rules       placement.Rules
	daemon      bool // one task on each instance
	strategy    []wire.Object
	rollout     rolloutConfig
	grace       time.Duration
	rebalancing string
	// setup holds the parameters that start a deployment, unchanged. extras holds
	// the others.
	setup  wire.Object
	extras wire.Object
}

// serviceScheduler is the scheduler's state of a service.
type serviceScheduler struct {
	backoff     backoff
	passAt      time.Time // time of the next pass; zero is none
	steady      bool
	steadyEpoch int
	balanceAt   bool // a comparison of the zones is scheduled
	rebalances  bool // ECS moves tasks to even out the zones
}

// message is an entry of the service's event log.
type message struct {
	id, text string
	at       time.Time
}

// addEvent adds to the event log of DescribeServices.
func (svc *service) addEvent(text string) {
	svc.messages = append(svc.messages, message{
		id: account.UUID(svc.sim.entropy.names), text: "(service " + svc.name + ") " + text, at: svc.sim.Now(),
	})
	if len(svc.messages) > 2*serviceEvents {
		svc.messages = append(svc.messages[:0], svc.messages[len(svc.messages)-serviceEvents:]...)
	}
}

func (svc *service) primary() *deployment {
	if len(svc.deployments) == 0 {
		return nil
	}
	return svc.deployments[0]
}

// targetGroups returns the ARNs of the load balancer's target groups, without
// alternate ones.
func (svc *service) targetGroups() []string {
	if svc.gateway() {
		return []string{svc.gatewayGroup(0)}
	}
	var arns []string
	for _, lb := range svc.setup.Objects("loadBalancers") {
		if arn := lb.String("targetGroupArn"); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

// drainDelay returns the time that a stopping task is kept for its connections.
// The task is billed and gets no new requests.
func (svc *service) drainDelay() time.Duration {
	for _, arn := range svc.targetGroups() {
		if d, ok := svc.sim.drains[arn]; ok {
			return d
		}
	}
	return svc.sim.config.DrainDelay
}

func (svc *service) balanced() bool {
	return len(svc.setup.Objects("loadBalancers")) > 0 || svc.gateway() || svc.lattice()
}

// wakeScheduler schedules a pass over the service soon.
func (svc *service) wakeScheduler() {
	svc.wakeSchedulerAt(svc.sim.Now().Add(svc.sim.config.Model.Reaction))
}

// wakeSchedulerAt schedules a pass over the service at t or earlier.
func (svc *service) wakeSchedulerAt(t time.Time) {
	if !svc.passAt.IsZero() && !t.Before(svc.passAt) {
		return
	}
	svc.passAt = t
	svc.sim.atModel(t, func() {
		if svc.passAt.Equal(t) {
			svc.passAt = time.Time{}
			svc.pass()
		}
	})
}

// counts returns the number of running and of starting tasks, of one deployment
// or of all (nil).
func (svc *service) counts(d *deployment) (running, pending int) {
	for _, t := range svc.live {
		switch {
		case d != nil && t.deployment != d:
		case t.last == taskRunning:
			running++
		case t.last < taskRunning && t.desired == taskRunning:
			pending++
		}
	}
	return running, pending
}

// limits returns the fewest healthy and the most running tasks of a deployment:
// minimumHealthyPercent rounds up, maximumPercent rounds down.
func (svc *service) limits() (least, most int) {
	least = (svc.desired*svc.rollout.minimum + 99) / 100
	most = svc.desired * svc.rollout.maximum / 100
	return least, most
}

// rolloutConfig is deploymentConfiguration.
type rolloutConfig struct {
	minimum, maximum int
	shift            shiftConfig
	breaker          breakerConfig
	alarms           alarmConfig
	early            earlyConfig
	bake             time.Duration
	bakeSaid         bool
}

// earlyConfig is deploymentConfiguration.earlySuccessCriteria.
type earlyConfig struct {
	enable, deferred bool
	percent          int
}

func parseEarly(in wire.Object) earlyConfig {
	var c earlyConfig
	c.enable, _ = in.Bool("enable")
	c.percent, _ = in.Int("healthyPercent")
	c.deferred = in.String("sourceServiceRevisionCleanup") == "DEFERRED"
	return c
}

// object returns the member; nil if it was never set.
func (c earlyConfig) object() wire.Object {
	if c == (earlyConfig{}) {
		return nil
	}
	cleanup := "BLOCKING"
	if c.deferred {
		cleanup = "DEFERRED"
	}
	return wire.Object{"enable": c.enable, "healthyPercent": c.percent, "sourceServiceRevisionCleanup": cleanup}
}

// alarmConfig is deploymentConfiguration.alarms.
type alarmConfig struct {
	names            []string
	enable, rollback bool
}

// parseRollout reads deploymentConfiguration. A missing member keeps its current
// value.
func parseRollout(in wire.Object, old rolloutConfig) (rolloutConfig, error) {
	c := old
	if n, ok := in.Int("minimumHealthyPercent"); ok {
		c.minimum = n
	}
	if n, ok := in.Int("maximumPercent"); ok {
		c.maximum = n
	}
	if n, ok := in.Int("bakeTimeInMinutes"); ok {
		c.bake, c.bakeSaid = time.Duration(n)*time.Minute, true
	}
	var err error
	if c.shift, err = parseShift(in, old.shift); err != nil {
		return old, err
	}
	if c.minimum < 0 || c.maximum < 1 || c.minimum > c.maximum {
		return old, wire.Errorf("InvalidParameterException", "Invalid minimumHealthyPercent %d and maximumPercent %d.", c.minimum, c.maximum)
	}
	if in.Has("alarms") {
		alarms := in.Object("alarms")
		c.alarms.names = alarms.Strings("alarmNames")
		c.alarms.enable, _ = alarms.Bool("enable")
		c.alarms.rollback, _ = alarms.Bool("rollback")
	}
	if in.Has("earlySuccessCriteria") {
		c.early = parseEarly(in.Object("earlySuccessCriteria"))
	}
	if in.Has("deploymentCircuitBreaker") {
		c.breaker, err = parseBreaker(in.Object("deploymentCircuitBreaker"))
	}
	return c, err
}

func (c rolloutConfig) object() wire.Object {
	out := wire.Object{
		"minimumHealthyPercent": c.minimum, "maximumPercent": c.maximum,
		"bakeTimeInMinutes":        int(c.bake / time.Minute),
		"deploymentCircuitBreaker": c.breaker.object(),
	}
	c.shift.object(out)
	if early := c.early.object(); early != nil {
		out["earlySuccessCriteria"] = early
	}
	if len(c.alarms.names) > 0 {
		out["alarms"] = wire.Object{
			"alarmNames": c.alarms.names, "enable": c.alarms.enable, "rollback": c.alarms.rollback,
		}
	}
	return out
}
