package ecssim

import (
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/stopreason"
)

// startFailure is the cause of a failed start and ECS's text for it. An empty
// cause means success.
type startFailure struct {
	cause fleet.Cause
	text  string
}

func failureOf(cause fleet.Cause, image string) startFailure {
	return startFailure{cause, stopreason.Start(cause, image)}
}

// startFailure draws whether the start fails, and the cause.
func (t *task) startFailure(missing map[int]string) startFailure {
	if i := t.td.needs(missing); i >= 0 {
		return failureOf(fleet.ImageMissing, missing[i])
	}
	image := t.td.containers[t.td.main()].image
	if failure := t.sim.startOutage(t, image); failure.cause != "" {
		return failure
	}
	if failure := t.sim.secretStart(t.td); failure.cause != "" {
		return failure
	}
	if f := t.behaviour.FailToStart; t.sim.entropy.happens(f.Probability) {
		return failureOf(f.Cause, image)
	}
	return startFailure{}
}

// failToStart ends a task that cannot start because of a container; -1 is the main one.
func (t *task) failToStart(failure startFailure, container int) {
	if container >= 0 && container != t.td.main() {
		t.endOther(container, ContainerEnd{Reason: failure.text})
		t.failStart(failure.text, "")
		return
	}
	t.failStart(failure.text, failure.text)
}

// failStart ends a task before RUNNING, with the reasons of the task and of its main
// container.
func (t *task) failStart(reason, container string) {
	t.order(stopFailedToStart, reason)
	t.executionStop, t.exitReason = t.sim.Now(), container
	t.failed()
	t.enter(taskDeprovisioning)
	t.sim.after(t.sim.config.Model.Deprovision, t.end)
}

// The faults of a secret. Starting tasks read it.
const (
	SecretDeleted = "deleted" // deleted in Secrets Manager
	SecretDenied  = "denied"  // the execution role may no longer read it
	SecretKeyGone = "key"     // rotated, without the requested JSON key
	SecretWrong   = "wrong"   // rotated to a wrong value: tasks exit with 1
)

// SecretTrouble is a fault of a secret until a time. Running tasks have already
// read it: only new starts fail, of every service with the secret.
type SecretTrouble struct {
	Secret, How string
	Until       time.Time
	since       time.Time
}

// BreakSecret begins a fault of a secret now. It is a change of the secret, and so is its
// end, except for SecretDenied.
func (s *Sim) BreakSecret(t SecretTrouble) {
	s.locked(func() {
		t.since = s.Now()
		s.faults.secrets = append(s.faults.secrets, t)
	})
}

// secretTrouble returns the fault of a secret that the task reads.
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

// namesSecret reports whether a valueFrom reads a secret. It may be the name or the ARN
// of the secret or of a parameter. The ARN of a secret may have the six letters of
// Secrets Manager, and a key after it.
func namesSecret(from, secret string) bool {
	parameter := parameterPath(from)
	if from == secret || strings.HasPrefix(from, secret+":") || parameter != "" && parameter == parameterPath(secret) {
		return true
	}
	_, rest, found := strings.Cut(from, ":secret:")
	if !found {
		return strings.HasSuffix(from, ":parameter/"+secret)
	}
	own, _, _ := strings.Cut(rest, ":")
	return own == secret || len(own) == len(secret)+secretSuffix && strings.HasPrefix(own, secret+"-")
}

// parameterPath returns the name of a parameter with a slash before it, from its ARN or
// from a name that begins with a slash. It returns "" for anything else.
func parameterPath(text string) string {
	if strings.HasPrefix(text, "/") {
		return text
	}
	_, name, found := strings.Cut(text, ":parameter/")
	if !found {
		return ""
	}
	return "/" + name
}

// secretStart returns the failed start of a task with a broken secret, or an
// empty value.
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

// meetsWrongSecret reports whether the task has read a secret with a wrong value.
// Such a task exits.
func (t *task) meetsWrongSecret() bool {
	if len(t.sim.faults.secrets) == 0 {
		return false
	}
	_, how := t.sim.secretTrouble(t.td)
	t.wrongSecret = how == SecretWrong
	return t.wrongSecret
}
