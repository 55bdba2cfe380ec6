package main

import (
	"strings"

	"homeostat/shared/core/route"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/jsii-runtime-go"
)

// The retries of EventBridge for an unreachable queue. The values are its
// defaults.
const (
	eventHours   = 24
	eventRetries = 185
)

// newRules creates the rules. They match events of the stack's own account and of
// the accounts in the options.
func newRules(stack awscdk.Stack, o options, workers map[string]worker) {
	for _, rule := range route.Rules(append([]string{*stack.Account()}, o.Accounts...)...) {
		r := workers[rule.Function]
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

// eventPattern converts a pattern to the type of the CDK. A test compares the
// synthesised pattern with the original, so that no key is lost.
func eventPattern(p route.Pattern) *awsevents.EventPattern {
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

// camel returns a hyphenated name in camel case.
func camel(name string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		out.WriteString(title(part))
	}
	return out.String()
}
