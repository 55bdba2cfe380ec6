package ecssim

import (
	"encoding/json"
	"testing"

	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/ecsrule"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// broken is a request that breaks one rule of ECS.
type broken struct{ rule, operation, request, code, message string }

// brokenRules has one request for each rule. The service web:1 runs on Fargate, with
// the port 80 of the container app.
func brokenRules() []broken {
	const (
		define, create, update, run = "RegisterTaskDefinition", "CreateService", "UpdateService", "RunTask"
		start                       = "StartTask"
		client, invalid             = "ClientException", "InvalidParameterException"
		app                         = `"containerDefinitions":[{"name":"app","image":"web","memory":64}]`
		fargate                     = `"requiresCompatibilities":["FARGATE"],` + app
		tags                        = `"tags":[{"key":"AWS:x","value":"y"}]`
		reserved                    = "A tag does not begin with aws:."
		known                       = "A capacity provider exists and belongs to the cluster."
		count                       = "A daemon service has no desired count."
		room                        = "A minimum of 100 percent needs a maximum above it."
		early                       = "Early success criteria are complete, not below the minimum, and rolling only."
		full                        = `"deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":100}`
		ports                       = `"networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"web","memory":64,"portMappings":[{"containerPort":80,"hostPort":81}]}]`
		check                       = `"containerDefinitions":[{"name":"app","image":"web","memory":64,"healthCheck":{"command":["CMD","x"],"interval":4}}]`
		small                       = `"family":"f","cpu":"256","memory":"512","requiresCompatibilities":["FARGATE"],`
		long                        = `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`
		subnet                      = "A network configuration has a subnet."
		nowhere                     = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":[]}}`
		network                     = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s-1"]}}`
	)
	return []broken{
		{"A family has at most 255 letters, digits, hyphens and underscores.", define, `{"family":"a b",` + app + `}`, client, "invalid characters"},
		{"A container has an image.", define, `{"family":"f","containerDefinitions":[{"name":"app","memory":64}]}`, client, "Container.image should not be null"},
		{"No two containers have the same name.", define, `{"family":"f","containerDefinitions":[{"name":"a","image":"i","memory":64},{"name":"a","image":"i","memory":64}]}`, client, `"a" occurs twice`},
		{"At least one container is essential.", define, `{"family":"f","containerDefinitions":[{"name":"a","image":"i","memory":64,"essential":false}]}`, client, "at least one essential"},
		{"Fargate needs the CPU and the memory of the task.", define, `{"family":"f","memory":"512",` + fargate + `}`, client, "'cpu' be defined at the task level"},
		{"Fargate has a table of sizes.", define, `{"family":"f","cpu":"300","memory":"512",` + fargate + `}`, client, "No Fargate configuration exists for given values: 300 CPU, 512 memory"},
		{"Fargate needs the network mode awsvpc.", define, `{"family":"f","cpu":"256","memory":"512","networkMode":"bridge",` + fargate + `}`, client, "network mode 'awsvpc'"},
		{"On EC2 a container or its task has a memory limit.", define, `{"family":"f","containerDefinitions":[{"name":"app","image":"web"}]}`, client, "At least one of 'memory' or 'memoryReservation'"},
		{reserved, define, `{"family":"f",` + app + `,` + tags + `}`, client, "reserved"},
		{"A soft memory limit is at most the hard one.", define, `{"family":"f","containerDefinitions":[{"name":"app","image":"web","memory":64,"memoryReservation":65}]}`, client, "'memoryReservation'"},
		{"In the network mode awsvpc a host port is the port of the container.", define, `{"family":"f",` + ports + `}`, client, "must match"},
		{"The numbers of a health check are in their ranges.", define, `{"family":"f",` + check + `}`, client, "interval for container 'app' must be between 5 and 300"},
		{"Fargate has three log drivers.", define, `{` + small + `"containerDefinitions":[{"name":"app","image":"web","logConfiguration":{"logDriver":"syslog"}}]}`, client, "log driver 'syslog'"},
		{"Fargate has no privileged containers.", define, `{` + small + `"containerDefinitions":[{"name":"app","image":"web","privileged":true}]}`, client, "privileged"},
		{"Fargate waits at most 120 s for the stop of a container.", define, `{` + small + `"containerDefinitions":[{"name":"app","image":"web","stopTimeout":121}]}`, client, "stopTimeout"},
		{"Fargate shares processes within a task only.", define, `{` + small + `"pidMode":"host",` + app + `}`, client, "do not support pidMode 'host'"},
		{"The ephemeral storage has 21 to 200 GiB.", define, `{` + small + `"ephemeralStorage":{"sizeInGiB":20},` + app + `}`, client, "between 21 and 200 GiB"},
		{"startedBy has at most 128 characters.", run, `{"cluster":"shop","taskDefinition":"web:1",` + network + `,"startedBy":"` + long + `"}`, invalid, "128"},
		{"startedBy has at most 128 characters.", start, `{"cluster":"shop","taskDefinition":"web:1",` + network + `,"containerInstances":["i"],"startedBy":"` + long + `"}`, invalid, "128"},
		{"A request names 1 to 10 container instances.", start, `{"cluster":"shop","taskDefinition":"web:1",` + network + `,"containerInstances":[]}`, invalid, "1 to 10"},
		{reserved, start, `{"cluster":"shop","taskDefinition":"web:1",` + network + `,"containerInstances":["i"],` + tags + `}`, invalid, "reserved"},
		{subnet, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + nowhere + `}`, invalid, "subnets can not be empty"},
		{subnet, update, `{"cluster":"shop","service":"web",` + nowhere + `}`, invalid, "subnets can not be empty"},
		{subnet, run, `{"cluster":"shop","taskDefinition":"web:1",` + nowhere + `}`, invalid, "subnets can not be empty"},
		{subnet, start, `{"cluster":"shop","taskDefinition":"web:1","containerInstances":["i"],` + nowhere + `}`, invalid, "subnets can not be empty"},
		{"A protection lasts 1 to 2,880 minutes.", "UpdateTaskProtection", `{"cluster":"shop","tasks":["t"],"protectionEnabled":true,"expiresInMinutes":2881}`, invalid, "between 1 and 2880"},
		{"A service name has at most 255 letters, digits, hyphens and underscores.", create, `{"cluster":"shop","serviceName":"a b","taskDefinition":"web:1",` + network + `}`, invalid, "Invalid service name"},
		{room, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + full + `,` + network + `}`, invalid, "block deployments"},
		{room, update, `{"cluster":"shop","service":"web",` + full + `}`, invalid, "block deployments"},
		{early, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1","deploymentConfiguration":{"earlySuccessCriteria":{"enable":true}},` + network + `}`, invalid, "must be specified"},
		{early, update, `{"cluster":"shop","service":"web","deploymentConfiguration":{"minimumHealthyPercent":80,"earlySuccessCriteria":{"enable":true,"healthyPercent":50,"sourceServiceRevisionCleanup":"DEFERRED"}}}`, invalid, "greater than or equal"},
		{"The network mode awsvpc needs a network configuration.", create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1"}`, invalid, "Network Configuration must be provided"},
		{
			"A load balancer names a container of the task definition and one of its ports.", create,
			`{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + network + `,"loadBalancers":[{"targetGroupArn":"t","containerName":"app","containerPort":81}]}`,
			invalid, "The container app did not have a container port 81 defined.",
		},
		{
			"Fargate has no placement strategies and constraints.", create,
			`{"cluster":"shop","serviceName":"a","taskDefinition":"web:1","launchType":"FARGATE",` + network + `,"placementStrategy":[{"type":"random"}]}`,
			invalid, "Placement strategies are not supported",
		},
		{reserved, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + network + `,` + tags + `}`, invalid, "reserved"},
		{known, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + network + `,"capacityProviderStrategy":[{"capacityProvider":"asg"}]}`, invalid, "asg does not exist"},
		{known, update, `{"cluster":"shop","service":"web","forceNewDeployment":true,"capacityProviderStrategy":[{"capacityProvider":"asg"}]}`, invalid, "asg does not exist"},
		{known, run, `{"cluster":"shop","taskDefinition":"web:1","capacityProviderStrategy":[{"capacityProvider":"asg"}],` + network + `}`, invalid, "asg does not exist"},
		{
			"A changed capacity provider strategy needs a forced deployment.", update,
			`{"cluster":"shop","service":"web","capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}]}`, invalid, "you must force a new deployment",
		},
		{count, create, `{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + network + `,"launchType":"EC2","schedulingStrategy":"DAEMON","desiredCount":1}`, invalid, "does not support a desired count"},
		{count, update, `{"cluster":"shop","service":"agent","desiredCount":1}`, invalid, "does not support a desired count"},
		{
			"A daemon service does not run on Fargate.", create,
			`{"cluster":"shop","serviceName":"a","taskDefinition":"web:1",` + network + `,"launchType":"FARGATE","schedulingStrategy":"DAEMON"}`, invalid, "not supported with the FARGATE launch type",
		},
		{
			"A launch type excludes a capacity provider strategy.", run,
			`{"cluster":"shop","taskDefinition":"web:1","launchType":"FARGATE","capacityProviderStrategy":[{"capacityProvider":"FARGATE"}],` + network + `}`,
			invalid, "both a launch type and capacity provider strategy",
		},
		{reserved, run, `{"cluster":"shop","taskDefinition":"web:1",` + network + `,` + tags + `}`, invalid, "reserved"},
		{"A cluster name has at most 255 letters, digits, hyphens and underscores.", "CreateCluster", `{"clusterName":"a/b"}`, invalid, "Cluster names can only contain"},
		{reserved, "CreateCluster", `{"clusterName":"a",` + tags + `}`, invalid, "reserved"},
		{reserved, "TagResource", `{"resourceArn":"arn:aws:ecs:eu-central-1:123456789012:cluster/shop",` + tags + `}`, invalid, "reserved"},
	}
}

// brokenMetricRules has one request for each rule of CloudWatch.
func brokenMetricRules() []broken {
	const (
		alarm, data, statistics, put = "PutMetricAlarm", "GetMetricData", "GetMetricStatistics", "PutMetricData"
		plain                        = `{"AlarmName":"a","ComparisonOperator":"GreaterThanThreshold","Threshold":1,"EvaluationPeriods":1,"Namespace":"n","MetricName":"m",`
		times                        = `"StartTime":"2026-01-05T06:00:00Z","EndTime":"2026-01-05T07:00:00Z"`
		back                         = `"StartTime":"2026-01-05T07:00:00Z","EndTime":"2026-01-05T07:00:00Z"`
		query                        = `"MetricDataQueries":[{"Id":"m1","MetricStat":{"Metric":{"Namespace":"n","MetricName":"m"},"Stat":"Sum","Period":`
		invalid, bad                 = "ValidationError", "InvalidParameterValueException"
	)
	return []broken{
		{"A period is 10, 20 or 30 s, or a multiple of 60 s.", alarm, plain + `"Statistic":"Sum","Period":45}`, invalid, "Invalid period 45"},
		{"An alarm has a metric or a list of metrics.", alarm, plain + `"Statistic":"Sum","Period":60,"Metrics":[{"Id":"e","Expression":"1"}]}`, invalid, "mutually exclusive"},
		{"An alarm has a statistic or an extended statistic.", alarm, plain + `"Statistic":"Sum","ExtendedStatistic":"p90","Period":60}`, invalid, "mutually exclusive"},
		{"An extended statistic is a percentile or a trimmed value.", alarm, plain + `"ExtendedStatistic":"p200","Period":60}`, bad, "p200"},
		{"Percentiles of few samples are evaluated or ignored.", alarm, plain + `"ExtendedStatistic":"p90","Period":60,"EvaluateLowSampleCountPercentile":"no"}`, invalid, "Option no is not supported"},
		{"Missing data are missing, ignored, breaching or not breaching.", alarm, plain + `"Statistic":"Sum","Period":60,"TreatMissingData":"banana"}`, invalid, "banana"},
		{"An action is an ARN.", alarm, plain + `"Statistic":"Sum","Period":60,"AlarmActions":["hello"]}`, invalid, "Invalid arn syntax: hello"},
		{
			"An alarm looks back a day at most, a week with periods of an hour.", alarm,
			`{"AlarmName":"a","ComparisonOperator":"GreaterThanThreshold","Threshold":1,"EvaluationPeriods":1441,"Statistic":"Sum","Namespace":"n","MetricName":"m","Period":60}`,
			invalid, "86400",
		},
		{"A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", data, `{` + times + `,` + query + `7}}]}`, invalid, "Invalid period 7"},
		{"The end is after the start.", data, `{` + back + `,` + query + `60}}]}`, invalid, "StartTime must not equal"},
		{"A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", statistics, `{` + times + `,"Namespace":"n","MetricName":"m","Statistics":["Sum"],"Period":7}`, bad, "7"},
		{"The end is after the start.", statistics, `{` + back + `,"Namespace":"n","MetricName":"m","Statistics":["Sum"],"Period":60}`, bad, "StartTime must be less"},
		{"A request names statistics or extended statistics.", statistics, `{` + times + `,"Namespace":"n","MetricName":"m","Period":60}`, "InvalidParameterCombinationException", "Must specify either"},
		{"An answer has at most 1,440 data points.", statistics, `{` + times + `,"Namespace":"n","MetricName":"m","Statistics":["Sum"],"Period":1}`, "InvalidParameterCombinationException", "up to 3600 datapoints"},
		{"The data of a reason are JSON.", "SetAlarmState", `{"AlarmName":"a","StateValue":"OK","StateReason":"r","StateReasonData":"{"}`, "InvalidFormat", "not valid JSON"},
		{"A resolution is 1 s or 60 s.", put, `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1,"StorageResolution":5}]}`, bad, "must be 1 or 60"},
		{"A value is a number.", put, `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":"NaN"}]}`, bad, "NaN for parameter MetricData.member.1.Value"},
		{"A datum has a value, values or a set of statistics.", put, `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1,"Values":[1]}]}`, bad, "mutually exclusive"},
		{"There is a count for each value.", put, `{"Namespace":"n","MetricData":[{"MetricName":"m","Values":[1,2],"Counts":[1]}]}`, bad, "of the same size"},
	}
}

// brokenScalingRules has one request for each rule of Application Auto Scaling.
func brokenScalingRules() []broken {
	const (
		put, register = "PutScalingPolicy", "RegisterScalableTarget"
		target        = `"ServiceNamespace":"ecs","ResourceId":"service/shop/web","ScalableDimension":"ecs:service:DesiredCount"`
		policy        = `{"PolicyName":"p",` + target + `,"PolicyType":"StepScaling"`
		steps         = `,"StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[`
		invalid       = "ValidationException"
	)
	return []broken{
		{
			"Step adjustments leave no gap and do not overlap.", put,
			policy + steps + `{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10,"ScalingAdjustment":1},{"MetricIntervalLowerBound":5,"ScalingAdjustment":2}]}}`,
			invalid, "must not overlap",
		},
		{"A policy has the configuration of its type.", put, policy + `}`, invalid, "needs its own configuration"},
		{"The minimum is at most the maximum.", register, `{` + target + `,"MinCapacity":5,"MaxCapacity":2}`, invalid, "cannot be less than minimum"},
	}
}

func TestEveryRuleRefusesARequestThatBreaksIt(t *testing.T) {
	w := newWorld(t, Config{})
	service := "ecs"
	invoke := func(operation, request string) error {
		var in wire.Object
		require.NoError(t, json.Unmarshal([]byte(request), &in), request)
		_, err := w.Server().Invoke(service, operation, in)
		return err
	}
	const port = `"containerDefinitions":[{"name":"app","image":"web:v1","portMappings":[{"containerPort":80}]}]`
	require.NoError(t, invoke("RegisterTaskDefinition", `{"family":"web","cpu":"256","memory":"512","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],`+port+`}`))
	require.NoError(t, invoke("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"web:1","desiredCount":0,
		"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s-1"]}},
		"loadBalancers":[{"targetGroupArn":"t","containerName":"app","containerPort":80}]}`))

	require.NoError(t, invoke("RegisterTaskDefinition", `{"family":"agent","containerDefinitions":[{"name":"agent","image":"agent:1","memory":64}]}`))
	require.NoError(t, invoke("CreateService", `{"cluster":"shop","serviceName":"agent","taskDefinition":"agent:1","launchType":"EC2","schedulingStrategy":"DAEMON"}`))

	for _, of := range []struct {
		service string
		rules   []wire.Rule
		broken  []broken
	}{
		{"ecs", ecsrule.All(nil), brokenRules()},
		{"monitoring", cloudwatch.Rules(), brokenMetricRules()},
		{"application-autoscaling", appautoscaling.Rules(), brokenScalingRules()},
		{"ecr", ecr.Rules(), brokenImageRules()},
	} {
		service = of.service
		tested := map[[2]string]bool{}
		for _, c := range of.broken {
			tested[[2]string{c.operation, c.rule}] = true
			t.Run(c.operation+": "+c.rule, func(t *testing.T) {
				refused, ok := invoke(c.operation, c.request).(*wire.Error) //nolint:errorlint // Invoke returns it as it is
				require.True(t, ok, "the request is accepted")
				assert.Equal(t, c.code, refused.Code)
				assert.Contains(t, refused.Message, c.message)
			})
		}
		for _, r := range of.rules {
			assert.True(t, tested[[2]string{r.Operation, r.Name}], "%s: no request breaks the rule %q", r.Operation, r.Name)
			assert.NotEmpty(t, r.Source, r.Name)
		}
		assert.Len(t, of.rules, len(tested))
	}
}

func TestFargatesSizesAreThoseOfItsTable(t *testing.T) {
	w := newWorld(t, Config{})
	for size, fits := range map[[2]string]bool{
		{"256", "512"}: true, {"256", "2048"}: true, {"256", "1536"}: false, {"512", "4096"}: true, {"512", "5120"}: false,
		{".5 vCPU", "1GB"}: true, {"1 vCPU", "2 GB"}: true, {"4096", "30720"}: true, {"4096", "31744"}: false,
		{"8192", "20480"}: true, {"8192", "21504"}: false, {"16384", "122880"}: true, {"1024", "none"}: false,
	} {
		_, err := w.Server().Invoke("ecs", "RegisterTaskDefinition", wire.Object{
			"family": "f", "cpu": size[0], "memory": size[1], "networkMode": "awsvpc", "requiresCompatibilities": []any{"FARGATE"},
			"containerDefinitions": []any{wire.Object{"name": "app", "image": "web"}},
		})
		assert.Equal(t, fits, err == nil, "%s CPU, %s memory: %v", size[0], size[1], err)
	}
}
