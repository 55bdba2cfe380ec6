package inspect_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/ops/doctor"
	"homeostat/shared/ops/inspect"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// services adds two services to the account, one of them enrolled and running.
func (c *cloud) services() {
	c.sim.AddCluster("shop")
	c.sim.PushImage("shop/web", "stable", ecssim.Behaviour{})
	arn, err := c.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: c.sim.RegistryHost() + "/shop/web:stable"}},
	})
	require.NoError(c.t, err)
	for name, tags := range map[string]map[string]string{"web": {contract.TagMode: ""}, "worker": nil} {
		_, err = c.sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: name, TaskDefinition: arn, Desired: 1, Tags: tags, Alarms: []string{"web-cpu-high"}})
		require.NoError(c.t, err)
	}
	require.NoError(c.t, c.sim.RegisterScalableTarget("shop", "web", 1, 5))
	require.NoError(c.t, c.sim.PutTargetTracking("shop", "web", "cpu-70", 70))
	for name, service := range map[string]string{"web-cpu-high": "web", "gone-cpu-high": "gone"} {
		require.NoError(c.t, c.sim.PutAlarm(wire.Object{
			"AlarmName": name, "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
			"Period": 60, "EvaluationPeriods": 2, "Threshold": 90.0, "ComparisonOperator": "GreaterThanThreshold",
			"Dimensions": []wire.Object{{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": service}},
		}))
	}
	c.sim.RunUntil(time.Now())
}

func TestAnInstallationIsReadCompletely(t *testing.T) {
	c := newCloud(t)
	c.services()
	in, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
	require.NoError(t, err)
	require.Empty(t, in.Unread)

	assert.Equal(t, account, in.Home.ID)
	assert.Equal(t, "UPDATE_COMPLETE", in.Stack.Status)
	assert.Equal(t, doctor.Table{Name: "memory", Status: "ACTIVE", Expires: true}, in.Table)
	assert.Equal(t, []fleet.Freeze{{Scope: "account", Frozen: true}}, in.Freezes)
	assert.Equal(t, 1, in.Topic.Confirmed)
	assert.Equal(t, 1, in.Topic.Pending)
	assert.Len(t, in.Rules, len(route.Rules())+1, "the rules and the schedule")
	assert.Equal(t, []string{"arn:aws:sqs:eu-central-1:123456789012:heal"}, in.Rules[0].Targets)

	require.Len(t, in.Functions, 4)
	heal := in.Functions[0]
	assert.Equal(t, "heal", heal.Name)
	assert.Equal(t, 5, *heal.Reserved)
	assert.Equal(t, []doctor.Source{{ID: "u-heal", State: "Enabled", Queue: "arn:aws:sqs:eu-central-1:123456789012:heal"}}, heal.Sources)
	require.NotNil(t, in.Policy.Parsed)
	assert.Equal(t, policy.Propose, modeOf(in.Policy.Parsed))
	assert.Len(t, in.Policy.Hash, 64)

	require.Len(t, in.Queues, 8)
	assert.Equal(t, doctor.Queue{ARN: "arn:aws:sqs:eu-central-1:123456789012:heal-dead", URL: c.url + "/123456789012/heal-dead", Name: "heal-dead", Function: "heal", Dead: true}, in.Queues[1])

	require.Len(t, in.Services, 2)
	for _, service := range in.Services {
		assert.Equal(t, []string{"web-cpu-high"}, service.Alarms)
		require.NotNil(t, service.Scaling)
		assert.Equal(t, service.Ref.Service == "web", service.Scaling.Steered(), service.Ref.String())
	}
	for _, a := range in.Alarms {
		if a.Name == "web-cpu-high" {
			assert.WithinDuration(t, time.Now(), a.Data.At, 5*time.Minute, "the metric is read")
		}
		if a.Name == "gone-cpu-high" {
			assert.True(t, a.Data.Known && a.Data.At.IsZero(), "a metric without values is known to have none")
		}
	}
}

func TestTheDoctorExaminesTheReading(t *testing.T) {
	c := newCloud(t)
	c.services()
	c.denied["ecs:UpdateService"] = true
	c.sim.Bus().Send("heal-dead", "{}", 0)
	c.sim.RunUntil(c.sim.Now().Add(time.Second))
	in, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
	require.NoError(t, err)
	found := map[string]doctor.Finding{}
	for _, f := range doctor.Examine(in, time.Now()) {
		found[f.Check+" "+f.Subject] = f
	}
	assert.Equal(t, "holds 1 undelivered messages", found["dead-letters heal-dead"].What)
	assert.Equal(t, "its role lacks ecs:UpdateService (implicitDeny)", found["permissions heal"].What)
	assert.Equal(t, "can never fire: the cluster shop has no service gone", found["alarms gone-cpu-high"].What)
	assert.Equal(t, doctor.Broken, found["heartbeat "].Severity, "the sweep was never invoked")
	assert.Contains(t, found["services shop/web"].What, "policies of Application Auto Scaling set its desired count")
}

func TestTheHeartbeatIsLambdasOwnCount(t *testing.T) {
	c := newCloud(t)
	now := time.Now().Truncate(time.Minute)
	c.sim.Server().Handle("monitoring", "GetMetricData", func(in wire.Object) (wire.Object, error) {
		var results []wire.Object
		for _, q := range in.Objects("MetricDataQueries") {
			stat := q.Object("MetricStat")
			assert.Equal(t, []wire.Object{{"Name": "FunctionName", "Value": "Homeostat-sweep"}}, stat.Object("Metric").Objects("Dimensions"))
			values := map[string][]float64{"Invocations": {0, 1, 1}, "Duration": {0, 900, 52000}}[stat.Object("Metric").String("MetricName")]
			results = append(results, wire.Object{"Id": q.String("Id"), "Values": values, "Timestamps": []time.Time{now, now.Add(-5 * time.Minute), now.Add(-10 * time.Minute)}})
		}
		return wire.Object{"MetricDataResults": results}, nil
	})
	in, err := c.reader().Read(t.Context(), "Homeostat", now)
	require.NoError(t, err)
	assert.Equal(t, now.Add(-5*time.Minute).UTC(), in.Heartbeat.At.UTC(), "a minute without an invocation is no heartbeat")
	assert.Equal(t, 52*time.Second, in.Heartbeat.Longest)
	assert.Equal(t, time.Minute, in.Functions[3].Timeout)
}

func TestADeniedPartIsUnknown(t *testing.T) {
	for operation, checks := range map[string][]string{
		"DescribeStacks":           {"stack"},
		"ListStackResources":       {"stack"},
		"SimulatePrincipalPolicy":  {"permissions"},
		"DescribeAlarms":           {"alarms"},
		"DescribeServices":         {"services"},
		"DescribeScalingPolicies":  {"scaling"},
		"GetQueueAttributes":       {"dead-letters"},
		"Query":                    {"switches"},
		"ListSubscriptionsByTopic": {"topic"},
		"ListTargetsByRule":        {"rules"},
		"DescribeTimeToLive":       {"table"},
		"GetMetricData":            {"heartbeat", "alarm-data"},
	} {
		t.Run(operation, func(t *testing.T) {
			c := newCloud(t)
			c.services()
			c.refuse[operation] = true
			in, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
			require.NoError(t, err)
			for _, check := range checks {
				assert.Contains(t, in.Unread[check].Why, "not allowed: "+operation)
				assert.True(t, in.Unread[check].Denied)
			}
			assert.Len(t, in.Unread, len(checks), "%v", in.Unread)
		})
	}
}

func TestOnlyTheTaskDefinitionsOfEnrolledServicesAreRead(t *testing.T) {
	for name, denied := range map[string]bool{"permitted": false, "denied": true} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.services()
			c.refuse["DescribeTaskDefinition"] = denied
			in, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
			require.NoError(t, err)
			require.Empty(t, in.Unread, "it is unknown of one service, not of all")
			for _, s := range in.Services {
				enrolled := s.Ref.Service == "web"
				assert.Equal(t, enrolled && !denied, s.Definition != nil, s.Ref)
				assert.Equal(t, enrolled && denied, s.DefinitionUnread.Denied, s.Ref)
			}
		})
	}
}

func TestARejectedCallerIsAnError(t *testing.T) {
	c := newCloud(t)
	c.refuse["GetCallerIdentity"] = true
	_, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
	assert.ErrorContains(t, err, "reading the identity of the caller")
}

func TestAMissingStackIsNoError(t *testing.T) {
	c := newCloud(t)
	c.missing = true
	in, err := c.reader().Read(t.Context(), "Homeostat", time.Now())
	require.NoError(t, err)
	assert.Equal(t, []doctor.Finding{{
		Severity: doctor.Broken, Check: "stack", Subject: "Homeostat", What: "there is no stack Homeostat in account 123456789012, region eu-central-1",
		Fix: "Give --stack, --region or --profile of the installation, or install it with `cdk deploy`.",
	}}, doctor.Examine(in, time.Now()))
}

func TestTheClockIsComparedWithAWSsOwn(t *testing.T) {
	for name, c := range map[string]struct{ late, ahead time.Duration }{
		"the clocks agree":                {0, 0},
		"this machine is two hours ahead": {-2 * time.Hour, 2 * time.Hour},
		"this machine is an hour behind":  {time.Hour, -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			account := newCloud(t)
			account.late = c.late
			caller, err := account.reader().Caller(t.Context())
			require.NoError(t, err)
			require.True(t, caller.Clock.Known)
			assert.InDelta(t, c.ahead.Seconds(), caller.Clock.Ahead.Seconds(), 2)
		})
	}
}

func TestAnUnreadableBundleStillCountsAsBundled(t *testing.T) {
	c := newCloud(t)
	r := c.reader()
	r.HTTP = &http.Client{Transport: wire.Transport(http.NotFoundHandler())}
	_, resources, err := r.Stack(t.Context(), "Homeostat")
	require.NoError(t, err)
	p, limit, err := r.Policy(t.Context(), resources)
	require.NoError(t, err)
	assert.Equal(t, doctor.Policy{Bundled: true}, p)
	assert.Equal(t, policy.Act, limit)
	assert.Equal(t, "memory", inspect.Table(resources))
	assert.Equal(t, c.url+"/123456789012/sweep", inspect.TimerQueue(resources))
}

func TestABundledPolicyIsReadInEachFormat(t *testing.T) {
	for name, c := range map[string]struct{ file, policy, fault string }{
		"compiled":                            {"homeostat.json", compiled(t, "version: 1\nmode: propose\n"), ""},
		"as YAML, by an older version":        {"homeostat.yaml", "version: 1\nmode: propose\n", ""},
		"as YAML under the name of the other": {"homeostat.json", "version: 1\nmode: propose\n", "deploy the stack again"},
		"with a fault":                        {"homeostat.yaml", "version: 1\nmode: prapose\n", "homeostat.yaml:2:7: mode is"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t)
			cloud.policyFile, cloud.policy = c.file, c.policy
			r := cloud.reader()
			_, resources, err := r.Stack(t.Context(), "Homeostat")
			require.NoError(t, err)
			p, _, err := r.Policy(t.Context(), resources)
			require.NoError(t, err)
			assert.True(t, p.Bundled)
			if c.fault != "" {
				assert.Contains(t, p.Fault, c.fault)
				assert.Nil(t, p.Parsed)
				return
			}
			assert.Empty(t, p.Fault)
			require.NotNil(t, p.Parsed)
			assert.Equal(t, policy.Propose, modeOf(p.Parsed))
		})
	}
}

func TestAnInterruptedReadIsAnError(t *testing.T) {
	c := newCloud(t)
	ctx, cancel := context.WithCancel(t.Context())
	c.sim.Server().Middleware(func(_, operation string) error {
		if operation == "DescribeTable" {
			cancel()
		}
		return nil
	})
	_, err := c.reader().Read(ctx, "Homeostat", time.Now())
	assert.ErrorIs(t, err, context.Canceled)
}

// modeOf returns the mode of an enrolled service.
func modeOf(p *policy.Policy) policy.Mode {
	return p.For(fleet.ServiceRef{}, map[string]string{contract.TagMode: ""}, "").Mode
}
