package ecssim

import (
	"math"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

const (
	unitPercent = "Percent"
	unitCount   = "Count"
	unitSeconds = "Seconds"
)

// metricSeries are the metrics of a service.
type metricSeries struct {
	cpu, memory *cloudwatch.Series
	rejected    *cloudwatch.Series // nil behind a gateway
	groups      []groupSeries
	// balancer are the metrics of both groups together; without an alternate group
	// nothing reads them.
	balancer *groupSeries
}

// groupSeries are the metrics of a target group.
type groupSeries struct {
	requests, perTarget, latency *cloudwatch.Series
	targetErrors                 *cloudwatch.Series
	healthyHosts, unhealthyHosts *cloudwatch.Series
}

// startTicking schedules the publishing of metrics, at the minute and its thirds.
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
			if span != cloudwatch.HighResolutionSeconds && !minute {
				continue
			}
			svc.accrue()
			svc.publishUsage(now.Unix()-span, span)
			if minute {
				svc.publishTraffic(now.Unix() - cloudwatch.StandardSeconds)
			}
			svc.killOverloaded()
		}
	}
	s.after(tick, s.tick)
}

// resolution returns the seconds between data points. The service's monitoring
// configuration can set 20.
func (svc *service) resolution() int64 {
	if svc.setup.Object("monitoring") == nil {
		return cloudwatch.StandardSeconds
	}
	for _, m := range svc.setup.Object("monitoring").Objects("metricConfigurations") {
		if n, ok := m.Int("resolutionSeconds"); ok && n == cloudwatch.HighResolutionSeconds {
			return cloudwatch.HighResolutionSeconds
		}
	}
	return cloudwatch.StandardSeconds
}

// publishUsage publishes the usage of the tasks as data points for [t, t+span).
// Each running task is one sample.
func (svc *service) publishUsage(t, span int64) {
	f, u := svc.series(), svc.load.usage
	svc.load.usage = usage{}
	if u.running <= 0 {
		return
	}
	delay := svc.sim.config.MetricDelay
	if span == cloudwatch.HighResolutionSeconds {
		delay = svc.sim.config.HighResolutionDelay
	}
	n := math.Max(1, math.Round(u.running/float64(span)))
	svc.publishCPU(cloudwatch.Point{At: t, N: n, Sum: u.cpu / u.running * n, Min: u.cpuMin, Max: u.cpuMax}, span, delay)
	memory := svc.memory()
	memory.At = t
	f.memory.Publish(memory, span, delay)
}

// publishTraffic publishes the counts of the load balancer as the data points of
// the minute from t on. Unlike the CPU, counts have no upper limit.
func (svc *service) publishTraffic(t int64) {
	f, l := svc.series(), &svc.load
	w := l.traffic
	l.traffic = [2]traffic{}
	if len(f.groups) == 0 {
		return
	}
	put := func(to *cloudwatch.Series, p cloudwatch.Point) {
		p.At = t
		to.Publish(p, cloudwatch.StandardSeconds, svc.sim.config.BalancerDelay)
	}
	if rejected := w[0].rejected + w[1].rejected; rejected >= 1 && f.rejected != nil {
		put(f.rejected, cloudwatch.Total(rejected))
	}
	for i, g := range f.groups {
		if i > 0 && l.targets[i].running == 0 && w[i].requests == 0 {
			continue // an empty group has no metrics
		}
		put(g.healthyHosts, cloudwatch.Single(float64(l.targets[i].serving)))
		put(g.unhealthyHosts, cloudwatch.Single(float64(l.targets[i].running-l.targets[i].serving)))
		g.publish(put, w[i])
	}
	if f.balancer != nil {
		f.balancer.publish(put, w[0].and(w[1]))
	}
}

// and returns the traffic of two target groups together.
func (w traffic) and(other traffic) traffic {
	return traffic{
		serving: w.serving + other.serving, requests: w.requests + other.requests, served: w.served + other.served,
		targetErrors: w.targetErrors + other.targetErrors, rejected: w.rejected + other.rejected,
		latency: w.latency + other.latency, latencyMax: max(w.latencyMax, other.latencyMax),
	}
}

// publish publishes the requests of a minute. Without requests it publishes nothing.
func (g *groupSeries) publish(put func(*cloudwatch.Series, cloudwatch.Point), w traffic) {
	if w.requests <= 0 {
		return
	}
	put(g.requests, cloudwatch.Total(w.requests))
	if g.perTarget != nil {
		put(g.perTarget, cloudwatch.Single(w.requests/max(1, w.serving/cloudwatch.StandardSeconds)))
	}
	if w.targetErrors > 0 {
		put(g.targetErrors, cloudwatch.Total(w.targetErrors))
	}
	if w.served > 0 {
		put(g.latency, cloudwatch.Point{N: w.served, Sum: w.latency, Min: 0, Max: w.latencyMax})
	}
}

// memory returns the current memory of the running tasks, in percent. The memory
// of a task with a scheduled out-of-memory kill climbs to its limit.
func (svc *service) memory() cloudwatch.Point {
	var p cloudwatch.Point
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
		p.Add(cloudwatch.Single(used))
	}
	if p.N == 0 { // all tasks have just ended
		return cloudwatch.Single(0)
	}
	return p
}

// series opens the metrics of the service.
func (svc *service) series() *metricSeries {
	if svc.load.series != nil {
		return svc.load.series
	}
	m := svc.sim.cloudwatch
	own := []cloudwatch.Dimension{{Name: "ClusterName", Value: svc.cluster.name}, {Name: "ServiceName", Value: svc.name}}
	f := &metricSeries{
		cpu:    m.Open(cloudwatch.NamespaceECS, "CPUUtilization", unitPercent, own...),
		memory: m.Open(cloudwatch.NamespaceECS, "MemoryUtilization", unitPercent, own...),
	}
	svc.load.series = f
	pair := svc.groupPair()
	if pair[0] == "" {
		return f
	}
	balancer := cloudwatch.Dimension{Name: "LoadBalancer", Value: svc.balancerName()}
	for _, arn := range pair {
		if arn != "" {
			f.groups = append(f.groups, svc.openGroup(balancer, cloudwatch.Dimension{Name: "TargetGroup", Value: groupOf(arn)}))
		}
	}
	if svc.gateway() {
		return f // the load balancer is that of many services: nothing reads its sums
	}
	if len(f.groups) > 1 {
		f.balancer = new(svc.openRequests(balancer))
	}
	f.rejected = m.Open(cloudwatch.NamespaceELB, "HTTPCode_ELB_5XX_Count", unitCount, balancer)
	return f
}

// openGroup opens the metrics of a target group.
func (svc *service) openGroup(of ...cloudwatch.Dimension) groupSeries {
	g := svc.openRequests(of...)
	open := func(name string) *cloudwatch.Series {
		return svc.sim.cloudwatch.Open(cloudwatch.NamespaceELB, name, unitCount, of...)
	}
	g.perTarget, g.healthyHosts, g.unhealthyHosts = open("RequestCountPerTarget"), open("HealthyHostCount"), open("UnHealthyHostCount")
	return g
}

// openRequests opens the metrics of requests that a load balancer and a target group
// share.
func (svc *service) openRequests(of ...cloudwatch.Dimension) groupSeries {
	open := func(name, unit string) *cloudwatch.Series {
		return svc.sim.cloudwatch.Open(cloudwatch.NamespaceELB, name, unit, of...)
	}
	g := groupSeries{
		requests: open("RequestCount", unitCount), targetErrors: open("HTTPCode_Target_5XX_Count", unitCount), latency: open("TargetResponseTime", unitSeconds),
	}
	g.latency.Exponential()
	return g
}

// LoadBalancerName returns the LoadBalancer dimension of a target group's
// metrics. Assumed: each target group has its own load balancer, of the same name
// and id.
func LoadBalancerName(targetGroupARN string) string {
	_, rest, _ := strings.Cut(targetGroupARN, ":targetgroup/")
	return "app/" + rest
}

// Measure publishes a value of a metric of an AWS service outside of the model, such as
// Lambda, as a count of one minute.
func (s *Sim) Measure(namespace, metric string, value float64, dimensions ...cloudwatch.Dimension) {
	s.locked(func() {
		point := cloudwatch.Single(value)
		point.At = s.Now().Truncate(time.Minute).Unix()
		s.cloudwatch.Open(namespace, metric, unitCount, dimensions...).Publish(point, cloudwatch.StandardSeconds, balancerDelay)
	})
}

// Count is a metric of the application itself: the number of its requests in each
// period.
type Count struct {
	Namespace, Metric string
	// Period is a whole number of seconds, above 0.
	Period time.Duration
}

// CountRequests makes a service publish its requests from the next full period
// on. It publishes no point, not even zero, while no task serves.
func (s *Sim) CountRequests(cluster, name string, c Count) error {
	if c.Namespace == "" || c.Metric == "" || c.Period < time.Second || c.Period%time.Second != 0 {
		return wire.Errorf("InvalidParameterException", "A count needs a namespace, a metric, and a period of whole seconds.")
	}
	return s.withService(cluster, name, func(svc *service) error {
		series := s.cloudwatch.Open(c.Namespace, c.Metric, unitCount)
		s.atModel(s.Now().Truncate(c.Period).Add(c.Period), func() { svc.publishCount(series, c.Period) })
		return nil
	})
}

func (svc *service) publishCount(to *cloudwatch.Series, period time.Duration) {
	if svc.status == statusInactive {
		return
	}
	svc.accrue()
	span := int64(period / time.Second)
	if n := svc.load.counted; n > 0 || svc.load.serving > 0 {
		p := cloudwatch.Total(n)
		p.At = svc.sim.Now().Unix() - span
		to.Publish(p, span, countDelay)
	}
	svc.load.counted = 0
	svc.sim.after(period, func() { svc.publishCount(to, period) })
}
