package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// deploymentAlarms returns the alarms that the deployments of the service watch.
func deploymentAlarms(s *ecstypes.Service) []string {
	if c := s.DeploymentConfiguration; c != nil && c.Alarms != nil && c.Alarms.Enable {
		return c.Alarms.AlarmNames
	}
	return nil
}

// alarmTypes are the types that DescribeAlarms is asked for. Each type has a list of
// its own in the answer. TestEachTypeOfAlarmIsRead fails for a new type of the SDK.
func alarmTypes() []cwtypes.AlarmType {
	return []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm, cwtypes.AlarmTypeLogAlarm}
}

// alarms returns the named alarms and the service's own, ordered by name. The error
// names the alarms that could not be read, which are left out, and those that
// CloudWatch cannot evaluate, which have no state.
func (o *Observer) alarms(ctx context.Context, named, own []string, now time.Time) ([]fleet.WatchedAlarm, error) {
	names := slices.Concat(named, own)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, nil
	}
	read := names[:min(len(names), alarmsLimit)]
	out, err := o.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: read, AlarmTypes: alarmTypes(),
		MaxRecords: aws.Int32(alarmsLimit),
	})
	if err != nil {
		return nil, fault.FromAWS("describing the alarms "+strings.Join(names, ", "), err)
	}
	known := knownAlarms(out)
	var found []fleet.WatchedAlarm
	var missing, unevaluated []string
	for _, name := range names {
		a, ok := known[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		if a.Evaluation != "" {
			unevaluated = append(unevaluated, name+" ("+a.Evaluation+")")
		}
		a.OfDeployment = slices.Contains(own, name)
		found = append(found, a)
	}
	o.doubt(ctx, out, found, now)
	return found, errors.Join(unknownAlarms(missing, len(names)-len(read)), unevaluatedAlarms(unevaluated))
}

// knownAlarms returns the alarms of an answer by name.
func knownAlarms(out *cloudwatch.DescribeAlarmsOutput) map[string]fleet.WatchedAlarm {
	known := map[string]fleet.WatchedAlarm{}
	for _, a := range out.MetricAlarms {
		watched := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
		watched.Takes = timeToFire(a)
		known[watched.Name] = evaluated(watched, a.EvaluationState)
	}
	for _, a := range out.CompositeAlarms {
		watched := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
		known[watched.Name] = watched
	}
	for _, a := range out.LogAlarms {
		watched := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
		known[watched.Name] = evaluated(watched, a.EvaluationState)
	}
	return known
}

// evaluated returns the alarm, without a state if CloudWatch cannot evaluate it: the
// state is then older than the trouble, or one of a part of the data. Source: API
// reference of MetricAlarm, EvaluationState.
func evaluated(a fleet.WatchedAlarm, state cwtypes.EvaluationState) fleet.WatchedAlarm {
	if state != "" {
		a.State, a.Evaluation = "", string(state)
	}
	return a
}

// timeToFire returns the delay of a metric alarm after the start of a condition: the
// periods that must breach, or the pending period of a PromQL alarm. It returns 0 for
// an alarm of metric math without a period of its own.
func timeToFire(a cwtypes.MetricAlarm) time.Duration {
	if promQL, ok := a.EvaluationCriteria.(*cwtypes.EvaluationCriteriaMemberPromQLCriteria); ok {
		return time.Duration(aws.ToInt32(promQL.Value.PendingPeriod)) * time.Second
	}
	n := aws.ToInt32(a.DatapointsToAlarm)
	if n == 0 {
		n = aws.ToInt32(a.EvaluationPeriods)
	}
	return time.Duration(n) * time.Duration(aws.ToInt32(a.Period)) * time.Second
}

// watchedAlarm returns an alarm with the time of its last change of state. If
// CloudWatch does not report that time, the time of the last state update takes its
// place.
func watchedAlarm(name *string, state cwtypes.StateValue, transitioned, updated *time.Time) fleet.WatchedAlarm {
	since := transitioned
	if since == nil {
		since = updated
	}
	return fleet.WatchedAlarm{Name: aws.ToString(name), State: string(state), Since: aws.ToTime(since).UTC()}
}

func unevaluatedAlarms(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("CloudWatch cannot evaluate these alarms: %s", strings.Join(names, ", "))
}

func unknownAlarms(missing []string, unread int) error {
	switch {
	case len(missing) == 0:
		return nil
	case unread > 0:
		return fmt.Errorf("only %d alarms are read at once, not read: %s", alarmsLimit, strings.Join(missing, ", "))
	}
	return fmt.Errorf("CloudWatch has no alarm with these names: %s", strings.Join(missing, ", "))
}
