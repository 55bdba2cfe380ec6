package main

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// stackID is the stack's id in the app and its default name.
const stackID = "Homeostat"

// noPinInfo is printed by the synthesis of a stack that may register no task definition.
const noPinInfo = "In this installation " + contract.WithoutPin + ": " + contract.NotPinning + "."

// newStack creates the whole installation for one account and region.
func newStack(scope constructs.Construct, o options) (awscdk.Stack, error) {
	stack := awscdk.NewStack(scope, jsii.String(stackID), &awscdk.StackProps{
		StackName:   jsii.String(o.Name),
		Description: jsii.String("Homeostat keeps Amazon ECS services healthy, sized and up to date."),
	})
	if !o.Pin {
		awscdk.Annotations_Of(stack).AddInfo(jsii.String(noPinInfo))
	}
	unique := uniqueInstall(stack)
	table := newMemory(stack, o)
	table.Node().AddDependency(unique)
	topic := newNotifications(stack)
	workers := map[string]worker{}
	for _, function := range contract.Functions() {
		r, err := newWorker(stack, function, o)
		if err != nil {
			return nil, err
		}
		r.logs.Node().AddDependency(unique)
		workers[function] = r
	}
	sweep := workers[contract.FunctionSweep]
	at := arns{
		table: *table.TableArn(), index: indexOf(table),
		timers: *sweep.queue.QueueArn(), topic: *topic.TopicArn(),
		alarms:        arnsOf(stack, "cloudwatch", *stack.Account()) + "alarm:*",
		triggerAlarms: arnsOf(stack, "cloudwatch", *stack.Account()) + "alarm:" + contract.AlarmPrefix + "*",
		ecs:           arnsOf(stack, "ecs", *stack.Account()),
		groups:        arnsOf(stack, "logs", *stack.Account()) + "log-group:",
		secrets:       arnsOf(stack, "secretsmanager", *stack.Account()) + "secret:*",
		targets:       arnsOf(stack, "application-autoscaling", *stack.Account()) + "scalable-target/*",
		// Images are often in another account. Its repositories grant the access.
		ecr: arnsOf(stack, "ecr", "*"),
	}
	for _, function := range contract.Functions() {
		workers[function].setEnvironment(o, *stack.Account(), table, sweep.queue, topic)
		workers[function].grant(at, o)
	}
	newRules(stack, o, workers)
	newTimers(stack, sweep)
	operators := newFreezePolicy(stack, o, table)
	alarms := newAlarms(stack, topic, workers)
	newOutputs(stack, table, topic, operators, workers)
	if !o.NoDashboard {
		dashboard := newDashboard(stack, workers, alarms)
		awscdk.NewCfnOutput(stack, jsii.String("DashboardName"), &awscdk.CfnOutputProps{
			Description: jsii.String("The CloudWatch dashboard of Homeostat."), Value: dashboard.DashboardName(),
		})
	}
	return stack, nil
}
