package observe

import (
	"context"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// TriggerAlarms reads one page of the existing trigger alarms, by name. An alarm
// that someone changed is returned as the zero alarm. next is empty after the last
// page.
func (o *Observer) TriggerAlarms(ctx context.Context, page string) (standing map[string]fleet.TriggerAlarm, next string, err error) {
	in := &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(fleet.TriggerAlarmPrefix), AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm},
		MaxRecords: aws.Int32(alarmsLimit),
	}
	if page != "" {
		in.NextToken = aws.String(page)
	}
	out, err := o.CloudWatch.DescribeAlarms(ctx, in)
	if err != nil {
		return nil, "", fault.FromAWS("describing the alarms "+fleet.TriggerAlarmPrefix, err)
	}
	standing = map[string]fleet.TriggerAlarm{}
	for i := range out.MetricAlarms {
		standing[aws.ToString(out.MetricAlarms[i].AlarmName)] = triggerAlarm(&out.MetricAlarms[i])
	}
	return standing, aws.ToString(out.NextToken), nil
}

func triggerAlarm(a *cwtypes.MetricAlarm) fleet.TriggerAlarm {
	own := map[string]string{}
	for _, d := range a.Dimensions {
		own[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	unchanged := aws.ToString(a.Namespace) == namespaceECS && aws.ToString(a.MetricName) == "CPUUtilization" && string(a.Statistic) == average &&
		a.ComparisonOperator == cwtypes.ComparisonOperatorGreaterThanThreshold && aws.ToString(a.TreatMissingData) == "notBreaching" &&
		aws.ToInt32(a.EvaluationPeriods) == 1 && aws.ToInt32(a.DatapointsToAlarm) <= 1 && len(own) == 2
	if !unchanged {
		return fleet.TriggerAlarm{}
	}
	return fleet.TriggerAlarm{
		Cluster: own["ClusterName"], Service: own["ServiceName"], Threshold: aws.ToFloat64(a.Threshold),
		Period: time.Duration(aws.ToInt32(a.Period)) * time.Second,
	}
}

// Bounds returns the target and policies of Application Auto Scaling for the
// service.
func (o *Observer) Bounds(ctx context.Context, ref fleet.ServiceRef) (fleet.Scaling, error) {
	return o.scaling(ctx, ref)
}
