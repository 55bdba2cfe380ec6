package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	sweepMinutes = 1
	// staleMinutes is the age above which EventBridge drops a tick, because later
	// ticks have replaced it.
	staleMinutes = 3
	tickRetries  = 10
)

// newTimers creates the schedule of the sweep. The timers of the functions are
// delayed messages to the same queue.
func newTimers(scope constructs.Construct, sweep worker) awsevents.Rule {
	return awsevents.NewRule(scope, jsii.String("SweepSchedule"), &awsevents.RuleProps{
		Description: jsii.String("Homeostat: refresh the inventory and evaluate the services that need it"),
		Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(sweepMinutes))),
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSqsQueue(sweep.queue, &awseventstargets.SqsQueueProps{
			DeadLetterQueue: sweep.dead,
			MaxEventAge:     awscdk.Duration_Minutes(jsii.Number(staleMinutes)),
			RetryAttempts:   jsii.Number(tickRetries),
		})},
	})
}
