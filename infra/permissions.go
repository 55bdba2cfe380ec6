package main

import (
	"slices"

	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// permission is one row of the table of permissions.
type permission struct {
	actions    []string
	resources  []string
	conditions map[string]any
	// functions lists the permitted functions; empty means all. The owner of a
	// service's lease handles all events of the service, so most rows are for all
	// functions.
	functions []string
	// usedBy names the code that needs the permission.
	usedBy string
}

// arns holds the ARNs in the table of permissions.
type arns struct {
	table, index, timers, topic, logs, alarms string
	// triggerAlarms is the pattern of the alarms that Homeostat creates.
	triggerAlarms string
	// ecs and ecr are the prefixes of the ARNs of these services.
	ecs, ecr string
	// targets is the pattern of the scalable targets of Application Auto Scaling.
	targets string
	// groups is the prefix of the ARNs of log groups.
	groups string
	// secrets is the pattern of the secrets of the account.
	secrets string
}

// permissions returns the table. It has "*" only for actions without a resource
// in AWS.
func permissions(at arns, o options) []permission {
	services, deployments, tasks := at.ecs+"service/*", at.ecs+"service-deployment/*", at.ecs+"task/*"
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
			usedBy: "act: suspending policies of Application Auto Scaling, if the policy sets scale.own",
		},
		{
			actions: []string{"ecs:StopTask"}, resources: []string{tasks}, conditions: mayAct(),
			usedBy: "act: replacing a task; it has the tag if the service propagates its tags",
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
	return append(rows, chosen(at, o)...)
}

// chosen returns the permissions that options add.
func chosen(at arns, o options) (rows []permission) {
	definitions, tasks, hosts := at.ecs+"task-definition/*", at.ecs+"task/*", at.ecs+"container-instance/*"
	if o.DrainHosts {
		rows = append(rows, permission{
			// A host also runs tasks of services that are not enrolled.
			actions: []string{"ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"}, resources: []string{hosts},
			usedBy: "act: draining a host if all failed tasks ran on it",
		})
	}
	if o.RestoreImages {
		rows = append(rows, permission{
			// The same call archives an image. The code only ever asks for the standard class.
			actions: []string{"ecr:UpdateImageStorageClass"}, resources: []string{at.ecr + "repository/*"},
			usedBy: "act: restoring the archived image of a revision to go back to",
		})
	}
	if len(o.LogGroups) > 0 {
		row := permission{actions: []string{"logs:GetLogEvents"}, usedBy: "observe.LogReader: the log tail of a failed task"}
		for _, group := range o.LogGroups {
			row.resources = append(row.resources, at.groups+group+":log-stream:*")
		}
		rows = append(rows, row)
	}
	if o.SourceDates {
		rows = append(rows, sourceDates(at)...)
	}
	if o.Pin {
		rows = append(rows, pinning(definitions, tasks, o.PassRoles)...)
	}
	return rows
}

// sourceDates returns the permissions to read the metadata of parameters and secrets. They
// include no value.
func sourceDates(at arns) []permission {
	const usedBy = "observe.SourceDates: the last changes of the parameters and secrets of a failing revision"
	return []permission{
		{actions: []string{"ssm:DescribeParameters"}, resources: []string{"*"}, usedBy: usedBy},
		{actions: []string{"secretsmanager:DescribeSecret"}, resources: []string{at.secrets}, usedBy: usedBy},
	}
}

// alarmManagement returns the permission to manage trigger alarms.
func alarmManagement(at arns) permission {
	return permission{
		actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"}, resources: []string{at.triggerAlarms},
		functions: []string{contract.FunctionSweep},
		usedBy:    "act.AlarmManager: creating and deleting trigger alarms",
	}
}

// reading returns the permissions to observe a service.
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
			usedBy: "observe: the images of each revision",
		},
		{
			actions: []string{"ecs:DescribeTaskDefinition"}, resources: []string{"*"},
			usedBy: "observe: images of a revision; act: pinning",
		},
		{
			actions: []string{"ecs:ListClusters", "ecs:ListServices"}, resources: []string{"*"},
			functions: []string{contract.FunctionHeal, contract.FunctionRedeploy, contract.FunctionSweep},
			usedBy:    "observe.Part: the inventory of the enrolled services; a push, a Spot warning or a tick names none",
		},
		{
			actions: []string{"ecs:ListContainerInstances"}, resources: []string{at.ecs + "cluster/*"},
			functions: []string{contract.FunctionHeal},
			usedBy:    "observe.Hosted: the container instance of a Spot warning",
		},
		{
			actions: []string{"ecr:DescribeImages"}, resources: []string{at.ecr + "repository/*"},
			usedBy: "observe: the existence of an image and the digest of a tag",
		},
		{
			actions:   []string{"cloudwatch:GetMetricData", "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies"},
			resources: []string{"*"},
			usedBy:    "observe: load and bounds",
		},
		{
			actions: []string{"cloudwatch:DescribeAlarms"}, resources: []string{at.alarms},
			usedBy: "observe: the alarms that count as evidence",
		},
		{
			// AWS checks ListTasks against the hosts of the cluster.
			actions: []string{"ecs:ListTasks"}, resources: []string{at.ecs + "container-instance/*"},
			usedBy: "observe: the running tasks of a service",
		},
		{
			actions: []string{"ecs:DescribeTasks", "ecs:GetTaskProtection"}, resources: []string{tasks},
			usedBy: "observe, act: the ends, the age and the protection of tasks",
		},
	}
}

// pinning returns the permissions to register task definitions. Together with
// UpdateService they permit running any container with the passed roles, so they
// cover only roles that the operator named.
func pinning(definitions, tasks string, roles []string) []permission {
	return []permission{
		{actions: []string{"ecs:RegisterTaskDefinition"}, resources: []string{definitions}, usedBy: "act: pinning"},
		{
			actions: []string{"ecs:RunTask"}, resources: []string{definitions},
			conditions: map[string]any{"StringLike": map[string]any{"aws:RequestTag/" + contract.TagProbe: "?*"}},
			usedBy:     "act: probing a revision before a rollback to it",
		},
		{
			actions: []string{"ecs:TagResource"}, resources: []string{definitions, tasks},
			conditions: map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": []string{"RegisterTaskDefinition", "RunTask"}}},
			usedBy:     "act: tagging a pinned revision with its source, and a probe with its service",
		},
		{
			actions: []string{"iam:PassRole"}, resources: roles,
			conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
			usedBy:     "act: keeping the roles of a pinned revision and of a probe",
		},
	}
}

// mayAct returns the condition of every change: the tag of the service is act, or
// it is empty and the policy decides. So IAM also denies a wrong decision of the
// code.
func mayAct() map[string]any {
	return map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/" + contract.TagMode: []string{"act", ""}}}
}

// grant adds the rows of the table to the role of the function.
func (r worker) grant(at arns, o options) {
	at.logs = *r.logs.LogGroupArn()
	for _, row := range permissions(at, o) {
		if !row.appliesTo(r.name) {
			continue
		}
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(row.actions...), Resources: jsii.Strings(row.resources...)}
		if row.conditions != nil {
			props.Conditions = &row.conditions
		}
		r.role.AddToPolicy(awsiam.NewPolicyStatement(props))
	}
}

// appliesTo reports whether the row is for a function.
func (p permission) appliesTo(function string) bool {
	return len(p.functions) == 0 || slices.Contains(p.functions, function)
}

// arnsOf returns the prefix of the ARNs of an AWS service in the stack's region.
func arnsOf(stack awscdk.Stack, service, account string) string {
	return "arn:" + *stack.Partition() + ":" + service + ":" + *stack.Region() + ":" + account + ":"
}
