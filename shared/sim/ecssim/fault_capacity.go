package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// faults are the current faults of the account.
type faults struct {
	capacity  Capacity
	noZones   bool // no Availability Zone is left
	outages   []Outage
	shortages []shortage
	secrets   []SecretTrouble
	changes   []secretChange
	// launchesFrom is the end of an outage of the control plane. Nothing starts
	// before.
	launchesFrom time.Time
}

// shortage is a time without capacity of one kind.
type shortage struct {
	kind  string // a launch type or a capacity provider
	until time.Time
}

// SetShortage removes the capacity of a kind until a time: FARGATE, FARGATE_SPOT
// or EC2. Running tasks continue.
func (s *Sim) SetShortage(kind string, until time.Time) {
	s.locked(func() { s.faults.shortages = append(s.faults.shortages, shortage{kind, until}) })
}

// short reports whether there is no capacity for a task.
func (s *Sim) short(launchType, provider string) bool {
	kind := launchFargate
	switch {
	case launchType == launchEC2:
		kind = launchEC2
	case provider == providerSpot:
		kind = providerSpot
	}
	now := s.Now()
	return slices.ContainsFunc(s.faults.shortages, func(x shortage) bool { return x.kind == kind && now.Before(x.until) })
}

// LoseControlPlane stops ECS launching tasks until a time, as on 28 October 2025.
// Running tasks continue, and the API answers (see SetThrottle for throttling).
func (s *Sim) LoseControlPlane(until time.Time) {
	s.locked(func() { s.faults.launchesFrom = until })
}

// refuseLaunches returns the error of RunTask during an outage of the control
// plane.
func (s *Sim) refuseLaunches() error {
	if !s.Now().Before(s.faults.launchesFrom) {
		return nil
	}
	return &wire.Error{Code: "ServerException", Message: "Service Unavailable. Please try again later.", Status: 500}
}

// LoseZone removes an Availability Zone: all its tasks fail with their hosts. No
// task is placed there until RestoreZone or SetCapacity. It returns the number of
// failed tasks.
func (s *Sim) LoseZone(zone string) (failed int) {
	s.locked(func() {
		zone = s.zoneName(zone)
		s.faults.capacity.Zones = slices.DeleteFunc(s.zones(), func(z string) bool { return z == zone })
		s.faults.noZones = len(s.faults.capacity.Zones) == 0
		for _, c := range s.clusters {
			for _, t := range slices.Clone(c.order) {
				if t.zone == zone && t.last <= taskRunning {
					failed += t.loseHost()
				}
			}
		}
	})
	return failed
}

// RestoreZone restores an Availability Zone. Services that rebalance move tasks
// there.
func (s *Sim) RestoreZone(zone string) {
	s.locked(func() {
		zone = s.zoneName(zone)
		zones := s.zones()
		if slices.Contains(zones, zone) {
			return
		}
		s.faults.capacity.Zones, s.faults.noZones = append(zones, zone), false
		slices.Sort(s.faults.capacity.Zones)
		s.wakeSchedulers()
	})
}

func (s *Sim) zoneName(zone string) string {
	if len(zone) == 1 {
		return s.config.Region + zone
	}
	return zone
}

// wakeSchedulers schedules a pass over every service.
func (s *Sim) wakeSchedulers() {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			svc.wakeScheduler()
		}
	}
}
