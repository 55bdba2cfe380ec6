package ecssim

import (
	"math"
	"strings"
	"time"
)

const (
	tick             = 20 * time.Second
	namespaceECS     = "AWS/ECS"
	namespaceELB     = "AWS/ApplicationELB"
	standardSeconds  = 60
	highResolution   = 20
	unitPercent      = "Percent"
	unitCount        = "Count"
	unitSeconds      = "Seconds"
	dimensionCluster = "ClusterName"
	dimensionService = "ServiceName"
)

// feeds are the series that a service fills.
type feeds struct {
	cpu, memory                  *series
	requests, perTarget, latency *series
	targetErrors, rejected       *series
	healthyHosts, unhealthyHosts *series
	loadBalancer, targetGroup    string
}

// exponentialQuantile is that of the exponential distribution with mean 1.
func exponentialQuantile(q float64) float64 { return -math.Log(1 - q) }

// startTicking begins to publish metrics, on the minute and its thirds.
func (s *Sim) startTicking() {
	if s.ticking {
		return
	}
	s.ticking = true
	s.atModel(s.Now().Truncate(tick).Add(tick), s.tick)
}

func (s *Sim) tick() {
	now := s.Now()
	minute := now.Equal(now.Truncate(time.Minute))
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if svc.status == statusInactive {
				continue
			}
			span := svc.resolution()
			if span != highResolution && !minute {
				continue
			}
			svc.settle()
			svc.publishUsage(now.Unix()-span, span)
			if minute {
				svc.publishTraffic(now.Unix() - standardSeconds)
			}
			svc.killOverloaded()
		}
	}
	s.after(tick, s.tick)
}

// resolution is the seconds between data points: the service's monitoring
// configuration can ask for 20.
func (svc *service) resolution() int64 {
	if svc.setup.Object("monitoring") == nil {
		return standardSeconds
	}
	for _, m := range svc.setup.Object("monitoring").Objects("metricConfigurations") {
		if n, ok := m.Int("resolutionSeconds"); ok && n == highResolution {
			return highResolution
		}
	}
	return standardSeconds
}

// publishUsage turns what the tasks used into data points that stand for
// [t, t+span). Each running task is one sample.
func (svc *service) publishUsage(t, span int64) {
	f, u := svc.feed(), svc.load.usage
	svc.load.usage = usage{}
	if u.running <= 0 {
		return
	}
	delay := svc.sim.config.MetricDelay
	if span == highResolution {
		delay = svc.sim.config.HighResolutionDelay
	}
	n := math.Max(1, math.Round(u.running/float64(span)))
	svc.publishCPU(point{t: t, n: n, sum: u.cpu / u.running * n, min: u.cpuMin, max: u.cpuMax}, span, delay)
	memory := svc.memory()
	memory.t = t
	f.memory.publish(memory, span, delay)
}

// publishTraffic turns what the load balancer counted into the data points of
// the minute from t on. Counts do not saturate as the CPU does.
func (svc *service) publishTraffic(t int64) {
	f, l := svc.feed(), &svc.load
	w := l.traffic
	l.traffic = traffic{}
	if f.targetGroup == "" {
		return
	}
	put := func(to *series, p point) {
		p.t = t
		to.publish(p, standardSeconds, svc.sim.config.BalancerDelay)
	}
	put(f.healthyHosts, single(float64(l.serving)))
	put(f.unhealthyHosts, single(float64(l.running-l.serving)))
	if w.rejected >= 1 {
		put(f.rejected, total(w.rejected))
	}
	if w.requests <= 0 {
		return
	}
	put(f.requests, total(w.requests))
	put(f.perTarget, single(w.requests/max(1, w.serving/standardSeconds)))
	if w.targetErrors > 0 {
		put(f.targetErrors, total(w.targetErrors))
	}
	if w.served > 0 {
		put(f.latency, point{n: w.served, sum: w.latency, min: 0, max: w.latencyMax})
	}
}

func single(v float64) point { return point{n: 1, sum: v, min: v, max: v} }

// total is a count: CloudWatch's Sum is the number, its samples are 1 each.
func total(v float64) point { return point{n: math.Max(1, math.Round(v)), sum: v, min: 1, max: 1} }

// memory is the memory of the running tasks at this moment, in percent. A task
// that is going to be killed for memory climbs to its limit.
func (svc *service) memory() point {
	var p point
	now := svc.sim.Now()
	for _, t := range svc.live {
		if t.last != taskRunning {
			continue
		}
		used := t.memoryShare()
		if !t.oomAt.IsZero() && t.oomAt.After(t.started) {
			share := now.Sub(t.started).Seconds() / t.oomAt.Sub(t.started).Seconds()
			used += (100 - used) * min(1, share)
		}
		p.add(single(used))
	}
	if p.n == 0 { // they ended just now
		return single(0)
	}
	return p
}

// feed opens the series once the service has something to say.
func (svc *service) feed() *feeds {
	if svc.load.feeds != nil {
		return svc.load.feeds
	}
	m := &svc.sim.metrics
	own := []dimension{{dimensionCluster, svc.cluster.name}, {dimensionService, svc.name}}
	f := &feeds{
		cpu:    m.open(namespaceECS, "CPUUtilization", unitPercent, own...),
		memory: m.open(namespaceECS, "MemoryUtilization", unitPercent, own...),
	}
	svc.load.feeds = f
	groups := svc.targetGroups()
	if len(groups) == 0 {
		return f
	}
	f.targetGroup = groups[0][strings.LastIndexByte(groups[0], ':')+1:]
	f.loadBalancer = LoadBalancerName(groups[0])
	elb := []dimension{{"LoadBalancer", f.loadBalancer}, {"TargetGroup", f.targetGroup}}
	open := func(name, unit string) *series { return m.open(namespaceELB, name, unit, elb...) }
	f.requests = open("RequestCount", unitCount)
	f.perTarget = open("RequestCountPerTarget", unitCount)
	f.targetErrors = open("HTTPCode_Target_5XX_Count", unitCount)
	f.latency = open("TargetResponseTime", unitSeconds)
	f.latency.exponential = true
	f.healthyHosts = open("HealthyHostCount", unitCount)
	f.unhealthyHosts = open("UnHealthyHostCount", unitCount)
	f.rejected = m.open(namespaceELB, "HTTPCode_ELB_5XX_Count", unitCount, dimension{"LoadBalancer", f.loadBalancer})
	return f
}

// LoadBalancerName is the LoadBalancer dimension of a target group's metrics.
// Model: each target group has a load balancer of its own, of the same name
// and id.
func LoadBalancerName(targetGroupARN string) string {
	_, rest, _ := strings.Cut(targetGroupARN, ":targetgroup/")
	return "app/" + rest
}
