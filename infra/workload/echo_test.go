//go:build !race

package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheEchoHasAStaticAddressInEachZone(t *testing.T) {
	made := synthesised(t, Options{})
	_, p := made.only("AWS::ElasticLoadBalancingV2::LoadBalancer", "EchoBalancer")
	assert.Equal(t, "network", p["Type"])
	assert.Equal(t, "internet-facing", p["Scheme"])
	addresses := made.of("AWS::EC2::EIP")
	assert.Len(t, addresses, 2)
	mappings := p["SubnetMappings"].([]any)
	require.Len(t, mappings, 2)
	for _, m := range mappings {
		id := m.(object)["AllocationId"].(object)["Fn::GetAtt"].([]any)
		assert.Contains(t, addresses, id[0])
		assert.Equal(t, "AllocationId", id[1])
	}
	assert.NotEqual(t, mappings[0].(object)["SubnetId"], mappings[1].(object)["SubnetId"])
}

func TestTheEchoIsTCPAndItsHealthIsHTTP(t *testing.T) {
	made := synthesised(t, Options{})
	group, p := made.only("AWS::ElasticLoadBalancingV2::TargetGroup", "EchoBalancer")
	assert.Subset(t, p, object{
		"Port": 9000.0, "Protocol": "TCP", "TargetType": "ip",
		"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/health", "HealthCheckPort": "8080",
	})
	_, listener := made.only("AWS::ElasticLoadBalancingV2::Listener", "EchoBalancer")
	assert.Subset(t, listener, object{"Port": 9000.0, "Protocol": "TCP", "DefaultActions": []any{object{"Type": "forward", "TargetGroupArn": ref(group)}}})
	_, service := made.only("AWS::ECS::Service", "Echo")
	assert.Equal(t, []any{object{"ContainerName": "app", "ContainerPort": 9000.0, "TargetGroupArn": ref(group)}}, service["LoadBalancers"])
}
