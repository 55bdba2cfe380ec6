package ecssim

import (
	"cmp"
	"time"
)

// ServiceSummary is the state of a service at an instant, for measurements from
// outside. Reading it is no call and changes nothing.
type ServiceSummary struct {
	// Deployment and TaskDefinition ("family:revision") belong to the PRIMARY
	// deployment, Digest to the image of its main container, or to the part with a
	// behaviour of its own.
	Deployment, TaskDefinition, Digest string
	Desired                            int
	// Serving counts the tasks that take requests, by digest.
	Serving map[string]int
}

// ServiceSummary returns the state of a service; ok is false without a deployment.
func (s *Sim) ServiceSummary(cluster, service string) (g ServiceSummary, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.findCluster(cluster)
	if c == nil {
		return g, false
	}
	svc := c.findService(service)
	if svc == nil || svc.primary() == nil {
		return g, false
	}
	p := svc.primary()
	g = ServiceSummary{
		Deployment: p.id, TaskDefinition: p.revision.td.key(), Digest: cmp.Or(s.partOf(p.revision.td, p.revision.setup), p.revision.digest()),
		Desired: svc.desired, Serving: map[string]int{},
	}
	for _, t := range svc.live {
		if t.serving() {
			g.Serving[cmp.Or(s.partOf(t.td, t.deployment.revision.setup), t.digests[t.td.main()])]++
		}
	}
	return g, true
}

// digest returns the digest of the main container's image. Before the first start
// it returns the current digest of the reference.
func (r *revision) digest() string {
	main := r.td.main()
	if r.digests[main] != "" {
		return r.digests[main]
	}
	digest, _ := r.service.sim.ecr.Resolve(r.td.containers[main].image)
	return digest
}

// Stats are the totals of a service, for reports. Seconds are of the virtual
// clock.
type Stats struct {
	// TasksFailed counts tasks that could not start, ended by themselves, or were
	// replaced because they were unhealthy.
	TasksFailed int
	// DowntimeSeconds is the time without a serving task, with traffic or a
	// desired count above 0.
	DowntimeSeconds float64
	// ViolationSeconds is the time that the serving tasks missed their objective,
	// see Objective. ViolatingRequests arrived in that time.
	ViolationSeconds  float64
	ViolatingRequests float64
	// TaskSeconds is the billed time: the time of tasks past PROVISIONING, for
	// each Fargate task at least Config.MinimumBill.
	TaskSeconds float64
	// Requests counts the arrived requests. FailedRequests were rejected or
	// answered with 5xx.
	Requests, FailedRequests float64
	// History has an entry for each change of the counts.
	History []Sample
}

// Sample is the state of a service from an instant on.
type Sample struct {
	At                        time.Time
	Desired, Running, Healthy int
}

// Stats returns the totals of a service until now, or zero for an unknown
// service.
func (s *Sim) Stats(cluster, service string) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.findCluster(cluster)
	if c == nil {
		return Stats{}
	}
	svc := c.findService(service)
	if svc == nil {
		return Stats{}
	}
	svc.accrue()
	st := svc.load.stats
	st.History = append([]Sample(nil), svc.history...)
	return st
}

// sample records the counts if they changed. It keeps the last change of an
// instant only.
func (svc *service) sample() {
	now := Sample{At: svc.sim.Now(), Desired: svc.desired, Running: svc.load.running, Healthy: svc.load.serving}
	if n := len(svc.history); n > 0 {
		last := svc.history[n-1]
		if last.Desired == now.Desired && last.Running == now.Running && last.Healthy == now.Healthy {
			return
		}
		if last.At.Equal(now.At) {
			svc.history[n-1] = now
			return
		}
	}
	svc.history = append(svc.history, now)
}
