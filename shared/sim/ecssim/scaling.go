package ecssim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	scalingNamespace = "ecs"
	scalingDimension = "ecs:service:DesiredCount"

	// defaultCooldown is that of ECS services, out and in.
	defaultCooldown = 300 * time.Second
	// scalingWait is how long Application Auto Scaling waits for a new count to
	// be reached before it calls the activity successful. Model.
	scalingWait = 30 * time.Second
)

// scalableTarget is a service that Application Auto Scaling may scale.
type scalableTarget struct {
	service                     *service
	arn, roleARN                string
	minimum, maximum            int
	created                     time.Time
	noScaleIn, noScaleOut, noAt bool // SuspendedState

	lastOut, lastIn time.Time
	lastFrom        int // where the last scale-out started
	lastCount       int // and what it set
}

func (s *Sim) resourceID(svc *service) string {
	return "service/" + svc.cluster.name + "/" + svc.name
}

// serviceOfResource finds the service of "service/cluster/name".
func (s *Sim) serviceOfResource(id string) *service {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] != "service" {
		return nil
	}
	if c := s.findCluster(parts[1]); c != nil {
		if svc := c.findService(parts[2]); svc != nil && svc.status == statusActive {
			return svc
		}
	}
	return nil
}

func (s *Sim) targetOf(svc *service) *scalableTarget {
	for _, t := range s.targets {
		if t.service == svc {
			return t
		}
	}
	return nil
}

// scalingActivity is an entry of DescribeScalingActivities.
type scalingActivity struct {
	id, description, cause, status string
	statusMessage                  string
	service                        *service
	start, end                     time.Time
	notScaled                      string // a code of NotScaledReasons
	current, maximum               int
}

// scaleTo is a policy acting on its alarm. It starts from the running count,
// so that tasks on their way are not counted; from 0 tasks it adds the minimum.
// During the cooldown of a scale-out it starts from where that one started:
// what was added then is part of what is added now.
func (s *Sim) scaleBy(p *scalingPolicy, a *alarm, seen view) {
	target := s.targetOf(p.service)
	value, known := seen.latest()
	if target == nil || !known || p.service.status != statusActive {
		return
	}
	current, _ := p.service.counts(nil)
	if s.Now().Sub(target.lastOut) < p.outCooldown {
		current = min(current, target.lastFrom)
	}
	wanted := p.wanted(current, value, a)
	switch {
	case wanted > current && a != p.low():
		s.scaleOut(target, p, a, current, wanted)
	case wanted < current && p.scalesIn && a != p.high() && s.allScaleIn(p):
		s.scaleIn(target, p, a, wanted)
	}
}

// allScaleIn: with several policies the count goes in only if all want it to.
func (s *Sim) allScaleIn(p *scalingPolicy) bool {
	for _, other := range s.policies {
		if other.service == p.service && other != p && other.scalesIn && other.low() != nil && other.low().state != stateAlarm {
			return false
		}
	}
	return true
}

// scaleOut raises the desired count to what is wanted, within the bounds.
func (s *Sim) scaleOut(target *scalableTarget, p *scalingPolicy, a *alarm, from, wanted int) {
	svc := target.service
	desired := min(max(wanted, target.minimum), target.maximum)
	if desired <= svc.desired {
		if wanted > target.maximum && svc.desired >= target.maximum {
			s.notScaled(target, a, "AlreadyAtMaxCapacity")
		}
		return
	}
	if target.noScaleOut || target.coolingOut(s.Now(), p, desired) {
		return
	}
	target.lastOut, target.lastFrom, target.lastCount = s.Now(), from, desired
	s.setDesiredByScaling(target, a, p, desired)
}

// scaleIn lowers the desired count. It is off during deployments.
func (s *Sim) scaleIn(target *scalableTarget, p *scalingPolicy, a *alarm, wanted int) {
	svc := target.service
	desired := min(max(wanted, target.minimum), target.maximum)
	deploying := svc.primary() != nil && svc.primary().rollout == rolloutInProgress
	if desired >= svc.desired || deploying || target.noScaleIn || target.coolingIn(s.Now(), p) {
		return
	}
	target.lastIn = s.Now()
	s.setDesiredByScaling(target, a, p, desired)
}

// coolingOut: a larger scale-out interrupts the cooldown of the one before.
func (t *scalableTarget) coolingOut(now time.Time, p *scalingPolicy, count int) bool {
	return now.Sub(t.lastOut) < p.outCooldown && count <= t.lastCount
}

// coolingIn: a scale-in waits for the cooldowns of both directions.
func (t *scalableTarget) coolingIn(now time.Time, p *scalingPolicy) bool {
	return now.Sub(t.lastOut) < p.outCooldown || now.Sub(t.lastIn) < p.cooldown
}

func (s *Sim) setDesiredByScaling(target *scalableTarget, a *alarm, p *scalingPolicy, desired int) {
	svc, now := target.service, s.Now()
	old := svc.desired
	svc.setDesired(desired)
	svc.say("has reached a new desired count of " + strconv.Itoa(desired) + " (Application Auto Scaling).")
	s.emitServiceAction(svc, "INFO", "SERVICE_DESIRED_COUNT_UPDATED", "")
	activity := &scalingActivity{
		id: uuidOf(s.entropy.names), service: svc, start: now, status: "InProgress",
		description:   fmt.Sprintf("Setting desired count to %d.", desired),
		cause:         fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", a.name, p.name),
		statusMessage: fmt.Sprintf("Successfully set desired count to %d. Waiting for change to be fulfilled by ecs.", desired),
	}
	s.activities = append(s.activities, activity)
	s.after(scalingWait, func() {
		activity.status, activity.end = "Successful", s.Now()
		activity.statusMessage = fmt.Sprintf("Successfully set desired count to %d. Change successfully fulfilled by ecs.", desired)
		if desired == target.maximum && desired > old {
			s.emitScaledToMax(target, activity, old, desired)
		}
	})
}

// notScaled records that an alarm changed nothing, once per alarm's state.
func (s *Sim) notScaled(target *scalableTarget, a *alarm, code string) {
	if n := len(s.activities); n > 0 {
		last := s.activities[n-1]
		if last.service == target.service && last.notScaled == code && !last.start.Before(a.updated) {
			return
		}
	}
	s.activities = append(s.activities, &scalingActivity{
		id: uuidOf(s.entropy.names), service: target.service, start: s.Now(), end: s.Now(),
		status: "Successful", description: "Attempting to scale due to alarm triggered",
		cause: "monitor alarm " + a.name + " in state ALARM", notScaled: code,
		current: target.service.desired, maximum: target.maximum,
	})
}

func (s *Sim) emitScaledToMax(target *scalableTarget, activity *scalingActivity, old, desired int) {
	s.emit("aws.application-autoscaling", "Application Auto Scaling Scaling Activity State Change", nil, scaledToMaxDetail{
		StartTime: activity.start.Format(eventTime), EndTime: activity.end.Format(eventTime),
		NewDesiredCapacity: desired, OldDesiredCapacity: old, MinCapacity: target.minimum, MaxCapacity: target.maximum,
		ResourceID: s.resourceID(target.service), ScalableDimension: scalingDimension,
		ServiceNamespace: scalingNamespace, StatusCode: "Successful", ScaledToMax: true, Direction: "scale-out",
	})
}

// setDesired changes the desired count, booking what was served until now.
func (svc *service) setDesired(n int) {
	if n == svc.desired {
		return
	}
	svc.settle()
	svc.desired = n
	svc.steady = false
	svc.recount()
	svc.kick()
}
