package main

import (
	"strings"

	"homeostat/shared/core/eventrules"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/jsii-runtime-go"
)

// How long EventBridge tries to reach a queue: its own defaults, said aloud.
const (
	eventHours   = 24
	eventRetries = 185
)

// newRules deploys the rules. Events of the stack's own account count, and
// those of the accounts that the options name.
func newRules(stack awscdk.Stack, o options, reactions map[string]worker) {
	for _, rule := range eventrules.All(append([]string{*stack.Account()}, o.Accounts...)...) {
		r := reactions[rule.Function]
		awsevents.NewRule(stack, jsii.String("On"+camel(rule.Name)), &awsevents.RuleProps{
			Description:  jsii.String("Homeostat: " + rule.About),
			EventPattern: eventPattern(rule.Pattern),
			Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSqsQueue(r.queue, &awseventstargets.SqsQueueProps{
				DeadLetterQueue: r.dead,
				MaxEventAge:     awscdk.Duration_Hours(jsii.Number(eventHours)),
				RetryAttempts:   jsii.Number(eventRetries),
			})},
		})
	}
}

// eventPattern says a pattern in the CDK's words. A test compares what is
// synthesised with the pattern itself, so that no key gets lost here.
func eventPattern(p eventrules.Pattern) *awsevents.EventPattern {
	out := &awsevents.EventPattern{Source: strs(p["source"]), DetailType: strs(p["detail-type"]), Account: strs(p["account"])}
	if detail, ok := p["detail"].(map[string]any); ok {
		out.Detail = &detail
	}
	return out
}

func strs(value any) *[]*string {
	values, ok := value.([]string)
	if !ok {
		return nil
	}
	return jsii.Strings(values...)
}

// camel is a name with hyphens as part of an identifier.
func camel(name string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		out.WriteString(title(part))
	}
	return out.String()
}
