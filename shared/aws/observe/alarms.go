package observe

import (
	"context"
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

// alarms returns the named alarms and the service's own, ordered by name. The error
// names the alarms that could not be read; they are left out.
func (o *Observer) alarms(ctx context.Context, named, own []string) ([]fleet.WatchedAlarm, error) {
	names := slices.Concat(named, own)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, nil
	}
	read := names[:min(len(names), alarmsLimit)]
	out, err := o.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: read, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm},
		MaxRecords: aws.Int32(alarmsLimit),
	})
	if err != nil {
		return nil, fault.FromAWS("describing the alarms "+strings.Join(names, ", "), err)
	}
	known := map[string]fleet.WatchedAlarm{}
	for _, a := range out.MetricAlarms {
		watched := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
		watched.Takes = timeToFire(a)
		known[aws.ToString(a.AlarmName)] = watched
	}
	for _, a := range out.CompositeAlarms {
		known[aws.ToString(a.AlarmName)] = watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
	}
	var found []fleet.WatchedAlarm
	var missing []string
	for _, name := range names {
		a, ok := known[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		a.OfDeployment = slices.Contains(own, name)
		found = append(found, a)
	}
	return found, unknownAlarms(missing, len(names)-len(read))
}

// timeToFire returns the delay of a metric alarm after the start of a condition:
// the periods that must breach. It returns 0 for an alarm of metric math without a
// period of its own.
func timeToFire(a cwtypes.MetricAlarm) time.Duration {
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

func unknownAlarms(missing []string, unread int) error {
	switch {
	case len(missing) == 0:
		return nil
	case unread > 0:
		return fmt.Errorf("only %d alarms are read at once, not read: %s", alarmsLimit, strings.Join(missing, ", "))
	}
	return fmt.Errorf("CloudWatch has no alarm with these names: %s", strings.Join(missing, ", "))
}
