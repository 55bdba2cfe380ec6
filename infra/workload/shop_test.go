//go:build !race

package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThePathSelectsTheService(t *testing.T) {
	made := synthesised(t, Options{})
	listener, p := made.only("AWS::ElasticLoadBalancingV2::Listener", "ShopHttp")
	assert.Equal(t, 80.0, p["Port"])
	assert.Equal(t, "404", p["DefaultActions"].([]any)[0].(object)["FixedResponseConfig"].(object)["StatusCode"])
	for name, want := range map[string]struct {
		path     string
		priority float64
	}{
		"Authentication": {"/login", 10},
		"Catalogue":      {"/products", 20},
		"Orders":         {"/checkout", 30},
	} {
		t.Run(name, func(t *testing.T) {
			group, target := made.only("AWS::ElasticLoadBalancingV2::TargetGroup", "ShopHttp"+name)
			assert.Subset(t, target, object{"Port": 8080.0, "Protocol": "HTTP", "HealthCheckPath": "/health", "TargetType": "ip"})
			_, rule := made.only("AWS::ElasticLoadBalancingV2::ListenerRule", "ShopHttp"+name)
			assert.Equal(t, object{
				"ListenerArn": ref(listener), "Priority": want.priority,
				"Conditions": []any{object{"Field": "path-pattern", "PathPatternConfig": object{"Values": []any{want.path, want.path + "/*"}}}},
				"Actions":    []any{object{"Type": "forward", "TargetGroupArn": ref(group)}},
			}, rule)
			_, service := made.only("AWS::ECS::Service", name)
			assert.Equal(t, []any{object{"ContainerName": "app", "ContainerPort": 8080.0, "TargetGroupArn": ref(group)}}, service["LoadBalancers"])
		})
	}
	assert.Len(t, made.of("AWS::ElasticLoadBalancingV2::ListenerRule"), len(routes()))
}
