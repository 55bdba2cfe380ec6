package ecssim

import "slices"

func (s *Sim) withService(cluster, name string, do func(*service) error) (err error) {
	s.locked(func() {
		var svc *service
		if svc, err = s.mustService(cluster, name); err == nil {
			err = do(svc)
		}
	})
	return err
}

// SetCapacity changes what there is to place tasks on, and lets the scheduler
// try again.
func (s *Sim) SetCapacity(c Capacity) {
	s.locked(func() {
		s.faults.capacity, s.faults.noZones = c, false
		s.wakeSchedulers()
	})
}

// LoseHost kills n running tasks of a service by the loss of their hosts, the
// oldest first; on EC2 everything else on the same instance fails too. It
// returns how many failed.
func (s *Sim) LoseHost(cluster, name string, n int) (failed int) {
	_ = s.withService(cluster, name, func(svc *service) error {
		for ; n > 0; n-- {
			t := svc.oldest(func(*task) bool { return true })
			if t == nil {
				break
			}
			failed += t.loseHost()
		}
		return nil
	})
	return failed
}

// HostOf is the id of the EC2 instance of the service's oldest running task;
// "" if it has none.
func (s *Sim) HostOf(cluster, name string) (id string) {
	_ = s.withService(cluster, name, func(svc *service) error {
		if t := svc.oldest(func(t *task) bool { return t.host != nil }); t != nil {
			id = t.host.id
		}
		return nil
	})
	return id
}

// Drain sets the EC2 instance of that id to DRAINING, or back to ACTIVE. It
// reports whether there is one.
func (s *Sim) Drain(id string, draining bool) (found bool) {
	status := statusActive
	if draining {
		status = statusDrainingInstance
	}
	s.locked(func() {
		for _, c := range s.clusters {
			for _, host := range slices.Clone(c.instances) {
				if host.id == id {
					host.drain(status)
					found = true
				}
			}
		}
	})
	return found
}

// oldest is the oldest running task of a kind.
func (svc *service) oldest(kind func(*task) bool) *task {
	for _, t := range svc.live {
		if t.last == taskRunning && t.desired == taskRunning && kind(t) {
			return t
		}
	}
	return nil
}

func (t *task) loseHost() (failed int) {
	if t.host == nil {
		t.vanish(stopInfrastructure, "Task stopped because its underlying host failed.") // model: AWS documents no text
		return 1
	}
	host := t.host
	t.cluster.loseInstance(host)
	for _, other := range slices.Clone(t.cluster.order) {
		if other.host == host && other.last != taskStopped {
			other.vanish(stopTermination, "Host EC2 (instance "+host.id+") terminated.")
			failed++
		}
	}
	return failed
}

// InterruptSpot gives n running Spot tasks of a service their two-minute
// warning. It returns how many were warned.
func (s *Sim) InterruptSpot(cluster, name string, n int) (warned int) {
	_ = s.withService(cluster, name, func(svc *service) error {
		for ; n > 0; n-- {
			t := svc.oldest(func(t *task) bool { return t.provider == providerSpot })
			if t == nil {
				break
			}
			t.warn()
			warned++
		}
		return nil
	})
	return warned
}

// warn is the Spot interruption: desiredStatus STOPPED with lastStatus RUNNING,
// and the end two minutes later.
func (t *task) warn() {
	t.order(stopSpot, "Your Spot Task was interrupted.")
	t.version++
	t.sim.emitTask(t)
	t.sim.after(spotNotice, func() {
		if t.last == taskRunning {
			t.terminate()
		}
	})
}

// Emit publishes an event of a service that the model does not play, AWS
// Health say. The detail is anything that encoding/json can write.
func (s *Sim) Emit(source, detailType string, resources []string, detail any) {
	s.locked(func() { s.account.Publish(source, detailType, resources, detail) })
}
