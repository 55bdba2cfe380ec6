package inspect

import (
	"context"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/doctor"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Caller is the identity of the caller, with the account, the region and the
// clock of AWS.
type Caller struct {
	Home  fleet.Account
	ARN   string
	Clock doctor.Clock
}

// Caller returns the identity of the caller. It is the first call to AWS, so its
// error concerns the credentials, the region or the network.
func (r *Reader) Caller(ctx context.Context) (Caller, error) {
	out, err := r.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, fault.FromAWS("reading the identity of the caller", err)
	}
	c := Caller{ARN: aws.ToString(out.Arn), Home: fleet.Account{ID: aws.ToString(out.Account), Region: r.Region}}
	if parts := strings.SplitN(c.ARN, ":", 3); len(parts) == 3 && parts[1] != "aws" {
		c.Home.Partition = parts[1]
	}
	server, hasServer := awsmiddleware.GetServerTime(out.ResultMetadata)
	local, hasLocal := awsmiddleware.GetResponseAt(out.ResultMetadata)
	c.Clock = doctor.Clock{Known: hasServer && hasLocal && !server.IsZero(), Ahead: local.Sub(server)}
	// The header is truncated to whole seconds, so it is half a second late on
	// average.
	if c.Clock.Known {
		c.Clock.Ahead -= time.Second / 2
	}
	return c, nil
}

// Resource is one resource of the stack. ID is its logical id without the hash.
type Resource struct{ Kind, ID, Physical string }

// Stack reads the state and the resources of the stack. If the stack does not
// exist, its status is empty and the error is nil.
func (r *Reader) Stack(ctx context.Context, name string) (doctor.Stack, []Resource, error) {
	stack := doctor.Stack{Name: name}
	out, err := r.CloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	if err != nil {
		if fault.AWSCode(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") {
			return stack, nil, nil
		}
		return stack, nil, fault.FromAWS("describing the stack "+name, err)
	}
	if len(out.Stacks) == 0 {
		return stack, nil, nil
	}
	stack.Status, stack.Reason = string(out.Stacks[0].StackStatus), aws.ToString(out.Stacks[0].StackStatusReason)
	var resources []Resource
	pages := cloudformation.NewListStackResourcesPaginator(r.CloudFormation, &cloudformation.ListStackResourcesInput{StackName: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return stack, nil, fault.FromAWS("listing the resources of the stack "+name, err)
		}
		for _, found := range page.StackResourceSummaries {
			resources = append(resources, Resource{
				Kind: aws.ToString(found.ResourceType), ID: trimHash(aws.ToString(found.LogicalResourceId)), Physical: aws.ToString(found.PhysicalResourceId),
			})
		}
	}
	return stack, resources, nil
}

// hashLength is the length of the hash that the CDK appends to a logical id.
const hashLength = 8

func trimHash(id string) string {
	if len(id) <= hashLength {
		return id
	}
	return id[:len(id)-hashLength]
}

// Of returns the resources of a kind.
func Of(resources []Resource, kind string) []Resource {
	var out []Resource
	for _, r := range resources {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// The kinds of resources to read.
const (
	kindTable    = "AWS::DynamoDB::Table"
	kindFunction = "AWS::Lambda::Function"
	kindQueue    = "AWS::SQS::Queue"
	kindRule     = "AWS::Events::Rule"
	kindTopic    = "AWS::SNS::Topic"
	kindAlarm    = "AWS::CloudWatch::Alarm"
)

// Table returns the name of the installation's table, or an empty string.
func Table(resources []Resource) string {
	for _, r := range Of(resources, kindTable) {
		if r.ID == "Memory" {
			return r.Physical
		}
	}
	return ""
}

// TimerQueue returns the URL of the queue for timers, or an empty string.
func TimerQueue(resources []Resource) string {
	for _, r := range Of(resources, kindQueue) {
		if r.ID == logical(contract.FunctionSweep)+"Queue" {
			return r.Physical
		}
	}
	return ""
}

// logical returns the prefix of the logical ids of a function's resources.
func logical(function string) string { return strings.ToUpper(function[:1]) + function[1:] }
