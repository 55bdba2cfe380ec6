package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) withService(cluster, name string, do func(*service) error) (err error) {
	s.locked(func() {
		var svc *service
		if svc, err = s.mustService(cluster, name); err == nil {
			err = do(svc)
		}
	})
	return err
}

// PutAlarm installs a metric alarm, with the members of PutMetricAlarm.
func (s *Sim) PutAlarm(in wire.Object) error {
	_, err := s.call(s.putMetricAlarm, in)
	return err
}

// PutCompositeAlarm installs a composite alarm, with the members of the API's
// operation.
func (s *Sim) PutCompositeAlarm(in wire.Object) error {
	_, err := s.call(s.putCompositeAlarm, in)
	return err
}

// RegisterScalableTarget lets Application Auto Scaling scale a service.
func (s *Sim) RegisterScalableTarget(cluster, service string, minimum, maximum int) error {
	_, err := s.call(s.registerScalableTarget, wire.Object{
		"ServiceNamespace": scalingNamespace, "ScalableDimension": scalingDimension,
		"ResourceId": "service/" + cluster + "/" + service, "MinCapacity": minimum, "MaxCapacity": maximum,
	})
	return err
}

// PutTargetTracking adds a target-tracking policy on the service's average CPU.
func (s *Sim) PutTargetTracking(cluster, service, name string, targetPercent float64) error {
	return s.PutScalingPolicy(wire.Object{
		"PolicyName": name, "ServiceNamespace": scalingNamespace, "ScalableDimension": scalingDimension,
		"ResourceId": "service/" + cluster + "/" + service, "PolicyType": policyTargetTracking,
		"TargetTrackingScalingPolicyConfiguration": wire.Object{
			"TargetValue":                   targetPercent,
			"PredefinedMetricSpecification": wire.Object{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
		},
	})
}

// PutScalingPolicy adds a policy, with the members of the API's operation.
func (s *Sim) PutScalingPolicy(in wire.Object) error {
	_, err := s.call(s.putScalingPolicy, in)
	return err
}

// SetCapacity changes what there is to place tasks on, and lets the scheduler
// try again.
func (s *Sim) SetCapacity(c Capacity) {
	s.locked(func() {
		s.capacity, s.dark = c, false
		s.kickAll()
	})
}

// LoseHost kills n running tasks of a service by the loss of their hosts, the
// oldest first; on EC2 everything else on the same instance dies too. It
// returns how many died.
func (s *Sim) LoseHost(cluster, name string, n int) (died int) {
	_ = s.withService(cluster, name, func(svc *service) error {
		for ; n > 0; n-- {
			t := svc.oldest(func(*task) bool { return true })
			if t == nil {
				break
			}
			died += t.loseHost()
		}
		return nil
	})
	return died
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

func (t *task) loseHost() (died int) {
	if t.host == nil {
		t.vanish(stopInfrastructure, "Task stopped because its underlying host failed.") // model: AWS documents no text
		return 1
	}
	host := t.host
	t.cluster.loseInstance(host)
	for _, other := range slices.Clone(t.cluster.order) {
		if other.host == host && other.last != taskStopped {
			other.vanish(stopTermination, "Host EC2 (instance "+host.id+") terminated.")
			died++
		}
	}
	return died
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
	s.locked(func() { s.emit(source, detailType, resources, detail) })
}
