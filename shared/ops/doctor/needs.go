package doctor

import (
	"slices"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// Need is a set of actions that the role of a function needs, with a resource and
// a tag for the simulation.
type Need struct {
	Actions  []string
	Resource string
	// Tag is the value of the service's tag homeostat:mode. It is nil if the
	// permission has no condition on it.
	Tag *string
}

// Needs returns the actions that the role of a function needs. A test of the
// stack compares them with the granted ones.
func Needs(in Installation, function string) []Need {
	home := in.Home
	partition := home.Partition
	if partition == "" && home.Region != "" {
		partition = fleet.PartitionOf(home.Region)
	}
	arn := func(service, resource string) string {
		return "arn:" + partition + ":" + service + ":" + home.Region + ":" + home.ID + ":" + resource
	}
	const any = "any/any"
	act := "act"
	service := arn("ecs", "service/"+any)
	needs := []Need{
		{Actions: []string{"ecs:DescribeServices", "ecs:ListServiceDeployments"}, Resource: service},
		{Actions: []string{"ecs:DescribeServiceDeployments"}, Resource: arn("ecs", "service-deployment/"+any+"/1")},
		{Actions: []string{"ecs:DescribeServiceRevisions"}, Resource: arn("ecs", "service-revision/"+any+"/1")},
		{
			Actions: []string{
				"ecs:DescribeTaskDefinition", "cloudwatch:GetMetricData",
				"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
			}, Resource: "*",
		},
		{Actions: []string{"ecr:DescribeImages"}, Resource: arn("ecr", "repository/any")},
		{Actions: []string{"ecs:UpdateService"}, Resource: service, Tag: &act},
		{
			Actions:  []string{"ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"},
			Resource: arn("ecs", "service-deployment/"+any+"/1"), Tag: &act,
		},
		{Actions: []string{"application-autoscaling:RegisterScalableTarget"}, Resource: arn("application-autoscaling", "scalable-target/any")},
		{Actions: []string{"ecs:StopTask"}, Resource: arn("ecs", "task/"+any), Tag: &act},
		{Actions: []string{"ecs:DescribeTasks", "ecs:GetTaskProtection"}, Resource: arn("ecs", "task/"+any)},
		{Actions: []string{"ecs:ListTasks"}, Resource: arn("ecs", "container-instance/"+any)},
		{Actions: []string{"cloudwatch:DescribeAlarms"}, Resource: arn("cloudwatch", "alarm:any")},
		{
			Actions: []string{
				"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem", "dynamodb:Query",
				"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem",
			},
			Resource: arn("dynamodb", "table/"+in.Table.Name),
		},
		{Actions: []string{"sns:Publish"}, Resource: in.Topic.ARN},
	}
	for _, q := range in.Queues {
		if q.Function == contract.FunctionSweep && !q.Dead {
			needs = append(needs, Need{Actions: []string{"sqs:SendMessage"}, Resource: q.ARN})
		}
	}
	if function == contract.FunctionHeal {
		needs = append(needs, Need{Actions: []string{"ecs:ListContainerInstances"}, Resource: arn("ecs", "cluster/any")})
	}
	if function == contract.FunctionHeal || function == contract.FunctionRedeploy || function == contract.FunctionSweep {
		needs = append(needs, Need{Actions: []string{"ecs:ListClusters", "ecs:ListServices"}, Resource: "*"})
	}
	if function == contract.FunctionSweep {
		needs = append(needs, Need{
			Actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"}, Resource: arn("cloudwatch", "alarm:"+fleet.TriggerAlarmPrefix+any),
		})
	}
	return append(needs, in.optionalNeeds(function, arn)...)
}

// optionalNeeds returns the actions of the options that are on for a function, and of
// the policy.
func (in Installation) optionalNeeds(function string, arn func(service, resource string) string) []Need {
	on := func(variable string) bool {
		return slices.ContainsFunc(in.Functions, func(f Function) bool { return f.Name == function && f.Environment[variable] == "true" })
	}
	var needs []Need
	if on(contract.EnvPin) {
		needs = append(needs, Need{Actions: []string{"ecs:RegisterTaskDefinition"}, Resource: arn("ecs", "task-definition/any:*")})
	}
	if restoresImages(in) {
		needs = append(needs, Need{Actions: []string{"ecr:UpdateImageStorageClass"}, Resource: arn("ecr", "repository/any")})
	}
	if on(contract.EnvSourceDates) {
		needs = append(needs,
			Need{Actions: []string{"ssm:DescribeParameters"}, Resource: "*"},
			Need{Actions: []string{"secretsmanager:DescribeSecret"}, Resource: arn("secretsmanager", "secret:any")})
	}
	return needs
}

// restoresImages reports whether the policy restores archived images of any service.
func restoresImages(in Installation) bool {
	p := in.Policy.Parsed
	return p != nil && slices.ContainsFunc(in.Services, func(s Service) bool { return p.For(s.Ref, s.Tags, "").RestoreImages })
}
