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

// operations is the page in the description of every alarm. It has one section for
// each kind of alarm.
const operations = "docs/operations.md"

// alarm describes one alarm of the stack.
type alarm struct {
	id string
	// anchor is the section of the page, and about begins the description.
	anchor, about string
	metric        awscloudwatch.Metric
	threshold     float64
	periods       int
	below         bool
	missing       awscloudwatch.TreatMissingData
}

const (
	// oldMinutes is twice the longest delay of a timer, 15 minutes.
	oldMinutes = 30
	// silentPeriods of watchMinutes each without an invocation raise the alarm.
	silentPeriods = 3
	watchMinutes  = 5
)

// newAlarms creates the alarms on Homeostat itself. Each one notifies the topic.
func newAlarms(scope constructs.Construct, topic awssns.ITopic, workers map[string]worker) (made []interfacesawscloudwatch.IAlarmRef) {
	here := constructs.NewConstruct(scope, jsii.String("Alarms"))
	action := awscloudwatchactions.NewSnsAction(topic)
	all := []alarm{heartbeat(workers[contract.FunctionSweep]), brokenPolicy()}
	for _, function := range contract.Functions() {
		all = append(all, alarmsOf(workers[function])...)
	}
	for _, a := range all {
		made = append(made, a.make(here, action))
	}
	return made
}

// alarmsOf returns the alarms of one function and its queues.
func alarmsOf(r worker) []alarm {
	quiet := awscloudwatch.TreatMissingData_NOT_BREACHING
	name := title(r.name)
	return []alarm{
		{
			id: name + "DeadLetters", anchor: "dead-letters", about: "messages for " + r.name + " could not be processed",
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

// brokenPolicy watches only the sweep, because all functions have the same policy
// and the sweep runs each minute.
func brokenPolicy() alarm {
	return alarm{
		id: "PolicyBroken", anchor: "policy-broken", about: "the policy cannot be read, so no action is taken",
		metric:    ofFunction(contract.MetricPolicyBroken, contract.FunctionSweep, every(watchMinutes, "Sum")),
		threshold: 1, periods: 1, missing: awscloudwatch.TreatMissingData_NOT_BREACHING,
	}
}

// heartbeat breaches on missing data, because a function without invocations has
// no metrics.
func heartbeat(sweep worker) alarm {
	return alarm{
		id: "Heartbeat", anchor: "no-heartbeat", about: "the sweep was not invoked for 15 minutes",
		metric: sweep.function.MetricInvocations(every(watchMinutes, "Sum")), threshold: 1, periods: silentPeriods, below: true,
		missing: awscloudwatch.TreatMissingData_BREACHING,
	}
}

// make creates the alarm with its action.
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
