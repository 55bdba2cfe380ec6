package workload

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

const (
	zones = 2
	// subnetBits leaves 251 addresses for each zone.
	subnetBits = 24
)

// newNetwork creates a VPC with public subnets only, because two NAT gateways
// would cost more than the rest of the sample. The tasks have public addresses to
// pull their image. Their security groups admit only the load balancers.
func newNetwork(stack awscdk.Stack) awsec2.Vpc {
	return awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		MaxAzs: jsii.Number(zones), NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{
			Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, CidrMask: jsii.Number(subnetBits),
		}},
	})
}

// open creates a security group that admits everybody at one port.
func (p environment) open(id string, port int, about string) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(p.stack, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc: p.vpc, Description: jsii.String(about), AllowAllOutbound: jsii.Bool(false),
	})
	group.AddIngressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(port)), jsii.String(about), nil)
	return group
}

// admit permits the load balancer to reach the service at a port.
func admit(service awsec2.IConnectable, from awsec2.SecurityGroup, port int, about string) {
	service.Connections().AllowFrom(from, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(about))
}
