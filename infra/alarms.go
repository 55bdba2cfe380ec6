package main

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// operations is the page that every alarm names, with one section for each kind.
const operations = "docs/operations.md"

// alarm is one alarm of the stack.
type alarm struct {
	id string
	// anchor is the section of the page, about what the description says first.
	anchor, about string
	metric        awscloudwatch.Metric
	threshold     float64
	periods       int
	below         bool
	missing       awscloudwatch.TreatMissingData
}

const (
	// oldMinutes stands above the longest delay of a timer, a quarter of an hour.
	oldMinutes = 30
	// silent periods of watchMinutes each are a stopped heart.
	silentPeriods = 3
	watchMinutes  = 5
)

// newAlarms watches the watcher: each alarm goes to the topic.
func newAlarms(scope constructs.Construct, topic awssns.ITopic, reactions map[string]worker) (made []interfacesawscloudwatch.IAlarmRef) {
	here := constructs.NewConstruct(scope, jsii.String("Alarms"))
	action := awscloudwatchactions.NewSnsAction(topic)
	all := []alarm{heartbeat(reactions[contract.FunctionSweep]), brokenPolicy()}
	for _, function := range contract.Functions() {
		all = append(all, alarmsOf(reactions[function])...)
	}
	for _, a := range all {
		made = append(made, a.make(here, action))
	}
	return made
}

func alarmsOf(r worker) []alarm {
	quiet := awscloudwatch.TreatMissingData_NOT_BREACHING
	name := title(r.name)
	return []alarm{
		{
			id: name + "DeadLetters", anchor: "dead-letters", about: "messages for " + r.name + " were given up",
			metric: r.dead.MetricApproximateNumberOfMessagesVisible(every(1, "Maximum")), threshold: 1, periods: 1, missing: quiet,
		},
		{
			id: name + "Errors", anchor: "errors", about: r.name + " ends with errors",
			metric: r.function.MetricErrors(every(5, "Sum")), threshold: 1, periods: 1, missing: quiet,
		},
		{
			id: name + "Throttles", anchor: "throttles", about: r.name + " is throttled by Lambda",
			metric: r.function.MetricThrottles(every(5, "Sum")), threshold: 1, periods: 3, missing: quiet,
		},
		{
			id: name + "Age", anchor: "old-messages", about: "messages for " + r.name + " wait too long",
			metric:    r.queue.MetricApproximateAgeOfOldestMessage(every(5, "Maximum")),
			threshold: oldMinutes * 60, periods: 1, missing: quiet,
		},
		{
			id: name + "Denied", anchor: "denied", about: "AWS denies " + r.name + " a call",
			metric: ofFunction(contract.MetricDenied, r.name, every(5, "Sum")), threshold: 1, periods: 1, missing: quiet,
		},
	}
}

// brokenPolicy asks the sweep only: all functions hold the same policy, and it
// is the one that is surely called.
func brokenPolicy() alarm {
	return alarm{
		id: "PolicyBroken", anchor: "policy-broken", about: "the policy cannot be read and nothing is acted on",
		metric:    ofFunction(contract.MetricPolicyBroken, contract.FunctionSweep, every(watchMinutes, "Sum")),
		threshold: 1, periods: 1, missing: awscloudwatch.TreatMissingData_NOT_BREACHING,
	}
}

// heartbeat breaches on silence: a function that is not called reports nothing.
func heartbeat(sweep worker) alarm {
	return alarm{
		id: "Heartbeat", anchor: "no-heartbeat", about: "the sweep was not called for a quarter of an hour",
		metric: sweep.function.MetricInvocations(every(watchMinutes, "Sum")), threshold: 1, periods: silentPeriods, below: true,
		missing: awscloudwatch.TreatMissingData_BREACHING,
	}
}

func (a alarm) make(scope constructs.Construct, action awscloudwatch.IAlarmAction) awscloudwatch.IAlarm {
	comparison := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
	if a.below {
		comparison = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
	}
	made := awscloudwatch.NewAlarm(scope, jsii.String(a.id), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String("Homeostat: " + a.about + ". See " + operations + "#" + a.anchor),
		Metric:             a.metric,
		Threshold:          jsii.Number(a.threshold),
		EvaluationPeriods:  jsii.Number(a.periods),
		ComparisonOperator: comparison,
		TreatMissingData:   a.missing,
	})
	made.AddAlarmAction(action)
	return made
}

func every(minutes int, statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(minutes)), Statistic: jsii.String(statistic)}
}
