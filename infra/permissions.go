package main

import (
	"slices"

	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// permission is one row of the table of what functions may do.
type permission struct {
	actions    []string
	resources  []string
	conditions map[string]any
	// functions are those that may; none is all of them. Whoever holds a
	// service's lease decides for all that has happened to it, so most rows are
	// for all functions.
	functions []string
	// usedBy is the code that needs it.
	usedBy string
}

// arns are the ARNs that the table of permissions speaks of.
type arns struct {
	table, index, timers, topic, logs, alarms string
	// made are the alarms that Homeostat makes itself.
	made string
	// ecs and ecr begin the ARNs of these services.
	ecs, ecr string
	// targets are the scalable targets of Application Auto Scaling.
	targets string
	// groups begins the ARNs of log groups.
	groups string
}

// permissions is the table. "*" stands only where AWS knows no resource.
func permissions(at arns, o options) []permission {
	services, definitions := at.ecs+"service/*", at.ecs+"task-definition/*"
	deployments, tasks, hosts := at.ecs+"service-deployment/*", at.ecs+"task/*", at.ecs+"container-instance/*"
	rows := append(reading(at), []permission{
		{
			actions: []string{"ecs:UpdateService"}, resources: []string{services}, conditions: mayAct(),
			usedBy: "act: scaling, redeploying, rolling back",
		},
		{
			actions:   []string{"ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"},
			resources: []string{services, deployments}, conditions: mayAct(),
			usedBy: "act: rolling back a deployment in progress, answering its hooks",
		},
		{
			actions: []string{"application-autoscaling:RegisterScalableTarget"}, resources: []string{at.targets},
			conditions: map[string]any{"StringEquals": map[string]any{
				"application-autoscaling:service-namespace": "ecs", "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
			}},
			usedBy: "act: suspending AWS's own scaling policies, where the policy says scale.own",
		},
		{
			actions: []string{"ecs:StopTask"}, resources: []string{tasks}, conditions: mayAct(),
			usedBy: "act: replacing a task; it carries the tag where the service propagates its own",
		},
		{
			actions: []string{
				"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem",
				"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem",
			},
			resources: []string{at.table},
			usedBy:    "record.Store; a transaction is authorised by its parts",
		},
		{actions: []string{"dynamodb:Query"}, resources: []string{at.table, at.index}, usedBy: "record.Store: evidence and episodes"},
		{actions: []string{"sqs:SendMessage"}, resources: []string{at.timers}, usedBy: "record.Timers"},
		{actions: []string{"sns:Publish"}, resources: []string{at.topic}, usedBy: "record.Notifier"},
		{actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, resources: []string{at.logs}, usedBy: "Lambda itself"},
		alarmManagement(at),
	}...)
	if o.DrainHosts {
		rows = append(rows, permission{
			// Every service has tasks on a host, also those that are not enrolled.
			actions: []string{"ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"}, resources: []string{hosts},
			usedBy: "act: draining a host on which alone tasks die",
		})
	}
	if len(o.LogGroups) > 0 {
		row := permission{actions: []string{"logs:GetLogEvents"}, usedBy: "observe.LogReader: what a task wrote before it died"}
		for _, group := range o.LogGroups {
			row.resources = append(row.resources, at.groups+group+":log-stream:*")
		}
		rows = append(rows, row)
	}
	if o.Pin {
		rows = append(rows, pinning(definitions, tasks, o.PassRoles)...)
	}
	return rows
}

// alarmManagement is what the alarms take by which services call.
func alarmManagement(at arns) permission {
	return permission{
		actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"}, resources: []string{at.made},
		functions: []string{contract.FunctionSweep},
		usedBy:    "act.Armer: making and removing them",
	}
}

// reading is what looking at a service takes.
func reading(at arns) []permission {
	services, tasks := at.ecs+"service/*", at.ecs+"task/*"
	deployments, revisions := at.ecs+"service-deployment/*", at.ecs+"service-revision/*"
	return []permission{
		{
			actions: []string{"ecs:DescribeServices", "ecs:ListServiceDeployments"}, resources: []string{services},
			usedBy: "observe.Observer, act.Actor",
		},
		{
			actions: []string{"ecs:DescribeServiceDeployments"}, resources: []string{services, deployments},
			usedBy: "observe: history of deployments",
		},
		{
			actions: []string{"ecs:DescribeServiceRevisions"}, resources: []string{services, revisions},
			usedBy: "observe: what each revision ran",
		},
		{
			actions: []string{"ecs:DescribeTaskDefinition"}, resources: []string{"*"},
			usedBy: "observe: images of a revision; act: pinning",
		},
		{
			actions: []string{"ecs:ListClusters", "ecs:ListServices"}, resources: []string{"*"},
			functions: []string{contract.FunctionRedeploy, contract.FunctionSweep},
			usedBy:    "observe.Part: the roster of the enrolled services; a push or a tick names none",
		},
		{
			actions: []string{"ecr:DescribeImages"}, resources: []string{at.ecr + "repository/*"},
			usedBy: "observe: does the image still exist, and what does the tag point to?",
		},
		{
			actions:   []string{"cloudwatch:GetMetricData", "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"},
			resources: []string{"*"},
			usedBy:    "observe: load and bounds",
		},
		{
			actions: []string{"cloudwatch:DescribeAlarms"}, resources: []string{at.alarms},
			usedBy: "observe: the alarms that speak against a revision",
		},
		{
			// AWS holds the listing of tasks against the hosts of the cluster.
			actions: []string{"ecs:ListTasks"}, resources: []string{at.ecs + "container-instance/*"},
			usedBy: "observe: the running tasks of a service",
		},
		{
			actions: []string{"ecs:DescribeTasks", "ecs:GetTaskProtection"}, resources: []string{tasks},
			usedBy: "observe, act: the age of tasks, and whether they may be stopped",
		},
	}
}

// pinning is what registering a task definition takes. Together with
// UpdateService it is the right to run any container with the roles that may
// be passed, so it is given only for roles that a person has named.
func pinning(definitions, tasks string, roles []string) []permission {
	return []permission{
		{actions: []string{"ecs:RegisterTaskDefinition"}, resources: []string{definitions}, usedBy: "act: pinning"},
		{
			actions: []string{"ecs:RunTask"}, resources: []string{definitions},
			conditions: map[string]any{"StringLike": map[string]any{"aws:RequestTag/" + contract.TagProbe: "?*"}},
			usedBy:     "act: one task of a revision is tried before the service goes back to it",
		},
		{
			actions: []string{"ecs:TagResource"}, resources: []string{definitions, tasks},
			conditions: map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": []string{"RegisterTaskDefinition", "RunTask"}}},
			usedBy:     "act: a pinned revision is tagged with what it was copied from, a probe with its service",
		},
		{
			actions: []string{"iam:PassRole"}, resources: roles,
			conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
			usedBy:     "act: a pinned revision and a probe keep their roles",
		},
	}
}

// mayAct is the condition of every change: the service's own tag permits it,
// or is empty and leaves it to the policy. So AWS too holds back what a
// mistaken decision would touch.
func mayAct() map[string]any {
	return map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/" + contract.TagMode: []string{"act", ""}}}
}

// grant gives the function its rows of the table.
func (r worker) grant(at arns, o options) {
	at.logs = *r.logs.LogGroupArn()
	for _, row := range permissions(at, o) {
		if !row.holdsFor(r.name) {
			continue
		}
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(row.actions...), Resources: jsii.Strings(row.resources...)}
		if row.conditions != nil {
			props.Conditions = &row.conditions
		}
		r.role.AddToPolicy(awsiam.NewPolicyStatement(props))
	}
}

func (p permission) holdsFor(function string) bool {
	return len(p.functions) == 0 || slices.Contains(p.functions, function)
}

// arnsOf begins the ARNs of an AWS service in the stack's region.
func arnsOf(stack awscdk.Stack, service, account string) string {
	return "arn:" + *stack.Partition() + ":" + service + ":" + *stack.Region() + ":" + account + ":"
}
