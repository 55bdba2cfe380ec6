package main

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// stackID is the stack's id in the app, and its name where no other is asked for.
const stackID = "Homeostat"

// newStack is the whole installation in one account and region.
func newStack(scope constructs.Construct, o options) (awscdk.Stack, error) {
	stack := awscdk.NewStack(scope, jsii.String(stackID), &awscdk.StackProps{
		StackName:   jsii.String(o.Name),
		Description: jsii.String("Homeostat keeps Amazon ECS services healthy, sized and up to date."),
	})
	claim := uniqueInstall(stack)
	table := newMemory(stack, o)
	table.Node().AddDependency(claim)
	topic := newNotifications(stack)
	reactions := map[string]worker{}
	for _, function := range contract.Functions() {
		r, err := newWorker(stack, function, o)
		if err != nil {
			return nil, err
		}
		r.logs.Node().AddDependency(claim)
		reactions[function] = r
	}
	sweep := reactions[contract.FunctionSweep]
	at := arns{
		table: *table.TableArn(), index: indexOf(table),
		timers: *sweep.queue.QueueArn(), topic: *topic.TopicArn(),
		alarms:  arnsOf(stack, "cloudwatch", *stack.Account()) + "alarm:*",
		made:    arnsOf(stack, "cloudwatch", *stack.Account()) + "alarm:" + contract.AlarmPrefix + "*",
		ecs:     arnsOf(stack, "ecs", *stack.Account()),
		groups:  arnsOf(stack, "logs", *stack.Account()) + "log-group:",
		targets: arnsOf(stack, "application-autoscaling", *stack.Account()) + "scalable-target/*",
		// Images often live in an account of their own, whose repositories decide
		// who may look at them.
		ecr: arnsOf(stack, "ecr", "*"),
	}
	for _, function := range contract.Functions() {
		reactions[function].setEnvironment(o, *stack.Account(), table, sweep.queue, topic)
		reactions[function].grant(at, o)
	}
	newRules(stack, o, reactions)
	newTimers(stack, sweep)
	operators := newFreezePolicy(stack, o, table)
	alarms := newAlarms(stack, topic, reactions)
	newOutputs(stack, table, topic, operators, reactions)
	if !o.NoDashboard {
		board := newDashboard(stack, reactions, alarms)
		awscdk.NewCfnOutput(stack, jsii.String("DashboardName"), &awscdk.CfnOutputProps{
			Description: jsii.String("What Homeostat does, in CloudWatch."), Value: board.DashboardName(),
		})
	}
	return stack, nil
}
