package observe_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestAServiceIsReadAsItIs(t *testing.T) {
	w := newWorld(t)
	w.steady()
	s := w.read(fleet.Needs{})
	require.Len(t, s.Deployments, 1)
	d := s.Deployments[0]
	assert.Regexp(t, `^ecs-svc/\d+$`, d.ID)
	assert.False(t, d.CreatedAt.IsZero())
	assert.False(t, s.CreatedAt.IsZero())
	assert.Equal(t, fleet.Snapshot{
		Ref: fixture.Web(), At: w.Sim.Now(), Found: true, Status: "ACTIVE", CreatedAt: s.CreatedAt, Controller: "ECS", Strategy: s.Strategy,
		Tags: map[string]string{contract.TagMode: "act", "team": "shop"}, Desired: 3, Running: 3, TaskDefinition: "web:1",
		Rebalancing: "ENABLED",
		Breaker:     fleet.Breaker{Enabled: true, Rollback: true},
		Deployments: []fleet.Deployment{{
			ID: d.ID, Status: "PRIMARY", TaskDefinition: "web:1", RolloutState: "COMPLETED", RolloutReason: d.RolloutReason,
			Desired: 3, Running: 3, CreatedAt: d.CreatedAt,
		}},
	}, s)
	assert.Zero(t, w.Sim.Calls("ecs", "ListServiceDeployments").Made, "what is not needed is not read")
	assert.Zero(t, w.Sim.Calls("monitoring", "GetMetricData").Made)
}

func TestAServiceThatIsNotThereIsNotFound(t *testing.T) {
	w := newWorld(t)
	s := w.read(fleet.Needs{Revisions: true, CPU: true})
	assert.Equal(t, fleet.Snapshot{Ref: fixture.Web(), At: w.Sim.Now()}, s)
	_, found, err := w.Tags(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.False(t, found)

	elsewhere := fixture.Web()
	elsewhere.Cluster = "no-such-cluster"
	s, err = w.Snapshot(t.Context(), elsewhere, fleet.Needs{}, w.Sim.Now())
	require.NoError(t, err)
	assert.False(t, s.Found)
}

func TestAServiceThatWasDeletedIsNotFound(t *testing.T) {
	w := newWorld(t)
	w.steady()
	_, err := w.Client.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)})
	require.NoError(t, err)
	w.Run(10 * time.Minute)
	s := w.read(fleet.Needs{Revisions: true})
	assert.False(t, s.Found)
	assert.NotEqual(t, "ACTIVE", s.Status)
	assert.Empty(t, s.History)
}

func TestAServiceThatCannotBeReadIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.Sim.SetThrottle("ecs", "DescribeServices", 1)
	_, err := w.Snapshot(t.Context(), fixture.Web(), fleet.Needs{}, w.Sim.Now())
	require.Error(t, err)
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
	assert.Equal(t, "throttled", fault.CodeOf(err))
	_, _, err = w.Tags(t.Context(), fixture.Web())
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
	_, err = w.Enrolled(t.Context(), fixture.Home())
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
}

// empty is an ECS that returns empty answers.
type empty struct{ *ecs.Client }

func (empty) DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	return &ecs.DescribeServicesOutput{}, nil
}

func TestAnEmptyAnswerIsNotAnAnswer(t *testing.T) {
	w := newWorld(t)
	w.ECS = empty{w.Client}
	_, err := w.Snapshot(t.Context(), fixture.Web(), fleet.Needs{}, w.Sim.Now())
	require.EqualError(t, err, "describing service shop/web: ECS named neither the service nor a failure")
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
	assert.Equal(t, "empty-answer", fault.CodeOf(err))
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	all := fleet.Needs{Revisions: true, CPU: true, Tag: "v1", Repository: "web"}
	for name, c := range map[string]struct {
		service, operation string
		markUnread         []string
	}{
		"the rollouts":        {"ecs", "ListServiceDeployments", []string{"revisions"}},
		"the rollouts' state": {"ecs", "DescribeServiceDeployments", []string{"revisions"}},
		"the revisions":       {"ecs", "DescribeServiceRevisions", []string{"revisions"}},
		"the scalable target": {"application-autoscaling", "DescribeScalableTargets", []string{"scaling"}},
		"the images":          {"ecr", "DescribeImages", []string{"watched"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.steady()
			require.Empty(t, w.read(all).Unread)
			w.Sim.SetThrottle(c.service, c.operation, 1)
			s := w.read(all)
			assert.True(t, s.Found)
			var markUnread []string
			for part, why := range s.Unread {
				markUnread = append(markUnread, part)
				assert.Contains(t, why, "ThrottlingException")
			}
			assert.Equal(t, c.markUnread, markUnread)
		})
	}
}

func TestADeploymentInProgressShowsBoth(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("v2", ecssim.Behaviour{}), 5*time.Second)
	s := w.read(fleet.Needs{Revisions: true})
	require.Len(t, s.Deployments, 2)
	assert.True(t, s.Deploying())
	primary, ok := s.Primary()
	assert.True(t, ok)
	assert.Equal(t, "web:2", primary.TaskDefinition)
	assert.Equal(t, "IN_PROGRESS", primary.RolloutState)
	assert.Equal(t, "ACTIVE", s.Deployments[1].Status)
	assert.Equal(t, "web:1", s.Deployments[1].TaskDefinition)
	assert.Equal(t, "web:2", s.TaskDefinition)
	latest, ok := s.Latest()
	assert.True(t, ok)
	assert.True(t, latest.InProgress())
	assert.False(t, latest.RollingBack())
}

func TestTheCPUIsKnownOnlyWhereItWasMeasured(t *testing.T) {
	w := newWorld(t)
	w.steady()
	require.NoError(t, w.Sim.SetLoad("shop", "web", func(time.Time) float64 { return 150 }, 15*time.Second))
	w.Run(5 * time.Minute)
	s := w.read(fleet.Needs{CPU: true})
	assert.True(t, s.CPU.Known)
	assert.InDelta(t, 50, s.CPU.Value, 2)
	assert.Equal(t, "CPUUtilization, 1 min average", s.CPU.Why)
	assert.True(t, s.CPU.At.Equal(s.CPU.At.Truncate(time.Minute)), "the end of a minute")
	assert.LessOrEqual(t, w.Sim.Now().Sub(s.CPU.At), 4*time.Minute, "the end of the newest minute that could be read")
	assert.False(t, s.CPU.At.After(w.Sim.Now()))

	w.Sim.SetThrottle("monitoring", "GetMetricData", 1)
	s = w.read(fleet.Needs{CPU: true})
	assert.False(t, s.CPU.Known)
	assert.Contains(t, s.CPU.Why, "ThrottlingException")
	assert.Zero(t, s.CPU.Value)
}

func TestCPUAndMemoryAreReadInOneCall(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.Run(5 * time.Minute)
	s := w.read(fleet.Needs{Memory: true})
	assert.True(t, s.Memory.Known)
	assert.Greater(t, s.Memory.Value, 0.0)
	assert.Equal(t, "MemoryUtilization, 1 min average", s.Memory.Why)
	assert.Equal(t, fleet.Reading{}, s.CPU)
	assert.Zero(t, w.Sim.Calls("application-autoscaling", "DescribeScalableTargets").Made)

	s = w.read(fleet.Needs{CPU: true, Memory: true})
	assert.True(t, s.CPU.Known)
	assert.True(t, s.Memory.Known)
	assert.NotEqual(t, s.CPU.Value, s.Memory.Value)
	assert.Equal(t, "CPUUtilization, 1 min average", s.CPU.Why)
	assert.Equal(t, 2, w.Sim.Calls("monitoring", "GetMetricData").Made)

	w.Sim.SetThrottle("monitoring", "GetMetricData", 1)
	s = w.read(fleet.Needs{CPU: true, Memory: true})
	assert.Contains(t, s.CPU.Why, "reading the metric CPUUtilization")
	assert.Contains(t, s.Memory.Why, "reading the metric MemoryUtilization")
	assert.False(t, s.CPU.Known || s.Memory.Known)
}

func TestWhereTasksArePlacedIsRead(t *testing.T) {
	w := newWorld(t)
	w.steady(func(s *ecssim.ServiceSpec) {
		s.Providers = []ecssim.ProviderSpec{{Name: "FARGATE", Base: 1}, {Name: "FARGATE_SPOT", Weight: 4}}
	})
	assert.Equal(t, []fleet.ProviderWeight{{Provider: "FARGATE", Base: 1}, {Provider: "FARGATE_SPOT", Weight: 4}}, w.read(fleet.Needs{}).Providers)
	_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingDisabled,
	})
	require.NoError(t, err)
	assert.Equal(t, "DISABLED", w.read(fleet.Needs{}).Rebalancing)
}

func TestAMetricWithoutDatapointsIsUnknown(t *testing.T) {
	w := newWorld(t)
	w.steady(func(s *ecssim.ServiceSpec) { s.Desired = 0 })
	s := w.read(fleet.Needs{CPU: true})
	assert.Equal(t, fleet.Unknown("CloudWatch has no datapoint of the last minutes"), s.CPU)
	assert.Equal(t, fleet.Scaling{}, s.Scaling)
}

func TestApplicationAutoScalingIsRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	require.NoError(t, w.Sim.RegisterScalableTarget("shop", "web", 2, 8))
	assert.Equal(t, fleet.Scaling{Registered: true, Min: 2, Max: 8}, w.read(fleet.Needs{CPU: true}).Scaling)
	require.NoError(t, w.Sim.PutTargetTracking("shop", "web", "cpu70", 70))
	assert.Equal(t, fleet.Scaling{Registered: true, Min: 2, Max: 8, Policies: []string{"cpu70"}}, w.read(fleet.Needs{CPU: true}).Scaling)
	w.Sim.SetThrottle("application-autoscaling", "DescribeScalingPolicies", 1)
	assert.Contains(t, w.read(fleet.Needs{CPU: true}).Unread, "scaling")
}
