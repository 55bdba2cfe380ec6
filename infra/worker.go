package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/policy"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	memoryMB       = 256
	timeoutSeconds = 60
	// visibilityFactor is AWS's advice for queues of Lambda functions. It leaves
	// time for a batch and for its throttled retries.
	visibilityFactor = 6
	maxReceives      = 5
	batchSize        = 10
	// sweepBatchSize gives each shard of the inventory its own invocation.
	sweepBatchSize = 1
	// maxConcurrency keeps bursts of events below the limit of ECS, five
	// UpdateService calls a second for the whole account.
	maxConcurrency = 5
	// keepDead is the longest retention of SQS, in days.
	keepDead = 14
	// policyFile is the name of the compiled policy beside the bootstrap.
	policyFile = "homeostat.json"
)

// worker is a function with its queue, dead-letter queue, role and logs.
type worker struct {
	name     string
	queue    awssqs.Queue
	dead     awssqs.Queue
	function awslambda.Function
	role     awsiam.Role
	logs     awslogs.LogGroup
}

// newWorker creates the queue, its dead-letter queue and the function.
func newWorker(scope constructs.Construct, name string, o options) (worker, error) {
	here := constructs.NewConstruct(scope, jsii.String(title(name)))
	r := worker{name: name}
	r.dead = newQueue(here, "DeadLetters", &awssqs.QueueProps{RetentionPeriod: awscdk.Duration_Days(jsii.Number(keepDead))})
	r.queue = newQueue(here, "Queue", &awssqs.QueueProps{
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(visibilityFactor * timeoutSeconds)),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: r.dead, MaxReceiveCount: jsii.Number(maxReceives)},
	})
	// The default role of the CDK may write to every log group.
	r.role = awsiam.NewRole(here, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String("Homeostat's function " + name),
	})
	r.logs = newLogs(here, o)
	code, err := bundled(name, o)
	if err != nil {
		return r, err
	}
	r.function = awslambda.NewFunction(here, jsii.String("Function"), r.props(code, o))
	r.function.AddEventSource(awslambdaeventsources.NewSqsEventSource(r.queue, &awslambdaeventsources.SqsEventSourceProps{
		BatchSize:               jsii.Number(batchOf(name)),
		MaxConcurrency:          jsii.Number(concurrency(o)),
		ReportBatchItemFailures: jsii.Bool(true),
	}))
	return r, nil
}

// props returns the properties of the function.
func (r worker) props(code awslambda.Code, o options) *awslambda.FunctionProps {
	props := &awslambda.FunctionProps{
		Description:   jsii.String("Homeostat: " + r.name),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       jsii.String("bootstrap"),
		Code:          code,
		MemorySize:    jsii.Number(memoryMB),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(timeoutSeconds)),
		Role:          r.role,
		LogGroup:      r.logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Tracing:       awslambda.Tracing_DISABLED,
	}
	if o.X86 {
		props.Architecture = awslambda.Architecture_X86_64()
	}
	if o.Tracing {
		props.Tracing = awslambda.Tracing_ACTIVE
	}
	if o.Concurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(o.Concurrency)
	}
	return props
}

// setEnvironment sets the environment of the function. It omits empty values.
func (r worker) setEnvironment(o options, account string, table awsdynamodb.Table, timers awssqs.Queue, topic awssns.Topic) {
	environment := map[string]string{
		contract.EnvAccount:     account,
		contract.EnvTable:       *table.TableName(),
		contract.EnvTimerQueue:  *timers.QueueUrl(),
		contract.EnvNotifyTopic: *topic.TopicArn(),
		contract.EnvMode:        o.Mode,
		contract.EnvPin:         strconv.FormatBool(o.Pin),
	}
	if o.Policy != "" {
		environment[contract.EnvPolicy] = policyFile
	}
	if len(o.LogGroups) > 0 {
		environment[contract.EnvLogs] = "true"
	}
	if o.SourceDates {
		environment[contract.EnvSourceDates] = "true"
	}
	if len(o.Accounts) > 0 {
		environment[contract.EnvAccounts] = strings.Join(append([]string{account}, o.Accounts...), ",")
	}
	maps.Copy(environment, o.Endpoints)
	for name, value := range environment {
		if value != "" {
			r.function.AddEnvironment(jsii.String(name), jsii.String(value), nil)
		}
	}
}

// newQueue creates an encrypted queue that requires TLS.
func newQueue(scope constructs.Construct, id string, props *awssqs.QueueProps) awssqs.Queue {
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	props.EnforceSSL = jsii.Bool(true)
	return awssqs.NewQueue(scope, jsii.String(id), props)
}

func newLogs(scope constructs.Construct, o options) awslogs.LogGroup {
	removal := awscdk.RemovalPolicy_RETAIN
	if o.Ephemeral {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	return awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: removal,
	})
}

func batchOf(function string) int {
	if function == contract.FunctionSweep {
		return sweepBatchSize
	}
	return batchSize
}

// concurrency returns the maximum concurrency of the queue. It never exceeds the
// reserved concurrency, because SQS counts throttled receives of a message.
func concurrency(o options) int {
	if o.Concurrency > 0 {
		return min(o.Concurrency, maxConcurrency)
	}
	return maxConcurrency
}

// bundled returns the code of the function, with the compiled policy if there is
// one.
func bundled(name string, o options) (awslambda.Code, error) {
	built := filepath.Join(o.Dist, name)
	if o.Policy == "" {
		return awslambda.Code_FromAsset(jsii.String(built), nil), nil
	}
	// The CDK copies the folder when it creates the function, and main removes it.
	staged, err := os.MkdirTemp(o.Staging, name+"-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the bundle of %s: %w", name, err)
	}
	if err := os.CopyFS(staged, os.DirFS(built)); err != nil {
		return nil, fmt.Errorf("bundling %s: %w", name, err)
	}
	data, err := os.ReadFile(o.Policy)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	rules, err := policy.Parse(filepath.Base(o.Policy), data)
	if err != nil {
		return nil, err
	}
	compiled, err := rules.Compiled()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(staged, policyFile), compiled, 0o644); err != nil {
		return nil, fmt.Errorf("bundling the policy: %w", err)
	}
	return awslambda.Code_FromAsset(jsii.String(staged), nil), nil
}

// title returns a name with a capital first letter.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
