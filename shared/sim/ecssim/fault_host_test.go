package ecssim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheWarningOfASpotInstanceComesTwoMinutesBefore(t *testing.T) {
	w := newWorld(t, Config{})
	w.AddInstances("shop", InstancesSpec{Count: 3, Slots: 4})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3, LaunchType: "EC2"})
	id := w.HostOf("shop", "web")
	type warning struct {
		Resources []string
		Detail    map[string]string
		Kind      string `json:"detail-type"`
	}
	var warnings []warning
	w.Events(func(raw []byte) {
		if !strings.Contains(string(raw), `"source":"aws.ec2"`) {
			return
		}
		var e warning
		require.NoError(t, json.Unmarshal(raw, &e))
		warnings = append(warnings, e)
	})
	assert.Equal(t, 1, w.InterruptSpot("shop", "web", 1))
	w.run(119 * time.Second)
	require.Len(t, warnings, 1)
	assert.Equal(t, "EC2 Spot Instance Interruption Warning", warnings[0].Kind)
	assert.Equal(t, map[string]string{"instance-id": id, "instance-action": "terminate"}, warnings[0].Detail)
	assert.Regexp(t, "^arn:aws:ec2:eu-central-1[abc]:instance/"+id+"$", warnings[0].Resources[0])
	assert.Empty(t, w.stops(), "the tasks still run")
	w.run(5 * time.Minute)
	require.Len(t, w.stops(), 1)
	assert.Equal(t, "Host EC2 (instance "+id+") terminated.", w.stops()[0].Detail.StoppedReason)
	w.assertSteady(3)
	assert.Equal(t, 2, w.InterruptSpot("shop", "web", 5), "each instance once")
}
