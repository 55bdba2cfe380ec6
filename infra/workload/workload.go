// Package workload defines the sample stack for learning Homeostat. It has a shop
// of three web services behind one load balancer and an echo service behind
// another. The services use the features of ECS and are enrolled in Homeostat by
// tag.
package workload

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// PublicImage is the default image of the services. It exists before the sample
// and contains the servers of busybox.
const PublicImage = "public.ecr.aws/docker/library/busybox:1.37"

// enrolledAs is the initial mode of the sample's services.
const enrolledAs = "observe"

// Options holds the options of a sample.
type Options struct {
	// Name is the stack's name in CloudFormation.
	Name string
	// Image is the image of the services. It must contain busybox's sh, httpd, nc
	// and wget, as a copy of PublicImage does.
	Image string
}

// environment holds the stack, network and cluster of the services.
type environment struct {
	stack      awscdk.Stack
	vpc        awsec2.Vpc
	cluster    awsecs.Cluster
	repository awsecr.Repository
	logs       awslogs.LogGroup
	image      string
}

// New creates the sample's stack.
func New(scope constructs.Construct, id string, o Options) awscdk.Stack {
	if o.Image == "" {
		o.Image = PublicImage
	}
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(o.Name),
		Description: jsii.String("Sample services for learning Homeostat. They cost money while they run: delete the stack afterwards."),
	})
	at := environment{stack: stack, vpc: newNetwork(stack), image: o.Image}
	at.cluster = awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: at.vpc})
	// The stack deletes all its resources.
	at.repository = awsecr.NewRepository(stack, jsii.String("Repository"), &awsecr.RepositoryProps{
		ImageScanOnPush: jsii.Bool(true), EmptyOnDelete: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	at.logs = awslogs.NewLogGroup(stack, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_WEEK, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	newShop(at)
	newEcho(at)
	at.output("ClusterName", "The cluster of the services.", at.cluster.ClusterName())
	at.output("RepositoryUri", "Push an image here and name it in -c sampleImage=.", at.repository.RepositoryUri())
	return stack
}

func (p environment) output(id, description string, value *string) {
	awscdk.NewCfnOutput(p.stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}

// enrol adds Homeostat's tag to the service only, not to its other resources.
func enrol(service awsecs.FargateService) {
	awscdk.Tags_Of(service).Add(jsii.String(contract.TagMode), jsii.String(enrolledAs), &awscdk.TagProps{
		IncludeResourceTypes: jsii.Strings("AWS::ECS::Service"),
	})
}
