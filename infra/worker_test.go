//go:build !race

package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryFunctionHasAQueueAndADeadLetterQueue(t *testing.T) {
	made := synthesised(t, options{})
	assert.Len(t, made.of("AWS::SQS::Queue"), 2*len(contract.Functions()))
	for _, name := range contract.Functions() {
		dead, deadProps := made.only("AWS::SQS::Queue", title(name)+"DeadLetters")
		queue, props := made.only("AWS::SQS::Queue", title(name)+"Queue")
		assert.Equal(t, object{"deadLetterTargetArn": arn(dead), "maxReceiveCount": 5.0}, props["RedrivePolicy"], name)
		assert.Equal(t, 360.0, props["VisibilityTimeout"], name)
		assert.Equal(t, true, props["SqsManagedSseEnabled"], name)
		assert.Equal(t, true, deadProps["SqsManagedSseEnabled"], name)
		assert.Equal(t, 14*86400.0, deadProps["MessageRetentionPeriod"], name)
		for _, id := range []string{queue, dead} {
			assert.True(t, refusesPlainHTTP(made, "AWS::SQS::QueuePolicy", "Queues", id), "%s accepts messages without TLS", id)
		}
	}
}

// refusesPlainHTTP reports whether a resource policy denies requests without TLS.
func refusesPlainHTTP(made template, kind, holders, id string) bool {
	for _, policy := range made.of(kind) {
		p := policy["Properties"].(object)
		if p[holders].([]any)[0].(object)["Ref"] != id {
			continue
		}
		for _, s := range p["PolicyDocument"].(object)["Statement"].([]any) {
			s := s.(object)
			condition, _ := s["Condition"].(object)
			plainHTTP, _ := condition["Bool"].(object)
			if s["Effect"] == "Deny" && plainHTTP["aws:SecureTransport"] == "false" {
				return true
			}
		}
	}
	return false
}

func TestEveryFunctionReadsItsQueue(t *testing.T) {
	made := synthesised(t, options{})
	for _, name := range contract.Functions() {
		queue, _ := made.only("AWS::SQS::Queue", title(name)+"Queue")
		function, _ := made.only("AWS::Lambda::Function", title(name)+"Function")
		_, source := made.only("AWS::Lambda::EventSourceMapping", title(name)+"Function")
		assert.Equal(t, arn(queue), source["EventSourceArn"], name)
		assert.Equal(t, ref(function), source["FunctionName"], name)
		assert.Equal(t, []any{"ReportBatchItemFailures"}, source["FunctionResponseTypes"], name)
		assert.Equal(t, object{"MaximumConcurrency": 5.0}, source["ScalingConfig"], name)
		size := 10.0
		if name == contract.FunctionSweep {
			size = 1 // each shard has an invocation of its own
		}
		assert.Equal(t, size, source["BatchSize"], name)
	}
}

func TestEveryFunctionIsSmallAndLogsForAMonth(t *testing.T) {
	made := synthesised(t, options{})
	for _, name := range contract.Functions() {
		_, p := made.only("AWS::Lambda::Function", title(name)+"Function")
		logs, logProps := made.only("AWS::Logs::LogGroup", title(name)+"Logs")
		assert.Equal(t, "provided.al2023", p["Runtime"], name)
		assert.Equal(t, []any{"arm64"}, p["Architectures"], name)
		assert.Equal(t, 256.0, p["MemorySize"], name)
		assert.Equal(t, 60.0, p["Timeout"], name)
		assert.Equal(t, object{"LogFormat": "JSON", "LogGroup": ref(logs)}, p["LoggingConfig"], name)
		assert.NotContains(t, p, "TracingConfig", name)
		assert.NotContains(t, p, "ReservedConcurrentExecutions", name)
		assert.Equal(t, 30.0, logProps["RetentionInDays"], name)
	}
}

func TestTheEnvironmentNamesTheResourcesOfTheStack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte("version: 1\nmode: observe\n"), 0o600))
	for name, c := range map[string]struct {
		o     options
		extra object
	}{
		"by default there is no cap, no policy and no registration": {options{}, object{contract.EnvPin: "false"}},
		"the context sets a policy, a cap and accounts": {
			options{Policy: file, Mode: "propose", Accounts: []string{"222222222222"}, Pin: true, PassRoles: pinned().PassRoles},
			object{
				contract.EnvPin:    "true",
				contract.EnvPolicy: "homeostat.json", contract.EnvMode: "propose",
				contract.EnvAccounts: object{"Fn::Join": []any{"", []any{ref("AWS::AccountId"), ",222222222222"}}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			made := synthesised(t, c.o)
			table, _ := made.only("AWS::DynamoDB::Table", "Memory")
			timers, _ := made.only("AWS::SQS::Queue", "SweepQueue")
			topic, _ := made.only("AWS::SNS::Topic", "Notifications")
			want := object{
				contract.EnvAccount: ref("AWS::AccountId"), contract.EnvTable: ref(table),
				contract.EnvTimerQueue: ref(timers), contract.EnvNotifyTopic: ref(topic),
			}
			maps.Copy(want, c.extra)
			for _, function := range contract.Functions() {
				_, p := made.only("AWS::Lambda::Function", title(function)+"Function")
				assert.Equal(t, want, p["Environment"].(object)["Variables"], function)
			}
		})
	}
}

func TestConcurrencyAndTracingAreOptions(t *testing.T) {
	for name, c := range map[string]struct {
		reserved, queue int
	}{
		"a small reservation also bounds the queue": {3, 3},
		"a large reservation does not":              {40, 5},
	} {
		t.Run(name, func(t *testing.T) {
			made := synthesised(t, options{Concurrency: c.reserved, Tracing: true})
			_, p := made.only("AWS::Lambda::Function", "HealFunction")
			_, source := made.only("AWS::Lambda::EventSourceMapping", "HealFunction")
			assert.Equal(t, float64(c.reserved), p["ReservedConcurrentExecutions"])
			assert.Equal(t, object{"MaximumConcurrency": float64(c.queue)}, source["ScalingConfig"])
			assert.Equal(t, object{"Mode": "Active"}, p["TracingConfig"])
		})
	}
}

func TestThePolicyIsBundledBesideTheBootstrap(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte("version: 1\nmode: propose\n"), 0o600))
	out := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out)})
	_, err := newStack(app, options{Name: stackID, Dist: standIn(t), Staging: t.TempDir(), Policy: file})
	require.NoError(t, err)
	app.Synth(nil)
	assets, err := filepath.Glob(filepath.Join(out, "asset.*"))
	require.NoError(t, err)
	require.Len(t, assets, len(contract.Functions()))
	for _, asset := range assets {
		data, err := os.ReadFile(filepath.Join(asset, "homeostat.json"))
		require.NoError(t, err)
		bundled, err := policy.ReadCompiled(data)
		require.NoError(t, err)
		assert.Equal(t, policy.Propose, bundled.For(fleet.ServiceRef{Service: "web"}, map[string]string{contract.TagMode: ""}, "").Mode)
		origins := map[string]string{}
		for _, s := range bundled.Explain(fleet.ServiceRef{Service: "web"}, map[string]string{contract.TagMode: ""}, "") {
			origins[s.Path] = s.Origin
		}
		assert.Equal(t, "mine.yaml:2", origins["mode"], "the origin is a line of the source file")
		info, err := os.Stat(filepath.Join(asset, "bootstrap"))
		require.NoError(t, err)
		assert.NotZero(t, info.Mode()&0o111, "the bootstrap is executable")
	}
}
