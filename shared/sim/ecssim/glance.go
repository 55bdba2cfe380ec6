package ecssim

// Glance is what a service is at an instant, for whoever measures it from
// outside: it costs no call and changes nothing.
type Glance struct {
	// Deployment and TaskDefinition ("family:revision") are those of the PRIMARY
	// deployment, Digest is that of its main container's image.
	Deployment, TaskDefinition, Digest string
	Desired                            int
	// Serving counts the tasks that take requests, by digest.
	Serving map[string]int
}

// Glance looks at a service; ok is false for one that has no deployment.
func (s *Sim) Glance(cluster, service string) (g Glance, ok bool) {
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
	g = Glance{
		Deployment: p.id, TaskDefinition: p.revision.td.key(), Digest: p.revision.digest(),
		Desired: svc.desired, Serving: map[string]int{},
	}
	for _, t := range svc.live {
		if t.serving() {
			g.Serving[t.digests[t.td.main()]]++
		}
	}
	return g, true
}

// digest is that of the main container: the recorded one or, while no task has
// started, what its reference points to now.
func (r *revision) digest() string {
	main := r.td.main()
	if r.digests[main] != "" {
		return r.digests[main]
	}
	digest, _ := r.service.sim.ecr.Resolve(r.td.containers[main].image)
	return digest
}
