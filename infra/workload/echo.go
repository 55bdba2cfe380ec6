package workload

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

// echoPort is the port of the echo service.
const echoPort = 9000

// newEcho creates a TCP service behind a load balancer with static addresses.
func newEcho(at environment) {
	group := at.open("EchoDoor", echoPort, "People reach the echo")
	var mappings []*awselasticloadbalancingv2.SubnetMapping
	for i, subnet := range *at.vpc.PublicSubnets() {
		address := awsec2.NewCfnEIP(at.stack, jsii.String(fmt.Sprint("EchoAddress", i+1)), &awsec2.CfnEIPProps{Domain: jsii.String("vpc")})
		mappings = append(mappings, &awselasticloadbalancingv2.SubnetMapping{Subnet: subnet, AllocationId: address.AttrAllocationId()})
		at.output(fmt.Sprint("EchoAddressOutput", i+1), "A static address of the echo service, port 9000.", address.Ref())
	}
	balancer := awselasticloadbalancingv2.NewNetworkLoadBalancer(at.stack, jsii.String("EchoBalancer"), &awselasticloadbalancingv2.NetworkLoadBalancerProps{
		Vpc: at.vpc, InternetFacing: jsii.Bool(true), SubnetMappings: &mappings,
		SecurityGroups: &[]awsec2.ISecurityGroup{group}, CrossZoneEnabled: jsii.Bool(true),
	})
	service := at.newService("Echo", fmt.Sprintf("httpd -p %d && exec nc -lk -p %d -e cat", webPort, echoPort), echoPort, webPort)
	admit(service, group, echoPort, "The load balancer passes people on")
	admit(service, group, webPort, "The load balancer asks for health")
	balancer.AddListener(jsii.String("Tcp"), &awselasticloadbalancingv2.BaseNetworkListenerProps{Port: jsii.Number(echoPort)}).
		AddTargets(jsii.String("Echo"), &awselasticloadbalancingv2.AddNetworkTargetsProps{
			Port:                jsii.Number(echoPort),
			Targets:             &[]awselasticloadbalancingv2.INetworkLoadBalancerTarget{service},
			DeregistrationDelay: awscdk.Duration_Seconds(jsii.Number(graceful)),
			HealthCheck: &awselasticloadbalancingv2.HealthCheck{
				Protocol: awselasticloadbalancingv2.Protocol_HTTP, Path: jsii.String(health), Port: jsii.String(fmt.Sprint(webPort)),
				Interval: awscdk.Duration_Seconds(jsii.Number(10)),
			},
		})
}
