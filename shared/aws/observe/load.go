package observe

import (
	"context"
	"fmt"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// load reads the needed metrics in one call. With the CPU it reads the scaling of
// Application Auto Scaling. During a deployment that shifts traffic it reads the two
// target groups.
func (o *Observer) load(ctx context.Context, s *fleet.Snapshot, needs fleet.Needs) {
	// While both groups have tasks, they are compared.
	serving := servingGroups(s)
	arms := len(serving) > 1 && len(fleet.Countable(needs.Load.Groups, false)) > 1
	if !needs.CPU && !needs.Memory && !arms {
		return
	}
	source := needs.Load
	source.Ref, source.Memory = s.Ref, source.Memory || needs.Memory
	source.Arms = arms
	// A load that could not be read carries the reason.
	loads, failed := o.Loads(ctx, []fleet.Source{source}, s.At.Add(-loadWindow), s.At)
	l := loads[0]
	if arms {
		s.Arms = fleet.ArmsOf(l.Groups, serving, s.At.Add(-armWindow))
	}
	if needs.Memory {
		s.Memory = newest(l.Memory, "MemoryUtilization", source.Period(), failed)
	}
	if needs.CPU {
		s.Load = l
		s.CPU = newest(l.CPU, "CPUUtilization", source.Period(), failed)
		s.CPUPeak = peak(l.CPU, s.CPU, s.At.Add(-peakWindow))
		var err error
		s.Scaling, err = o.scaling(ctx, s.Ref)
		markUnread(s, "scaling", err)
	}
}

// newest returns the last sample as a reading.
func newest(samples []fleet.Sample, metric string, period time.Duration, err error) fleet.Reading {
	last, ok := fleet.Newest(samples)
	switch {
	case err != nil:
		return fleet.Unknown("reading the metric " + metric + ": " + err.Error())
	case !ok:
		return fleet.Unknown("CloudWatch has no datapoint of the last minutes")
	case period < time.Minute:
		return fleet.Known(last.Value, last.At, fmt.Sprintf("%s, %s average", metric, period))
	}
	return fleet.Known(last.Value, last.At, metric+", 1 min average")
}

// peak returns the highest sample since a time, or the newest if that one is
// unknown.
func peak(samples []fleet.Sample, newest fleet.Reading, since time.Time) fleet.Reading {
	for _, s := range samples {
		if newest.Known && s.Value > newest.Value && s.At.After(since) {
			newest = fleet.Known(s.Value, s.At, newest.Why)
		}
	}
	return newest
}

// scaling returns the target and policies of Application Auto Scaling for the
// service.
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
