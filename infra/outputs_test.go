//go:build !race

package main

import (
	"testing"

	"homeostat/shared/core/contract"

	"github.com/stretchr/testify/assert"
)

func TestOutputsNameTheResourcesForOperators(t *testing.T) {
	made := synthesised(t, options{})
	table, _ := made.only("AWS::DynamoDB::Table", "Memory")
	topic, _ := made.only("AWS::SNS::Topic", "Notifications")
	operators, _ := made.only("AWS::IAM::ManagedPolicy", "Operators")
	board, _ := made.only("AWS::CloudWatch::Dashboard", "Dashboard")
	want := map[string]any{
		"MemoryTable": ref(table), "NotificationsTopic": ref(topic), "OperatorsPolicy": ref(operators), "DashboardName": ref(board),
	}
	for _, function := range contract.Functions() {
		queue, _ := made.only("AWS::SQS::Queue", title(function)+"Queue")
		dead, _ := made.only("AWS::SQS::Queue", title(function)+"DeadLetters")
		want[title(function)+"QueueUrl"], want[title(function)+"DeadLettersUrl"] = ref(queue), ref(dead)
	}
	got := map[string]any{}
	for id, o := range made.json["Outputs"].(object) {
		assert.NotEmpty(t, o.(object)["Description"], id)
		got[id] = o.(object)["Value"]
	}
	assert.Equal(t, want, got)
}

func TestOneInstallationForAnAccountAndRegion(t *testing.T) {
	made := synthesised(t, options{Name: "Steward"})
	parameter, p := made.only("AWS::SSM::Parameter", "DeleteTheOtherInstallationFirst")
	for id, r := range made.json["Resources"].(object) {
		if r := r.(object); r["DeletionPolicy"] == "Retain" {
			assert.Equal(t, []any{parameter}, r["DependsOn"], "%s is retained, so it must wait for the parameter", id)
		}
	}
	assert.Equal(t, "/homeostat/stack", p["Name"], "the second installation needs the same name")
	assert.Equal(t, "Steward", p["Value"])
	assert.Contains(t, p["Description"], "delete that stack before you install another")

	// No other resource has a fixed name that could collide.
	names := map[string]bool{
		"TableName": true, "QueueName": true, "TopicName": true, "FunctionName": true, "RoleName": true,
		"AlarmName": true, "DashboardName": true, "LogGroupName": true, "ManagedPolicyName": true, "Name": true,
	}
	for id, r := range made.json["Resources"].(object) {
		properties, _ := r.(object)["Properties"].(object)
		for property, value := range properties {
			_, literal := value.(string)
			if names[property] && literal && r.(object)["Type"] != "AWS::SSM::Parameter" {
				t.Errorf("%s has the fixed %s %s", id, property, value)
			}
		}
	}
}

// The command line of the CDK compares the version of the bootstrap and names the
// command to run.
func TestAnAccountWithoutBootstrapIsRejected(t *testing.T) {
	made := synthesised(t, options{})
	rule := made.json["Rules"].(object)["CheckBootstrapVersion"].(object)
	description := rule["Assertions"].([]any)[0].(object)["AssertDescription"]
	assert.Contains(t, description, "Please run 'cdk bootstrap'")
	assert.Equal(t, "/cdk-bootstrap/hnb659fds/version", made.json["Parameters"].(object)["BootstrapVersion"].(object)["Default"])
}
