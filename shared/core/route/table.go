package route

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// always are the deciders that answer nearly every kind.
const always = Remedy | Answer | Redeploy | Uncap

// Of returns the row of a kind. A kind without a row gets one with the finder
// Discarded.
func Of(kind fleet.TriggerKind) Route {
	r := row(kind)
	r.Kind = kind
	return r
}

// row is the table: one case for each trigger kind.
func row(kind fleet.TriggerKind) Route {
	//exhaustive:enforce
	switch kind {
	case fleet.TaskStopped, fleet.TaskStopping:
		return ofTask(CauseOfStop)
	case fleet.TaskRunning:
		return ofTask(NoCause)
	case fleet.DeploymentStarted:
		return ofDeployment(Heal|Stuck|Unwatched|always, true)
	case fleet.DeploymentCompleted, fleet.DeploymentFailed:
		return ofDeployment(Heal|always, false)
	case fleet.HookWaiting:
		return Route{
			Rules: [2]string{"hook-waiting"}, Source: "ECS: a deployment waits at a lifecycle hook",
			Find: ByName, Reads: ReadsDeployment, Answers: Heal | always,
		}
	case fleet.ServiceAction:
		return Route{
			Rules: [2]string{"service-action"}, Source: "ECS: a warning or error of a service",
			Find: ByName, Reads: ReadsDeployment, Cause: CauseOfNotice, Answers: Heal | Stuck | Unwatched | always, MayBeSelfTriggered: true,
		}
	case fleet.AlarmChanged:
		return Route{
			Rules: [2]string{"alarm"}, Source: "CloudWatch: an alarm changed its state",
			Find: ByAlarm, Reads: ReadsAlarm, Answers: Heal | Scale | always,
		}
	case fleet.ScaledToMax:
		return Route{
			Rules: [2]string{"scaled-to-max"}, Source: "Application Auto Scaling: the maximum is reached",
			Find: ByName, Reads: ReadsLoad, Answers: Scale | always,
		}
	case fleet.ImagePush:
		return ofPush("image-push")
	case fleet.ImageReplicated:
		return ofPush("image-replicated")
	case fleet.SpotWarning, fleet.TaskRetirement, fleet.HealthIssue, fleet.DaemonChanged:
		return ofNotice(kind)
	case fleet.ImageScan:
		// No rule delivers scans: docs/triggers.md gives the reason.
		return Route{Source: "ECR or Inspector: an image was scanned", Find: Discarded, Reads: ReadsNothing}
	case fleet.Tick:
		return Route{
			Source: "Homeostat: its schedule or a timer", Find: BySweep, Reads: ReadsSweep,
			Answers: Heal | Stuck | Unwatched | Recycle | Scale | always, Scheduled: true,
		}
	case fleet.Ignored:
	}
	return Route{Source: "any source: the event asks for nothing", Find: Discarded, Reads: ReadsNothing}
}

func ofTask(cause CauseReader) Route {
	return Route{
		Rules: [2]string{"task-changed"}, Source: "ECS: a task of a service changed", Find: ByName,
		Reads: ReadsDeployment, Cause: cause, Answers: Heal | always,
	}
}

func ofDeployment(answers Decider, selfTriggered bool) Route {
	return Route{
		Rules: [2]string{"service-action"}, Source: "ECS: a service deployment changed", Find: ByName,
		Reads: ReadsDeployment, Answers: answers, MarksChanged: true, MayBeSelfTriggered: selfTriggered,
	}
}

func ofPush(rule string) Route {
	return Route{
		Rules: [2]string{rule}, Source: "ECR: an image has a new tag",
		Find: ByRepository, Reads: ReadsRevisions, Answers: always,
	}
}

// ofNotice returns the rows of events about instances and AWS itself.
func ofNotice(kind fleet.TriggerKind) Route {
	switch kind {
	case fleet.SpotWarning:
		return Route{
			Rules: [2]string{"spot-warning"}, Source: "EC2: a Spot instance ends in two minutes",
			Find: ByInstance, Reads: ReadsDeployment, Cause: CauseSpot, Answers: Heal | always,
		}
	case fleet.HealthIssue:
		return Route{
			Rules: [2]string{"health-issue"}, Source: "AWS Health: a service of AWS has an operational issue",
			Find: ByRegion, Reads: ReadsNothing, Answers: Remedy,
		}
	case fleet.DaemonChanged:
		return Route{
			Rules: [2]string{"daemon"}, Source: "ECS: a managed daemon fails on an instance, or is deployed",
			Find: ByCluster, Reads: ReadsNothing, Answers: Remedy,
		}
	default:
		return Route{
			Rules: [2]string{"task-retirement"}, Source: "AWS Health: tasks will be retired",
			Find: ByTask, Reads: ReadsDeployment, Cause: CauseRetirement, Answers: Heal | always,
		}
	}
}

// Rules lists the EventBridge rules. Only events of the accounts match; without accounts the bus
// decides.
func Rules(accounts ...string) []Rule {
	rules := []Rule{
		{"task-changed", contract.FunctionHeal, "a task of a service runs, is ending or has stopped", pattern("aws.ecs",
			detail{
				"group":      either{{"prefix": "service:"}},
				"lastStatus": list{"RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"},
			}, "ECS Task State Change")},
		{"service-action", contract.FunctionHeal, "ECS warns of a service, or a deployment changes", pattern("aws.ecs",
			detail{"$or": either{
				{"eventType": list{"WARN", "ERROR"}},
				{"eventName": either{{"prefix": "SERVICE_DEPLOYMENT_"}}},
			}}, "ECS Service Action", "ECS Deployment State Change")},
		{"hook-waiting", contract.FunctionHeal, "a deployment waits for an answer", pattern("aws.ecs",
			detail{"eventName": list{"HOOK_AWAITING_ACTION"}}, "ECS Hook State Change")},
		{"spot-warning", contract.FunctionHeal, "a Spot instance will be taken back", pattern("aws.ec2",
			detail{"instance-action": list{"terminate", "stop", "hibernate"}}, "EC2 Spot Instance Interruption Warning")},
		{"task-retirement", contract.FunctionHeal, "AWS will retire tasks", pattern("aws.health",
			detail{"service": list{"ECS"}, "eventTypeCode": list{"AWS_ECS_TASK_PATCHING_RETIREMENT"}}, "AWS Health Event")},
		{"health-issue", contract.FunctionHeal, "a service of AWS has an operational issue", pattern("aws.health",
			detail{"service": fleet.IssueServices(), "eventTypeCategory": list{"issue"}}, "AWS Health Event")},
		{"daemon", contract.FunctionHeal, "a managed daemon fails or is deployed", pattern("aws.ecs",
			detail{"eventName": either{{"prefix": "DAEMON_"}}}, "ECS Daemon Service Action", "ECS Daemon Deployment State Change")},
		{"alarm", contract.FunctionScale, "an alarm changed its state", pattern("aws.cloudwatch",
			detail{"state": detail{"value": list{"ALARM", "OK"}}}, "CloudWatch Alarm State Change")},
		{"scaled-to-max", contract.FunctionScale, "Application Auto Scaling can go no higher", pattern("aws.application-autoscaling",
			detail{"resourceId": either{{"prefix": "service/"}}}, "Application Auto Scaling Scaling Activity State Change")},
		{"image-push", contract.FunctionRedeploy, "an image was pushed under a tag", pattern("aws.ecr",
			detail{"action-type": list{"PUSH"}, "result": list{"SUCCESS"}, "image-tag": either{{"exists": true}}}, "ECR Image Action")},
		{"image-replicated", contract.FunctionRedeploy, "an image arrived by replication", pattern("aws.ecr",
			detail{"action-type": list{"REPLICATE"}, "result": list{"SUCCESS"}}, "ECR Replication Action")},
	}
	if len(accounts) > 0 {
		for i := range rules {
			rules[i].Pattern["account"] = accounts
		}
	}
	return rules
}
