// Package app wires the pipeline to AWS: once per cold start of a function,
// and in the same way for rehearsals and demonstrations, so that what is
// rehearsed is what is deployed.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"homeostat/shared/aws/act"
	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine/pipeline"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// looksInParallel is how many looks a sweep takes at once: they mostly wait.
const looksInParallel = 8

// Main runs the function until Lambda ends it. A function that cannot start
// says why on standard error and exits, so that Lambda shows the sentence.
func Main(function string) {
	settings, err := ReadSettings(function, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, function+": "+err.Error())
		os.Exit(1)
	}
	p := Assemble(Config(os.Getenv), settings, os.Stdout, lambdacontext.NewLogger(lambdacontext.WithFunctionARN()))
	p.Policy, p.PolicyFault = readCompiled(settings.PolicyPath)
	if p.PolicyFault != nil {
		p.Log.Error("the policy cannot be read, nothing will be acted on", "error", p.PolicyFault)
	}
	p.Parallel, p.Pause = looksInParallel, pause
	p.Owner = function + "/" + os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")
	lambda.Start(p.Invoke)
}

// pause waits, unless the invocation ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readCompiled reads the policy as the stack bundled it. A function reads no
// YAML, so that it does not carry a reader of it.
func readCompiled(path string) (*policy.Policy, error) {
	if path == "" {
		return policy.Default(), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.ReadCompiled(data)
}

// ReadPolicy reads the policy file that a person wrote. No path is the built-in
// default: observe.
func ReadPolicy(path string) (*policy.Policy, error) {
	if path == "" {
		return policy.Default(), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.Parse(path, data)
}

// Assemble builds the pipeline on real clients. The caller sets the policy;
// metrics are written to out.
func Assemble(cfg aws.Config, s Settings, out io.Writer, log *slog.Logger) *pipeline.Pipeline {
	ecsClient := ecs.NewFromConfig(cfg)
	store := &record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: s.Table}
	scaling := applicationautoscaling.NewFromConfig(cfg)
	watch := cloudwatch.NewFromConfig(cfg)
	observer := &observe.Observer{
		ECS: ecsClient, ECR: ecr.NewFromConfig(cfg), CloudWatch: watch,
		Scaling: scaling, Region: s.Home.Region,
	}
	p := &pipeline.Pipeline{
		Observer:       observer,
		Services:       observer,
		Inventories:    store,
		Loads:          observer,
		Alarms:         observer,
		AlarmManager:   &act.AlarmManager{CloudWatch: watch},
		AlarmIndexes:   store,
		Every:          time.Minute,
		Actor:          &act.Actor{ECS: ecsClient, Scaling: scaling},
		Evidence:       store,
		Leases:         store,
		Memories:       store,
		Demands:        store,
		FailureReports: store,
		FreezeStore:    store,
		Intents:        store,
		Journal:        store,
		Metrics:        &record.Metrics{Out: out, Namespace: s.Namespace, Function: s.Function},
		Notifier:       &record.Notifier{SNS: sns.NewFromConfig(cfg), Topic: s.Topic},
		Timers:         &record.Timers{SQS: sqs.NewFromConfig(cfg), Queue: s.TimerQueue},
		Limit:          s.Limit,
		Home:           s.Home,
		Accounts:       s.Accounts,
		Function:       s.Function,
		Owner:          s.Function,
		Now:            time.Now,
		Log:            log,
	}
	if s.Logs {
		p.Logs = &observe.LogReader{Logs: observe.CloudWatchLogs{Config: cfg, Now: time.Now}}
	}
	return p
}
