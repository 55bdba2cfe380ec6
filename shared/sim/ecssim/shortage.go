package ecssim

import (
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

// shortage is a time without capacity of one kind.
type shortage struct {
	kind  string // a launch type or a capacity provider
	until time.Time
}

// SetShortage leaves no capacity of a kind until a time: FARGATE, FARGATE_SPOT
// or EC2. What runs goes on.
func (s *Sim) SetShortage(kind string, until time.Time) {
	s.locked(func() { s.faults.shortages = append(s.faults.shortages, shortage{kind, until}) })
}

// short reports whether there is nothing to place a task on.
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

// LoseControlPlane stops ECS launching tasks until a time, as on 28 October
// 2025; what runs goes on, and the API answers (see SetThrottle for the rest).
func (s *Sim) LoseControlPlane(until time.Time) {
	s.locked(func() { s.faults.launchesFrom = until })
}

// refuseLaunches is what RunTask answers while nothing can be launched.
func (s *Sim) refuseLaunches() error {
	if !s.Now().Before(s.faults.launchesFrom) {
		return nil
	}
	return &wire.Error{Code: "ServerException", Message: "Service Unavailable. Please try again later.", Status: 500}
}

// The ways in which a secret fails those that read it at their start.
const (
	SecretDeleted = "deleted" // Secrets Manager has it no more
	SecretDenied  = "denied"  // the execution role may no longer read it
	SecretKeyGone = "key"     // rotated, without the JSON key that is asked for
	SecretWrong   = "wrong"   // rotated, and what it opens does not: tasks exit with 1
)

// SecretTrouble is what happens to a secret until a time. Running tasks have
// read it already: only new starts fail, of every service that reads it.
type SecretTrouble struct {
	Secret, How string
	Until       time.Time
}

// BreakSecret begins a trouble with a secret now.
func (s *Sim) BreakSecret(t SecretTrouble) {
	s.locked(func() { s.faults.secrets = append(s.faults.secrets, t) })
}

// secretTrouble is what the task meets when it reads its secrets.
func (s *Sim) secretTrouble(td *taskDefinition) (name, how string) {
	for _, trouble := range s.faults.secrets {
		if !s.Now().Before(trouble.Until) {
			continue
		}
		for _, c := range td.containers {
			for _, secret := range c.secrets {
				if namesSecret(secret.from, trouble.Secret) {
					return secret.name, trouble.How
				}
			}
		}
	}
	return "", ""
}

// namesSecret reports whether a valueFrom reads a secret: it is its name, its
// ARN with or without the six letters that Secrets Manager adds and the key
// after it, or the ARN of a parameter.
func namesSecret(from, secret string) bool {
	if from == secret {
		return true
	}
	_, rest, found := strings.Cut(from, ":secret:")
	if !found {
		return strings.HasSuffix(from, ":parameter/"+secret)
	}
	own, _, _ := strings.Cut(rest, ":")
	return own == secret || len(own) == len(secret)+secretSuffix && strings.HasPrefix(own, secret+"-")
}

// secretSuffix is the hyphen and the six letters.
const secretSuffix = 7

// secretFailure is the failed start that comes of a secret; "" for none.
func (s *Sim) secretStart(td *taskDefinition) startFailure {
	name, how := s.secretTrouble(td)
	switch how {
	case SecretDeleted:
		return failureOf(fleet.SecretMissing, "")
	case SecretDenied:
		return failureOf(fleet.SecretDenied, "")
	case SecretKeyGone:
		return startFailure{fleet.SecretMissing, SecretKeyText(name)}
	}
	return startFailure{}
}

// LoseZone takes an Availability Zone away: all its tasks die with their hosts,
// and no task is placed there until RestoreZone or SetCapacity. It returns how
// many died.
func (s *Sim) LoseZone(zone string) (died int) {
	s.locked(func() {
		zone = s.zoneName(zone)
		s.faults.capacity.Zones = slices.DeleteFunc(s.zones(), func(z string) bool { return z == zone })
		s.faults.noZones = len(s.faults.capacity.Zones) == 0
		for _, c := range s.clusters {
			for _, t := range slices.Clone(c.order) {
				if t.zone == zone && t.last <= taskRunning {
					died += t.loseHost()
				}
			}
		}
	})
	return died
}

// RestoreZone gives an Availability Zone back. Services that rebalance move
// tasks there.
func (s *Sim) RestoreZone(zone string) {
	s.locked(func() {
		zone = s.zoneName(zone)
		zones := s.zones()
		if slices.Contains(zones, zone) {
			return
		}
		s.faults.capacity.Zones, s.faults.noZones = append(zones, zone), false
		slices.Sort(s.faults.capacity.Zones)
		s.kickAll()
	})
}

func (s *Sim) zoneName(zone string) string {
	if len(zone) == 1 {
		return s.config.Region + zone
	}
	return zone
}

// kickAll lets every scheduler look again.
func (s *Sim) kickAll() {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			svc.kick()
		}
	}
}

// meetsWrongSecret reports whether the task has read a secret that opens
// nothing any more; it exits for it.
func (t *task) meetsWrongSecret() bool {
	if len(t.sim.faults.secrets) == 0 {
		return false
	}
	_, how := t.sim.secretTrouble(t.td)
	t.wrongSecret = how == SecretWrong
	return t.wrongSecret
}
