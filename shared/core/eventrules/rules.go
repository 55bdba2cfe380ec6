// Package eventrules says which events reach which function: the patterns of the
// EventBridge rules, as tight as they can be, so that nothing that would only
// be dropped is paid for. The stack deploys them, rehearsals match with them.
//
// Every pattern names the source. Custom events may carry any detail-type, but
// no source that begins with "aws.".
package eventrules

import (
	"encoding/json"

	"homeostat/shared/core/contract"
)

// Rule is one EventBridge rule with its target function.
type Rule struct {
	Name     string
	Function string
	// About says what the rule is for, in the words of the rule's description.
	About   string
	Pattern Pattern
}

// Pattern is an EventBridge event pattern.
type Pattern map[string]any

// JSON is the pattern as EventBridge takes it, keys in order.
func (p Pattern) JSON() (json.RawMessage, error) { return json.Marshal(p) }

// All lists the rules. accounts are the accounts whose events count; none
// leaves the account to the bus.
func All(accounts ...string) []Rule {
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
		{"alarm", contract.FunctionScale, "an alarm changed its state", pattern("aws.cloudwatch",
			detail{"state": detail{"value": list{"ALARM", "OK"}}}, "CloudWatch Alarm State Change")},
		{"scaled-to-max", contract.FunctionScale, "Application Auto Scaling can go no higher", pattern("aws.application-autoscaling",
			detail{"resourceId": either{{"prefix": "service/"}}}, "Application Auto Scaling Scaling Activity State Change")},
		{"image-push", contract.FunctionRedeploy, "an image was pushed under a tag", pattern("aws.ecr",
			detail{"action-type": list{"PUSH"}, "result": list{"SUCCESS"}, "image-tag": either{{"exists": true}}}, "ECR Image Action")},
		{"image-replicated", contract.FunctionRedeploy, "an image arrived by replication", pattern("aws.ecr",
			detail{"action-type": list{"REPLICATE"}, "result": list{"SUCCESS"}}, "ECR Replication Action")},
		{"image-scan", contract.FunctionRedeploy, "an image was scanned", pattern("aws.ecr",
			detail{"scan-status": list{"COMPLETE"}}, "ECR Image Scan")},
		{"image-scan-inspector", contract.FunctionRedeploy, "Amazon Inspector scanned an image", pattern("aws.inspector2",
			detail{"repository-name": either{{"exists": true}}, "image-digest": either{{"exists": true}}}, "Inspector2 Scan")},
	}
	if len(accounts) > 0 {
		for i := range rules {
			rules[i].Pattern["account"] = accounts
		}
	}
	return rules
}

type (
	detail = map[string]any
	list   = []string
	either = []map[string]any
)

func pattern(source string, d detail, detailTypes ...string) Pattern {
	return Pattern{"source": []string{source}, "detail-type": detailTypes, "detail": d}
}
