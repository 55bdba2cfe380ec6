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

// SetCapacity changes the capacity for tasks, and runs the scheduler.
func (s *Sim) SetCapacity(c Capacity) {
	s.locked(func() {
		s.faults.capacity, s.faults.noZones = c, false
		s.wakeSchedulers()
	})
}

// LoseHost fails n running tasks of a service by the loss of their hosts, the
// oldest first. On EC2 all other tasks of the instance fail too. It returns the
// number of failed tasks.
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

// HostOf returns the id of the EC2 instance of the service's oldest running task,
// or "".
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
// reports whether the instance exists.
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

// oldest returns the oldest running task of a kind.
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
		t.vanish(stopInfrastructure, "Task stopped because its underlying host failed.") // assumed: AWS documents no text
		return 1
	}
	return t.host.terminate()
}

// terminate ends an instance with its tasks. It returns the number of tasks that
// failed. An instance ends once.
func (i *instance) terminate() (failed int) {
	if i.status == statusInactive {
		return 0
	}
	i.cluster.loseInstance(i)
	for _, other := range slices.Clone(i.cluster.order) {
		if other.host == i && other.last != taskStopped {
			other.vanish(stopTermination, "Host EC2 (instance "+i.id+") terminated.")
			failed++
		}
	}
	return failed
}

// InterruptSpot sends the two-minute warning to n running Spot tasks of a
// service, or to the EC2 instances of n running tasks. It returns the number of
// warned tasks or instances.
func (s *Sim) InterruptSpot(cluster, name string, n int) (warned int) {
	_ = s.withService(cluster, name, func(svc *service) error {
		for ; n > 0; n-- {
			t := svc.oldest(func(t *task) bool {
				return t.provider == providerSpot || t.host != nil && !t.host.interrupted
			})
			if t == nil {
				break
			}
			if t.host != nil {
				t.host.interrupt()
			} else {
				t.warn()
			}
			warned++
		}
		return nil
	})
	return warned
}

// warn interrupts a Spot task: desiredStatus STOPPED with lastStatus RUNNING, and
// the end two minutes later.
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

// interruption is the detail of an EC2 Spot Instance Interruption Warning. AWS: EC2
// user guide, "Spot Instance interruption notices".
type interruption struct {
	ID     string `json:"instance-id"`
	Action string `json:"instance-action"`
}

// interrupt announces the end of a Spot instance: EC2 terminates it two minutes later.
// Assumed: the agent does not drain the instance, which is its default. AWS: agent
// configuration, ECS_ENABLE_SPOT_INSTANCE_DRAINING.
func (i *instance) interrupt() {
	s := i.cluster.sim
	i.interrupted = true
	s.account.Publish("aws.ec2", "EC2 Spot Instance Interruption Warning",
		[]string{"arn:" + s.account.Partition + ":ec2:" + i.zone + ":instance/" + i.id}, interruption{ID: i.id, Action: "terminate"})
	s.after(spotNotice, func() { i.terminate() })
}

// Emit publishes an event of a service outside of the model, such as AWS Health.
// The detail is any value that encoding/json can write.
func (s *Sim) Emit(source, detailType string, resources []string, detail any) {
	s.locked(func() { s.account.Publish(source, detailType, resources, detail) })
}
