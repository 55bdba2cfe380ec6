package workload

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

const (
	zones = 2
	// subnetBits leave 251 addresses to each zone.
	subnetBits = 24
)

// newNetwork has public subnets only: two NAT gateways would cost more than
// everything else of the sample. The tasks have public addresses to pull their
// image by, and security groups that let in the load balancers and nobody else.
func newNetwork(stack awscdk.Stack) awsec2.Vpc {
	return awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		MaxAzs: jsii.Number(zones), NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{
			Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, CidrMask: jsii.Number(subnetBits),
		}},
	})
}

// open is a security group that lets anybody in at one port.
func (p place) open(id string, port int, about string) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(p.stack, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc: p.vpc, Description: jsii.String(about), AllowAllOutbound: jsii.Bool(false),
	})
	group.AddIngressRule(awsec2.Peer_AnyIpv4(), awsec2.Port_Tcp(jsii.Number(port)), jsii.String(about), nil)
	return group
}

// admit lets the load balancer reach the service at a port.
func admit(service awsec2.IConnectable, from awsec2.SecurityGroup, port int, about string) {
	service.Connections().AllowFrom(from, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(about))
}
