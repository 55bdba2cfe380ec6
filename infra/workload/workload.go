// Package workload is a sample to learn Homeostat on: a small shop of three web
// services behind one load balancer and an echo service behind another, with
// what ECS itself offers turned on, and enrolled in Homeostat by tag.
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

// PublicImage is what the services run where no other image is named: it
// exists before the sample does, and answers by busybox's own servers.
const PublicImage = "public.ecr.aws/docker/library/busybox:1.37"

// enrolledAs is the mode of the sample's services: a learner turns it to act.
const enrolledAs = "observe"

// Options are what differs between samples.
type Options struct {
	// Name is the stack's name in CloudFormation.
	Name string
	// Image is what the services run. It must hold busybox's sh, httpd, nc and
	// wget, as a copy of PublicImage does.
	Image string
}

// place is where services run.
type place struct {
	stack      awscdk.Stack
	vpc        awsec2.Vpc
	cluster    awsecs.Cluster
	repository awsecr.Repository
	logs       awslogs.LogGroup
	image      string
}

// New is the sample's stack.
func New(scope constructs.Construct, id string, o Options) awscdk.Stack {
	if o.Image == "" {
		o.Image = PublicImage
	}
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		StackName:   jsii.String(o.Name),
		Description: jsii.String("Services to learn Homeostat on. They cost money while they run: delete the stack afterwards."),
	})
	at := place{stack: stack, vpc: newNetwork(stack), image: o.Image}
	at.cluster = awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: at.vpc})
	// Nothing here outlives the stack.
	at.repository = awsecr.NewRepository(stack, jsii.String("Repository"), &awsecr.RepositoryProps{
		ImageScanOnPush: jsii.Bool(true), EmptyOnDelete: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	at.logs = awslogs.NewLogGroup(stack, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_WEEK, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	newShop(at)
	newEcho(at)
	at.output("ClusterName", "Where the services run.", at.cluster.ClusterName())
	at.output("RepositoryUri", "Push an image here and name it in -c sampleImage=.", at.repository.RepositoryUri())
	return stack
}

func (p place) output(id, description string, value *string) {
	awscdk.NewCfnOutput(p.stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}

// enrol puts Homeostat's tag on the service, and on nothing else of it.
func enrol(service awsecs.FargateService) {
	awscdk.Tags_Of(service).Add(jsii.String(contract.TagMode), jsii.String(enrolledAs), &awscdk.TagProps{
		IncludeResourceTypes: jsii.Strings("AWS::ECS::Service"),
	})
}
