package rehearse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/route"
	"homeostat/shared/sim/ecssim/cloudformation"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// stackName is the default of the command line.
const stackName = "Homeostat"

// The names of an installation in a simulated account.
const (
	queuePrefix = "homeostat-"
	topicName   = "homeostat-notifications"
	scheduled   = "homeostat-sweep-schedule"
)

// installation makes what `cdk deploy` makes and a reader of an installation looks for:
// the stack, the schedule of the sweep and the answers of IAM. The queues and
// the rules of events are those of every run.
func (r *Run) installation() error {
	if err := r.schedule(); err != nil {
		return err
	}
	_, err := dynamodb.NewFromConfig(r.config).UpdateTimeToLive(context.Background(), &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(table),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("turning time to live on: %w", err)
	}
	r.sim.DeclareStack(cloudformation.Stack{
		Name: stackName, Description: "Homeostat in a simulated account", Resources: r.resources(),
	})
	r.sim.Server().Handle("iam", "SimulatePrincipalPolicy", simulatePolicy)
	return nil
}

// notifications makes the topic, with a queue as its subscriber.
func (r *Run) notifications() error {
	made, err := r.sim.Server().Invoke("sns", "CreateTopic", wire.Object{"Name": topicName})
	if err != nil {
		return fmt.Errorf("making the topic: %w", err)
	}
	r.topic = made.String("TopicArn")
	if _, err := r.sim.Server().Invoke("sqs", "CreateQueue", wire.Object{"QueueName": topicName}); err != nil {
		return fmt.Errorf("making the queue of the topic: %w", err)
	}
	_, err = r.sim.Server().Invoke("sns", "Subscribe", wire.Object{"TopicArn": r.topic, "Protocol": "sqs", "Endpoint": queueARN(topicName)})
	if err != nil {
		return fmt.Errorf("subscribing to the topic: %w", err)
	}
	return nil
}

// schedule makes the rule that invokes the sweep every Tick. Only whole minutes can be
// scheduled.
func (r *Run) schedule() error {
	minutes := int(r.scenario.Tick / time.Minute)
	if minutes < 1 || r.scenario.Tick%time.Minute != 0 {
		return fmt.Errorf("tick is %s, expected whole minutes for an account that is served", r.scenario.Tick)
	}
	rate := "rate(1 minute)"
	if minutes > 1 {
		rate = fmt.Sprintf("rate(%d minutes)", minutes)
	}
	server := r.sim.Server()
	if _, err := server.Invoke("events", "PutRule", wire.Object{"Name": scheduled, "ScheduleExpression": rate}); err != nil {
		return fmt.Errorf("scheduling the sweep: %w", err)
	}
	target := wire.Object{"Id": "Target0", "Arn": queueARN(queuePrefix + contract.FunctionSweep)}
	if _, err := server.Invoke("events", "PutTargets", wire.Object{"Rule": scheduled, "Targets": []any{target}}); err != nil {
		return fmt.Errorf("scheduling the sweep: %w", err)
	}
	return nil
}

func queueARN(name string) string { return "arn:aws:sqs:" + region + ":" + account + ":" + name }

// queueURL is the URL of a queue in the form of AWS.
func queueURL(name string) string {
	return "https://sqs." + region + ".amazonaws.com/" + account + "/" + name
}

// resources lists the resources of the stack as CloudFormation does.
func (r *Run) resources() []cloudformation.Resource {
	out := []cloudformation.Resource{
		resource("Memory", table, "AWS::DynamoDB::Table"),
		resource("Notifications", r.topic, "AWS::SNS::Topic"),
		resource("SweepSchedule", scheduled, "AWS::Events::Rule"),
	}
	for _, function := range contract.Functions() {
		logical := strings.ToUpper(function[:1]) + function[1:]
		out = append(out,
			resource(logical+"Function", queuePrefix+function, "AWS::Lambda::Function"),
			resource(logical+"Queue", queueURL(queuePrefix+function), "AWS::SQS::Queue"),
			resource(logical+"DeadLetters", queueURL(queuePrefix+function+"-dead"), "AWS::SQS::Queue"))
	}
	for _, rule := range route.Rules() {
		var logical strings.Builder
		logical.WriteString("On")
		for part := range strings.SplitSeq(rule.Name, "-") {
			logical.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
		out = append(out, resource(logical.String(), rule.Name, "AWS::Events::Rule"))
	}
	return out
}

// resource returns a resource with a hash behind its logical id, as the CDK writes it.
func resource(logical, physical, kind string) cloudformation.Resource {
	hash := strings.ToUpper(hexOf(logical)[:8])
	return cloudformation.Resource{LogicalID: logical + hash, PhysicalID: physical, Type: kind}
}

// hexOf returns 64 hexadecimal digits that follow from a name.
func hexOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// simulatePolicy answers SimulatePrincipalPolicy. The functions run in the simulator,
// and nothing is denied to them.
func simulatePolicy(in wire.Object) (wire.Object, error) {
	resources := in.Strings("ResourceArns")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	results := []wire.Object{}
	for _, action := range in.Strings("ActionNames") {
		for _, arn := range resources {
			results = append(results, wire.Object{"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": "allowed"})
		}
	}
	return wire.Object{"EvaluationResults": results, "IsTruncated": false}, nil
}

// countInvocation publishes an invocation of a function, as Lambda does. It publishes no
// duration, because a function takes no time on the virtual clock.
func (r *Run) countInvocation(function string) {
	r.sim.Measure("AWS/Lambda", "Invocations", 1, cloudwatch.Dimension{Name: "FunctionName", Value: queuePrefix + function})
}

// functionObject is the answer of Lambda's GetFunction.
type functionObject struct {
	Configuration functionConfiguration
	Code          struct {
		RepositoryType, Location string
	}
}

type functionConfiguration struct {
	FunctionName, FunctionArn, Role, State, LastUpdateStatus, CodeSha256, LastModified string
	Timeout                                                                            int
	Environment                                                                        struct{ Variables map[string]string }
}

// functionOf describes a function; ok is false for another name. bundle is the URL of
// its code.
func (r *Run) functionOf(name, bundle string) (out functionObject, ok bool) {
	for _, function := range contract.Functions() {
		if queuePrefix+function != name {
			continue
		}
		c := &out.Configuration
		c.FunctionName, c.FunctionArn = name, "arn:aws:lambda:"+region+":"+account+":function:"+name
		c.Role, c.State, c.LastUpdateStatus = "arn:aws:iam::"+account+":role/"+name, "Active", "Successful"
		c.CodeSha256, c.LastModified = hexOf(name), r.start.Add(-warmUp).UTC().Format("2006-01-02T15:04:05.000-0700")
		c.Timeout = functionTimeout
		c.Environment.Variables = map[string]string{
			contract.EnvAccount: account, contract.EnvTable: table, contract.EnvNotifyTopic: r.topic,
			contract.EnvTimerQueue: queueURL(queuePrefix + contract.FunctionSweep), contract.EnvLogs: "true",
			contract.EnvSourceDates: "true",
			contract.EnvPolicy:      policyFile,
		}
		out.Code.RepositoryType, out.Code.Location = "S3", bundle
		return out, true
	}
	return out, false
}

// policyFile is the name of the policy in the bundle. functionTimeout is in seconds, as
// in the stack.
const (
	policyFile      = "policy.json"
	functionTimeout = 60
)

// mappings is the answer of Lambda's ListEventSourceMappings.
func mappings(function string) ([]byte, error) {
	return json.Marshal(map[string]any{"EventSourceMappings": []any{map[string]any{
		"UUID": hexOf(function)[:32], "State": "Enabled", "EventSourceArn": queueARN(function), "LastProcessingResult": "OK",
	}}})
}
