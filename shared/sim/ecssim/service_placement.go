package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// Capacity limits the placement of tasks. The zero value has no limit.
type Capacity struct {
	// NoFargate and NoSpot remove FARGATE and FARGATE_SPOT. NoEC2 fills the
	// container instances.
	NoFargate, NoSpot, NoEC2 bool
	// Zones are the Availability Zones with capacity, as letters or full names.
	// Empty means the three zones of the Region.
	Zones []string
}

const (
	providerFargate = "FARGATE"
	providerSpot    = "FARGATE_SPOT"
	launchFargate   = "FARGATE"
	launchEC2       = "EC2"

	noCapacityText = "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later " +
		"or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	clusterFullText = "was unable to place a task because no container instance met all of its requirements. Reason: " +
		"No Container Instances have sufficient CPU available. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)

// launch starts one task of a deployment. It returns false if the task cannot be
// placed. The map denied counts the failed placements of this pass by capacity
// provider, so that a provider without capacity does not block the others of a
// strategy.
func (svc *service) launch(d *deployment, denied map[string]int) bool {
	s, rev := svc.sim, d.revision
	launchType, provider := svc.choose(denied)
	zone := svc.emptiestZone()
	refused := s.refused(launchType, provider)
	if refused == "" && zone == "" {
		refused = "RESOURCE:FARGATE"
	}
	if refused != "" {
		svc.cannotPlace(launchType, provider, refused, denied)
		return false
	}
	digests, missing := rev.pull()
	t := s.newTask(svc.cluster, rev.td, digests)
	t.service, t.deployment, t.startedBy, t.group = svc, d, d.id, "service:"+svc.name
	t.behaviour = t.behaviourWith(rev.setup)
	t.launchType, t.provider, t.zone = launchType, provider, zone
	if launchType == launchEC2 {
		if t.host = svc.cluster.place(svc.ofTask(), zone, t); t.host == nil {
			svc.cluster.forget(t)
			svc.cannotPlace(launchType, provider, "RESOURCE:CPU", denied)
			return false
		}
		t.zone = t.host.zone
	}
	t.network.subnet = s.subnetIn(subnetsOf(rev.setup), t.zone)
	t.exec, _ = svc.extras.Bool("enableExecuteCommand")
	t.tag(svc.extras)
	svc.accrue()
	svc.live = append(svc.live, t)
	svc.recount()
	svc.addEvent("has started 1 tasks: (task " + t.id + ").")
	t.begin(missing)
	return true
}

// cannotPlace reports a failed placement, once for each capacity provider of a pass.
func (svc *service) cannotPlace(launchType, provider, refused string, denied map[string]int) {
	if denied[provider]++; denied[provider] > 1 {
		return
	}
	text := noCapacityText
	if launchType == launchEC2 {
		text = clusterFullText
	}
	svc.addEvent(text)
	svc.sim.emitServiceAction(svc, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", refused)
}

func (s *Sim) newTask(c *cluster, td *taskDefinition, digests []string) *task {
	names := s.entropy.names
	t := &task{
		sim: s, cluster: c, td: td, digests: digests, id: account.Hex(names, 32),
		last: taskProvisioning, desired: taskRunning, taskTimes: taskTimes{created: s.Now()},
		taskSize: taskSize{cpu: td.cpu, memory: td.memory, ephemeralGiB: td.ephemeralGiB},
	}
	t.behaviour = t.behaviourWith(nil)
	t.arn = s.account.ARN("ecs", "task/"+c.name+"/"+t.id)
	t.network = newAttachment(s)
	for range td.containers {
		t.runtimes = append(t.runtimes, t.id+"-"+account.Digits(names, 10))
	}
	c.addTask(t)
	return t
}

// choose returns the launch type and the capacity provider of the next task. The
// providers of a strategy are constraints, not a fallback.
func (svc *service) choose(denied map[string]int) (launchType, provider string) {
	if len(svc.strategy) == 0 {
		return cmp.Or(svc.launchType, launchFargate), ""
	}
	return nextProvider(svc.strategy, func(name string) int { return svc.onProvider(name) + denied[name] })
}

func (svc *service) onProvider(name string) int {
	n := 0
	for _, t := range svc.live {
		n += count(t.provider == name && t.desired == taskRunning)
	}
	return n
}

func providerType(provider string) string {
	if provider == providerFargate || provider == providerSpot {
		return launchFargate
	}
	return launchEC2
}

// refused returns the reason of a placement failure, or "" if there is room.
func (s *Sim) refused(launchType, provider string) string {
	full := "RESOURCE:FARGATE"
	if launchType == launchEC2 {
		full = "RESOURCE:CPU"
	}
	switch {
	case s.faults.noZones, s.short(launchType, provider),
		launchType == launchEC2 && s.faults.capacity.NoEC2,
		launchType != launchEC2 && provider == providerSpot && s.faults.capacity.NoSpot,
		launchType != launchEC2 && provider != providerSpot && s.faults.capacity.NoFargate:
		return full
	}
	return ""
}

func (s *Sim) zones() []string {
	zones := slices.Clone(s.faults.capacity.Zones)
	if len(zones) == 0 && !s.faults.noZones {
		zones = []string{"a", "b", "c"}
	}
	for i, zone := range zones {
		zones[i] = s.zoneName(zone)
	}
	return zones
}

// zones returns the zones with capacity among those of the service's subnets.
func (svc *service) zones() []string { return svc.sim.zonesOf(subnetsOf(svc.setup)) }

// emptiestZone returns the zone with the fewest tasks of the service, or "" without
// a zone.
func (svc *service) emptiestZone() string {
	best, fewest := "", 0
	for _, zone := range svc.zones() {
		n := 0
		for _, t := range svc.live {
			n += count(t.zone == zone && t.desired == taskRunning)
		}
		if best == "" || n < fewest {
			best, fewest = zone, n
		}
	}
	return best
}

// Backoff returns the wait after the n-th failed round of starts: the first wait,
// doubled each time, at most MaxBackoff. AWS documents the maximum only. The rest is
// assumed.
func Backoff(first time.Duration, n int) time.Duration {
	if n <= 0 {
		return 0
	}
	d := first
	for ; n > 1 && d < MaxBackoff; n-- {
		d *= 2
	}
	return min(d, MaxBackoff)
}

// backoff is the restart back-off of a service. A new task definition resets it,
// and so does a task that reaches RUNNING.
type backoff struct {
	td    *taskDefinition
	level int
	since time.Time // earlier tasks belong to an earlier round
	until time.Time
}

func (b *backoff) adopt(td *taskDefinition) {
	if b.td != td {
		*b = backoff{td: td}
	}
}

// neverRan handles a task that ended before RUNNING.
func (svc *service) neverRan(t *task) {
	b, now := &svc.backoff, svc.sim.Now()
	if t.td == b.td && !t.created.Before(b.since) {
		b.level++
		b.since, b.until = now, now.Add(Backoff(svc.sim.config.Model.FirstBackoff, b.level))
		if b.level == impairedLevel {
			svc.addEvent("is unable to consistently start tasks successfully. For more information, see the Troubleshooting " +
				"section of the Amazon ECS Developer Guide.")
			svc.sim.emitServiceAction(svc, "WARN", "SERVICE_TASK_START_IMPAIRED", "")
		}
	}
	t.deployment.failedToRun()
}

// ran handles a task that reached RUNNING.
func (svc *service) ran(t *task) {
	if t.td == svc.backoff.td {
		svc.backoff = backoff{td: t.td}
	}
	t.deployment.started = true
	svc.wakeScheduler()
}
