//go:build !race

package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheNetworkHasTwoZonesAndNoNATGateway(t *testing.T) {
	made := synthesised(t, Options{})
	assert.Len(t, made.of("AWS::EC2::VPC"), 1)
	var zones []any
	for _, p := range made.of("AWS::EC2::Subnet") {
		zones = append(zones, p["AvailabilityZone"])
	}
	assert.ElementsMatch(t, []any{
		object{"Fn::Select": []any{0.0, object{"Fn::GetAZs": ""}}}, object{"Fn::Select": []any{1.0, object{"Fn::GetAZs": ""}}},
	}, zones)
	assert.Empty(t, made.of("AWS::EC2::NatGateway"))
}

// The tasks have public addresses, but only the load balancers may reach them.
func TestOnlyLoadBalancersReachTheTasks(t *testing.T) {
	made := synthesised(t, Options{})
	shop, shopDoor := made.only("AWS::EC2::SecurityGroup", "ShopDoor")
	echo, echoDoor := made.only("AWS::EC2::SecurityGroup", "EchoDoor")
	for door, port := range map[*object]float64{&shopDoor: 80, &echoDoor: 9000} {
		in := (*door)["SecurityGroupIngress"].([]any)
		assert.Len(t, in, 1)
		assert.Subset(t, in[0], object{"CidrIp": "0.0.0.0/0", "FromPort": port, "ToPort": port, "IpProtocol": "tcp"})
	}

	type path struct {
		to, from any
		port     any
	}
	var paths []path
	for _, p := range made.of("AWS::EC2::SecurityGroupIngress") {
		assert.NotContains(t, p, "CidrIp")
		paths = append(paths, path{p["GroupId"].(object)["Fn::GetAtt"].([]any)[0], p["SourceSecurityGroupId"].(object)["Fn::GetAtt"].([]any)[0], p["FromPort"]})
	}
	var want []path
	for _, service := range services() {
		id, p := made.only("AWS::EC2::SecurityGroup", service+"SecurityGroup")
		assert.NotContains(t, p, "SecurityGroupIngress", service)
		if service == "Echo" {
			want = append(want, path{id, echo, 9000.0}, path{id, echo, 8080.0})
		} else {
			want = append(want, path{id, shop, 8080.0})
		}
	}
	assert.ElementsMatch(t, want, paths)
}
