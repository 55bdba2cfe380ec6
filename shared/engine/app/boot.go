// Package app wires the engine to AWS. It does so at each cold start of a function,
// and in the same way for rehearsals and demonstrations. So a rehearsal runs the
// deployed code.
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
	"homeostat/shared/engine"
	"homeostat/shared/engine/runtime"
	"homeostat/shared/engine/sweep"

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

// Main runs the function until Lambda ends it. A function that cannot start prints
// the reason to standard error and exits, so that Lambda shows it.
func Main(function string) {
	settings, err := ReadSettings(function, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, function+": "+err.Error())
		os.Exit(1)
	}
	deps, options := Assemble(Config(os.Getenv), settings, os.Stdout, lambdacontext.NewLogger(lambdacontext.WithFunctionARN()))
	options.Policy, options.Fault = readCompiled(settings.PolicyPath)
	if options.Fault != nil {
		options.Log.Error("the policy cannot be read, so no action will be taken", "error", options.Fault)
	}
	options.Parallel, options.Pause = parallelEvaluations, pause
	options.Owner = function + "/" + os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")
	e, err := engine.New(deps, options)
	if err != nil {
		fmt.Fprintln(os.Stderr, function+": "+err.Error())
		os.Exit(1)
	}
	lambda.Start(e.Invoke)
}

// pause waits for a time, or until the invocation ends.
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

// readCompiled reads the compiled policy of the bundle. A function reads no YAML,
// so it contains no YAML reader.
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

// ReadPolicy reads a policy file. An empty path gives the built-in default with the
// mode observe.
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

// Assemble builds the dependencies of the engine on real clients, and the options
// that the settings give. The caller adds the policy; metrics are written to out.
func Assemble(cfg aws.Config, s Settings, out io.Writer, log *slog.Logger) (engine.Deps, engine.Options) {
	ecsClient := ecs.NewFromConfig(cfg)
	scaling := applicationautoscaling.NewFromConfig(cfg)
	watch := cloudwatch.NewFromConfig(cfg)
	registry := ecr.NewFromConfig(cfg)
	store := &record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: s.Table}
	keeper := &act.Keeper{ECS: ecsClient, Store: store}
	observer := &observe.Observer{
		ECS: ecsClient, ECR: registry, CloudWatch: watch,
		Scaling: scaling, Region: s.Home.Region,
	}
	deps := engine.Deps{
		Observer:     observer,
		Services:     observer,
		Loads:        observer,
		Alarms:       observer,
		AlarmManager: &act.AlarmManager{CloudWatch: watch},
		Actor:        &act.Actor{ECS: ecsClient, Scaling: scaling, ECR: registry, Kept: keeper},
		Keeper:       keeper,
		Store:        store,
		Metrics:      &record.Metrics{Out: out, Namespace: s.Namespace, Function: s.Function},
		Notifier:     &record.Notifier{SNS: sns.NewFromConfig(cfg), Topic: s.Topic},
		Timers:       &record.Timers{SQS: sqs.NewFromConfig(cfg), Queue: s.TimerQueue},
	}
	if s.SourceDates {
		observer.Sources = observe.SourceDates{Config: cfg, Now: time.Now}
	}
	if s.Logs {
		deps.Logs = &observe.LogReader{Logs: observe.CloudWatchLogs{Config: cfg, Now: time.Now}}
	}
	return deps, engine.Options{
		Rules: runtime.Rules{Limit: s.Limit, NoRegistration: s.NoRegistration}, Pace: sweep.Pace{Every: time.Minute},
		Home: s.Home, Accounts: s.Accounts, Function: s.Function, Now: time.Now, Log: log,
	}
}
