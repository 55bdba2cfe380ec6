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

// alarmsLimit is how many alarms one DescribeAlarms takes. No more are read:
// the quota of that call is nine a second for the whole account, and ECS's own
// deployments share it.
const alarmsLimit = 100

// deploymentAlarms are the alarms that the service's deployments watch.
func deploymentAlarms(s *ecstypes.Service) []string {
	if c := s.DeploymentConfiguration; c != nil && c.Alarms != nil && c.Alarms.Enable {
		return c.Alarms.AlarmNames
	}
	return nil
}

// alarms are the named alarms and the service's own, in order of their names.
// An alarm that could not be read is named in the error and left out.
func (o *Observer) alarms(ctx context.Context, named, own []string) ([]fleet.WatchedAlarm, error) {
	names := slices.Concat(named, own)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, nil
	}
	asked := names[:min(len(names), alarmsLimit)]
	out, err := o.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: asked, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm},
		MaxRecords: aws.Int32(alarmsLimit),
	})
	if err != nil {
		return nil, fault.FromAWS("describing the alarms "+strings.Join(names, ", "), err)
	}
	known := map[string]fleet.WatchedAlarm{}
	for _, a := range out.MetricAlarms {
		watched := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
		watched.Takes = takes(a)
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
	return found, unknownAlarms(missing, len(names)-len(asked))
}

// takes is how long what a metric alarm fires for must last: as many periods as
// must breach. One of metric math has its periods elsewhere.
func takes(a cwtypes.MetricAlarm) time.Duration {
	n := aws.ToInt32(a.DatapointsToAlarm)
	if n == 0 {
		n = aws.ToInt32(a.EvaluationPeriods)
	}
	return time.Duration(n) * time.Duration(aws.ToInt32(a.Period)) * time.Second
}

// watchedAlarm is in its state since it went into it; where CloudWatch does not
// say when that was, since its state was last written.
func watchedAlarm(name *string, state cwtypes.StateValue, transitioned, updated *time.Time) fleet.WatchedAlarm {
	since := transitioned
	if since == nil {
		since = updated
	}
	return fleet.WatchedAlarm{Name: aws.ToString(name), State: string(state), Since: aws.ToTime(since).UTC()}
}

func unknownAlarms(missing []string, unasked int) error {
	switch {
	case len(missing) == 0:
		return nil
	case unasked > 0:
		return fmt.Errorf("only %d alarms are read at once, these were not: %s", alarmsLimit, strings.Join(missing, ", "))
	}
	return fmt.Errorf("CloudWatch knows no alarm with these names: %s", strings.Join(missing, ", "))
}
