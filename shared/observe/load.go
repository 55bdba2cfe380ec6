package observe

import (
	"context"
	"time"

	"homeostat/shared/fault"
	"homeostat/shared/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// cpuWindow is how far back the CPU metric is asked for: one-minute data is
// visible one to three minutes late.
const cpuWindow = 6 * time.Minute

// cpu is the newest average CPU utilisation of the service, in percent. At is
// the end of the minute that it is about.
func (o *Observer) cpu(ctx context.Context, ref fleet.ServiceRef, now time.Time) fleet.Reading {
	out, err := o.CloudWatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-cpuWindow).Truncate(time.Minute)),
		EndTime:   aws.Time(now),
		ScanBy:    cwtypes.ScanByTimestampDescending,
		MetricDataQueries: []cwtypes.MetricDataQuery{{
			Id: aws.String("cpu"),
			MetricStat: &cwtypes.MetricStat{
				Stat: aws.String("Average"), Period: aws.Int32(60),
				Metric: &cwtypes.Metric{
					Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"),
					Dimensions: []cwtypes.Dimension{
						{Name: aws.String("ClusterName"), Value: aws.String(ref.Cluster)},
						{Name: aws.String("ServiceName"), Value: aws.String(ref.Service)},
					},
				},
			},
		}},
	})
	if err != nil {
		return fleet.Unknown(fault.FromAWS("reading the CPU metric", err).Error())
	}
	return newest(out)
}

func newest(out *cloudwatch.GetMetricDataOutput) fleet.Reading {
	reading := fleet.Unknown("CloudWatch has no datapoint of the last minutes")
	for _, r := range out.MetricDataResults {
		for i := range min(len(r.Timestamps), len(r.Values)) {
			if at := r.Timestamps[i].Add(time.Minute); !reading.Known || at.After(reading.At) {
				reading = fleet.Known(r.Values[i], at, "CPUUtilization, 1 min average")
			}
		}
	}
	return reading
}

// scaling is what Application Auto Scaling holds on the service's count.
func (o *Observer) scaling(ctx context.Context, ref fleet.ServiceRef) (fleet.Scaling, error) {
	id := "service/" + ref.Cluster + "/" + ref.Service
	targets, err := o.Scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceIds: []string{id},
		ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
	})
	if err != nil {
		return fleet.Scaling{}, fault.FromAWS("describing the scalable target of "+ref.String(), err)
	}
	if len(targets.ScalableTargets) == 0 {
		return fleet.Scaling{}, nil
	}
	t := targets.ScalableTargets[0]
	s := fleet.Scaling{Registered: true, Min: int(aws.ToInt32(t.MinCapacity)), Max: int(aws.ToInt32(t.MaxCapacity))}
	if u := t.SuspendedState; u != nil {
		s.Suspended = aws.ToBool(u.DynamicScalingInSuspended) && aws.ToBool(u.DynamicScalingOutSuspended)
	}
	policies, err := o.Scaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: aws.String(id),
	})
	if err != nil {
		return s, fault.FromAWS("describing the scaling policies of "+ref.String(), err)
	}
	for _, p := range policies.ScalingPolicies {
		s.Policies = append(s.Policies, aws.ToString(p.PolicyName))
	}
	return s, nil
}
