package appautoscaling

import (
	"fmt"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

// activity is an entry of DescribeScalingActivities.
type activity struct {
	id, description, cause, status string
	statusMessage                  string
	service                        Scalable
	start, end                     time.Time
	notScaled                      string // a code of NotScaledReasons
	current, maximum               int
}

// setDesired changes the desired count and records the activity.
func (s *Service) setDesired(t *target, cause string, desired int) {
	now := s.account.Now()
	old, _ := t.service.Counts()
	t.service.SetDesired(desired)
	done := &activity{
		id: account.UUID(s.account.Names), service: t.service, start: now, status: "InProgress",
		description:   fmt.Sprintf("Setting desired count to %d.", desired),
		cause:         cause,
		statusMessage: fmt.Sprintf("Successfully set desired count to %d. Waiting for change to be fulfilled by ecs.", desired),
	}
	s.activities = append(s.activities, done)
	s.account.After(scalingWait, func() {
		done.status, done.end = "Successful", s.account.Now()
		done.statusMessage = fmt.Sprintf("Successfully set desired count to %d. Change successfully fulfilled by ecs.", desired)
		if desired == t.maximum && desired > old {
			s.emitScaledToMax(t, done, old, desired)
		}
	})
}

// causeOf returns the cause of an activity that an alarm starts.
func causeOf(a *cloudwatch.Alarm, p *policy) string {
	return fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", a.Name(), p.name)
}

// notScaled records that an alarm changed nothing, once for each state of the
// alarm.
func (s *Service) notScaled(t *target, a *cloudwatch.Alarm, code string) {
	if n := len(s.activities); n > 0 {
		last := s.activities[n-1]
		if last.service == t.service && last.notScaled == code && !last.start.Before(a.Updated()) {
			return
		}
	}
	now := s.account.Now()
	current, _ := t.service.Counts()
	s.activities = append(s.activities, &activity{
		id: account.UUID(s.account.Names), service: t.service, start: now, end: now,
		status: "Successful", description: "Attempting to scale due to alarm triggered",
		cause: "monitor alarm " + a.Name() + " in state ALARM", notScaled: code,
		current: current, maximum: t.maximum,
	})
}

func (a *activity) object() wire.Object {
	out := wire.Object{
		"ActivityId": a.id, "ServiceNamespace": Namespace, "ResourceId": a.service.ResourceID(), "ScalableDimension": Dimension,
		"Description": a.description, "Cause": a.cause, "StartTime": a.start, "EndTime": a.end, "StatusCode": a.status,
	}
	if a.statusMessage != "" {
		out["StatusMessage"] = a.statusMessage
	}
	if a.notScaled != "" {
		out["NotScaledReasons"] = []wire.Object{{"Code": a.notScaled, "MaxCapacity": a.maximum, "CurrentCapacity": a.current}}
	}
	return out
}

// scaledToMaxDetail is the detail of an Application Auto Scaling Scaling Activity
// State Change. AWS sends this event for scaled-to-max only.
type scaledToMaxDetail struct {
	StartTime          string `json:"startTime"`
	EndTime            string `json:"endTime"`
	NewDesiredCapacity int    `json:"newDesiredCapacity"`
	OldDesiredCapacity int    `json:"oldDesiredCapacity"`
	MinCapacity        int    `json:"minCapacity"`
	MaxCapacity        int    `json:"maxCapacity"`
	ResourceID         string `json:"resourceId"`
	ScalableDimension  string `json:"scalableDimension"`
	ServiceNamespace   string `json:"serviceNamespace"`
	StatusCode         string `json:"statusCode"`
	ScaledToMax        bool   `json:"scaledToMax"`
	Direction          string `json:"direction"`
}

func (s *Service) emitScaledToMax(t *target, a *activity, old, desired int) {
	s.account.Publish("aws.application-autoscaling", "Application Auto Scaling Scaling Activity State Change", nil, scaledToMaxDetail{
		StartTime: a.start.Format(account.EventTime), EndTime: a.end.Format(account.EventTime),
		NewDesiredCapacity: desired, OldDesiredCapacity: old, MinCapacity: t.minimum, MaxCapacity: t.maximum,
		ResourceID: t.service.ResourceID(), ScalableDimension: Dimension,
		ServiceNamespace: Namespace, StatusCode: "Successful", ScaledToMax: true, Direction: "scale-out",
	})
}
