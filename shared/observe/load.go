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

// loadWindow is how far back metrics are asked for: one-minute data is visible
// one to three minutes late.
const loadWindow = 6 * time.Minute

// The ids of the metrics in a query.
const (
	cpuID    = "cpu"
	memoryID = "memory"
)

// load reads the metrics that are needed in one call, and with the CPU what
// Application Auto Scaling makes of it.
func (o *Observer) load(ctx context.Context, s *fleet.Snapshot, needs fleet.Needs) {
	var queries []cwtypes.MetricDataQuery
	if needs.CPU {
		queries = append(queries, utilisation(cpuID, "CPUUtilization", s.Ref))
	}
	if needs.Memory {
		queries = append(queries, utilisation(memoryID, "MemoryUtilization", s.Ref))
	}
	if len(queries) == 0 {
		return
	}
	out, err := o.CloudWatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime:         aws.Time(s.At.Add(-loadWindow).Truncate(time.Minute)),
		EndTime:           aws.Time(s.At),
		ScanBy:            cwtypes.ScanByTimestampDescending,
		MetricDataQueries: queries,
	})
	for _, q := range queries {
		reading := fleet.Unknown("CloudWatch has no datapoint of the last minutes")
		if err != nil {
			reading = fleet.Unknown(fault.FromAWS("reading the metric "+aws.ToString(q.MetricStat.Metric.MetricName), err).Error())
		} else if found, ok := newest(out, q); ok {
			reading = found
		}
		if aws.ToString(q.Id) == cpuID {
			s.CPU, s.CPUPeak = reading, peak(out, q, reading)
		} else {
			s.Memory = reading
		}
	}
	if needs.CPU {
		s.Scaling, err = o.scaling(ctx, s.Ref)
		unread(s, "scaling", err)
	}
}

// utilisation asks for one of the service's own metrics, in percent.
func utilisation(id, metric string, ref fleet.ServiceRef) cwtypes.MetricDataQuery {
	return cwtypes.MetricDataQuery{
		Id: aws.String(id),
		MetricStat: &cwtypes.MetricStat{
			Stat: aws.String("Average"), Period: aws.Int32(60),
			Metric: &cwtypes.Metric{
				Namespace: aws.String("AWS/ECS"), MetricName: aws.String(metric),
				Dimensions: []cwtypes.Dimension{
					{Name: aws.String("ClusterName"), Value: aws.String(ref.Cluster)},
					{Name: aws.String("ServiceName"), Value: aws.String(ref.Service)},
				},
			},
		},
	}
}

// newest is the newest value that answers the query. At is the end of the
// minute that it is about. ok is false where there is none.
func newest(out *cloudwatch.GetMetricDataOutput, q cwtypes.MetricDataQuery) (reading fleet.Reading, ok bool) {
	why := aws.ToString(q.MetricStat.Metric.MetricName) + ", 1 min average"
	for _, r := range out.MetricDataResults {
		if aws.ToString(r.Id) != aws.ToString(q.Id) {
			continue
		}
		for i := range min(len(r.Timestamps), len(r.Values)) {
			if at := r.Timestamps[i].Add(time.Minute); !ok || at.After(reading.At) {
				reading, ok = fleet.Known(r.Values[i], at, why), true
			}
		}
	}
	return reading, ok
}

// peak is the highest value that answers the query; the newest where that is
// unknown.
func peak(out *cloudwatch.GetMetricDataOutput, q cwtypes.MetricDataQuery, newest fleet.Reading) fleet.Reading {
	if !newest.Known {
		return newest
	}
	for _, r := range out.MetricDataResults {
		if aws.ToString(r.Id) != aws.ToString(q.Id) {
			continue
		}
		for i := range min(len(r.Timestamps), len(r.Values)) {
			if r.Values[i] > newest.Value {
				newest = fleet.Known(r.Values[i], r.Timestamps[i].Add(time.Minute), newest.Why)
			}
		}
	}
	return newest
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
