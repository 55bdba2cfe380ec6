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

// CloudWatch is the part that makes and removes trigger alarms.
type CloudWatch interface {
	PutMetricAlarm(context.Context, *cloudwatch.PutMetricAlarmInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricAlarmOutput, error)
	DeleteAlarms(context.Context, *cloudwatch.DeleteAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DeleteAlarmsOutput, error)
}

// AlarmManager makes and removes trigger alarms. The alarms have no action:
// EventBridge delivers every change of their state.
type AlarmManager struct{ CloudWatch CloudWatch }

// Put makes the alarm, or corrects an existing one.
func (a *AlarmManager) Put(ctx context.Context, alarm fleet.TriggerAlarm) error {
	_, err := a.CloudWatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName:        aws.String(alarm.Name()),
		AlarmDescription: aws.String(fmt.Sprintf("Homeostat makes and removes this alarm. It starts an evaluation of %s/%s at a high CPU utilization. See scale.arm in the policy.", alarm.Cluster, alarm.Service)),
		Namespace:        aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Statistic: cwtypes.StatisticAverage,
		Dimensions: []cwtypes.Dimension{
			{Name: aws.String("ClusterName"), Value: aws.String(alarm.Cluster)}, {Name: aws.String("ServiceName"), Value: aws.String(alarm.Service)},
		},
		Period: aws.Int32(int32(alarm.Period / time.Second)), EvaluationPeriods: aws.Int32(alarmPeriods), DatapointsToAlarm: aws.Int32(alarmPeriods),
		Threshold: aws.Float64(alarm.Threshold), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		// A service without tasks has no CPU metric, and needs no evaluation for
		// it.
		TreatMissingData: aws.String("notBreaching"),
	})
	return fault.FromAWS("making the alarm "+alarm.Name(), err)
}

// Delete removes up to 100 alarms. A missing alarm is no error.
func (a *AlarmManager) Delete(ctx context.Context, names []string) error {
	_, err := a.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: slices.Clone(names)})
	return fault.FromAWS(fmt.Sprintf("removing %d alarms, %s first", len(names), names[0]), err)
}
