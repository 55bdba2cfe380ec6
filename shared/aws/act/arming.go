package act

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// CloudWatch is what making and removing arming alarms takes.
type CloudWatch interface {
	PutMetricAlarm(context.Context, *cloudwatch.PutMetricAlarmInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricAlarmOutput, error)
	DeleteAlarms(context.Context, *cloudwatch.DeleteAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DeleteAlarmsOutput, error)
}

// AlarmManager makes and removes arming alarms. They have no action: EventBridge tells
// of every change of an alarm's state.
type AlarmManager struct{ CloudWatch CloudWatch }

// Put makes the alarm, or makes it what it should be.
func (a *AlarmManager) Put(ctx context.Context, alarm fleet.TriggerAlarm) error {
	_, err := a.CloudWatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName:        aws.String(alarm.Name()),
		AlarmDescription: aws.String(fmt.Sprintf("Homeostat made this alarm and removes it: it calls when %s/%s needs more tasks. See scale.arm in its policy.", alarm.Cluster, alarm.Service)),
		Namespace:        aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Statistic: cwtypes.StatisticAverage,
		Dimensions: []cwtypes.Dimension{
			{Name: aws.String("ClusterName"), Value: aws.String(alarm.Cluster)}, {Name: aws.String("ServiceName"), Value: aws.String(alarm.Service)},
		},
		Period: aws.Int32(int32(alarm.Period / time.Second)), EvaluationPeriods: aws.Int32(1), DatapointsToAlarm: aws.Int32(1),
		Threshold: aws.Float64(alarm.Threshold), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		// A service without tasks has no CPU, and needs no look for it.
		TreatMissingData: aws.String("notBreaching"),
	})
	return fault.FromAWS("making the alarm "+alarm.Name(), err)
}

// Delete removes up to a hundred alarms. One that is gone is no error.
func (a *AlarmManager) Delete(ctx context.Context, names []string) error {
	_, err := a.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: slices.Clone(names)})
	return fault.FromAWS(fmt.Sprintf("removing %d alarms, %s first", len(names), names[0]), err)
}
