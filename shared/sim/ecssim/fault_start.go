package ecssim

import (
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/stopreason"
)

// startFailure is why a start fails and what ECS says of it; without a cause it
// does not.
type startFailure struct {
	cause fleet.Cause
	text  string
}

func failureOf(cause fleet.Cause, image string) startFailure {
	return startFailure{cause, stopreason.Start(cause, image)}
}

// startFailure draws whether and why the start fails.
func (t *task) startFailure(missing string) startFailure {
	if missing != "" {
		return failureOf(fleet.ImageMissing, missing)
	}
	image := t.td.containers[t.td.main()].image
	if cause := t.sim.startOutage(t); cause != "" {
		return failureOf(cause, image)
	}
	if failure := t.sim.secretStart(t.td); failure.cause != "" {
		return failure
	}
	if f := t.behaviour.FailToStart; t.sim.entropy.happens(f.Probability) {
		return failureOf(f.Cause, image)
	}
	return startFailure{}
}

func (t *task) failToStart(failure startFailure) {
	t.order(stopFailedToStart, failure.text)
	t.executionStop = t.sim.Now()
	t.exitReason = failure.text
	t.failed()
	t.enter(taskDeprovisioning)
	t.sim.after(deprovisionDelay, t.end)
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

// secretFailure is the failed start that comes of a secret; "" for none.
func (s *Sim) secretStart(td *taskDefinition) startFailure {
	name, how := s.secretTrouble(td)
	switch how {
	case SecretDeleted:
		return failureOf(fleet.SecretMissing, "")
	case SecretDenied:
		return failureOf(fleet.SecretDenied, "")
	case SecretKeyGone:
		return startFailure{fleet.SecretMissing, stopreason.SecretKey(name)}
	}
	return startFailure{}
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
