//go:build !race

package main

import (
	"testing"

	"homeostat/tests/costs"

	"github.com/stretchr/testify/assert"
)

// docs/costs.md counts the resources with a fixed monthly price.
func TestTheCostsCountTheResourcesOfTheStack(t *testing.T) {
	made := synthesised(t, options{})
	for kind, counted := range map[string]int{
		"AWS::CloudWatch::Alarm": costs.Alarms, "AWS::CloudWatch::Dashboard": costs.Dashboards,
		"AWS::Lambda::EventSourceMapping": costs.Queues,
		// Other resources with a monthly price are not in the stack.
		"AWS::KMS::Key": 0, "AWS::EC2::NatGateway": 0, "AWS::EC2::VPCEndpoint": 0,
	} {
		found := len(made.of(kind)) // a failure prints the number, not the resources
		assert.Equal(t, counted, found, kind)
	}
	_, sweep := made.only("AWS::Lambda::Function", "SweepFunction")
	assert.Equal(t, costs.MemoryMB, sweep["MemorySize"])
	assert.Equal(t, costs.TimeoutSeconds, sweep["Timeout"])
}
