package ecssim

import (
	"fmt"
	"math"
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

// scaleBy is a policy acting on its alarm.
func (s *Sim) scaleBy(p *scalingPolicy, a *alarm, seen view) {
	target := s.targetOf(p.service)
	value, known := seen.latest()
	if target == nil || !known || p.service.status != statusActive {
		return
	}
	running, pending := p.service.counts(nil)
	current := running
	if running+pending < p.service.desired || running == 0 {
		// Nothing runs yet: the desired count is what the activity starts from.
		current = max(running, min(p.service.desired, running+pending))
	}
	wanted := p.wanted(current, value, a)
	if !p.scalesIn && wanted < current {
		return
	}
	s.scaleTo(target, p, a, wanted)
}

// scaleTo changes the desired count within the target's bounds, unless a
// cooldown, a suspension or a deployment forbids it.
func (s *Sim) scaleTo(target *scalableTarget, p *scalingPolicy, a *alarm, wanted int) {
	svc := target.service
	desired := min(max(wanted, target.minimum), target.maximum)
	out := desired > svc.desired
	switch {
	case desired == svc.desired:
		if wanted > target.maximum && svc.desired == target.maximum {
			s.notScaled(target, a, "AlreadyAtMaxCapacity")
		}
		return
	case out && wanted < svc.desired, !out && wanted > svc.desired && svc.desired <= target.maximum:
		return
	case out && target.noScaleOut, !out && target.noScaleIn:
		return
	case !out && svc.primary() != nil && svc.primary().rollout == rolloutInProgress:
		return // scale-in is off during deployments
	case p.cooling(s.Now(), out, desired):
		return
	}
	p.note(s.Now(), out, desired)
	s.setDesiredByScaling(target, a, p, desired)
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
	})
	if desired == target.maximum && desired > old {
		s.emitScaledToMax(target, old, desired)
	}
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

func (s *Sim) emitScaledToMax(target *scalableTarget, old, desired int) {
	now := s.Now().Format("2006-01-02T15:04:05Z")
	s.emit("aws.application-autoscaling", "Application Auto Scaling Scaling Activity State Change", nil, scaledToMaxDetail{
		StartTime: now, EndTime: now,
		NewDesiredCapacity: strconv.Itoa(desired), OldDesiredCapacity: strconv.Itoa(old),
		MinCapacity: strconv.Itoa(target.minimum), MaxCapacity: strconv.Itoa(target.maximum),
		ResourceID: s.resourceID(target.service), ScalableDimension: scalingDimension,
		ServiceNamespace: scalingNamespace, StatusCode: "Successful", ScaledToMax: true,
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

// TargetTrackingCount is the count that brings a metric that falls with each
// task back to its target: current*metric/target, rounded up. It is the
// formula that Application Auto Scaling's user guide describes in words.
func TargetTrackingCount(current int, metric, target float64) int {
	if target <= 0 {
		return current
	}
	// A whisker less, so that 2*0.7/0.7 stays 2.
	return int(math.Ceil(float64(current)*metric/target - 1e-9))
}
