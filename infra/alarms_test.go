//go:build !race

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/core/contract"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryAlarmReachesTheTopic(t *testing.T) {
	made := synthesised(t, options{})
	topic, _ := made.only("AWS::SNS::Topic", "Notifications")
	alarms := made.of("AWS::CloudWatch::Alarm")
	assert.Len(t, alarms, 5*len(contract.Functions())+2)
	for id, a := range alarms {
		assert.Equal(t, []any{ref(topic)}, a["Properties"].(object)["AlarmActions"], id)
	}
}

func TestAlarmsOfEveryFunction(t *testing.T) {
	made := synthesised(t, options{})
	for _, name := range contract.Functions() {
		function, _ := made.only("AWS::Lambda::Function", title(name)+"Function")
		queue, _ := made.only("AWS::SQS::Queue", title(name)+"Queue")
		dead, _ := made.only("AWS::SQS::Queue", title(name)+"DeadLetters")
		for id, want := range map[string]object{
			"DeadLetters": {
				"MetricName": "ApproximateNumberOfMessagesVisible", "Period": 60.0, "Statistic": "Maximum", "Threshold": 1.0, "EvaluationPeriods": 1.0,
				"Dimensions": dimension("QueueName", object{"Fn::GetAtt": []any{dead, "QueueName"}}),
			},
			"Errors": {
				"MetricName": "Errors", "Period": 300.0, "Statistic": "Sum", "Threshold": 1.0, "EvaluationPeriods": 1.0,
				"Dimensions": dimension("FunctionName", ref(function)),
			},
			"Throttles": {
				"MetricName": "Throttles", "Period": 300.0, "Statistic": "Sum", "Threshold": 1.0, "EvaluationPeriods": 3.0,
				"Dimensions": dimension("FunctionName", ref(function)),
			},
			"Age": {
				"MetricName": "ApproximateAgeOfOldestMessage", "Period": 300.0, "Statistic": "Maximum", "Threshold": 1800.0, "EvaluationPeriods": 1.0,
				"Dimensions": dimension("QueueName", object{"Fn::GetAtt": []any{queue, "QueueName"}}),
			},
			"Denied": {
				"Namespace": "Homeostat", "MetricName": "Denied", "Period": 300.0, "Statistic": "Sum", "Threshold": 1.0, "EvaluationPeriods": 1.0,
				"Dimensions": []any{object{"Name": "Function", "Value": name}},
			},
		} {
			_, p := made.only("AWS::CloudWatch::Alarm", "Alarms"+title(name)+id)
			want["ComparisonOperator"], want["TreatMissingData"] = "GreaterThanOrEqualToThreshold", "notBreaching"
			assert.Subset(t, p, want, name+id)
		}
	}
}

func dimension(name string, value object) []any {
	return []any{object{"Name": name, "Value": value}}
}

func TestASweepWithoutInvocationsRaisesAnAlarm(t *testing.T) {
	made := synthesised(t, options{})
	sweep, _ := made.only("AWS::Lambda::Function", "SweepFunction")
	_, p := made.only("AWS::CloudWatch::Alarm", "AlarmsHeartbeat")
	assert.Subset(t, p, object{
		"MetricName": "Invocations", "Namespace": "AWS/Lambda", "Statistic": "Sum", "Period": 300.0, "EvaluationPeriods": 3.0,
		"Threshold": 1.0, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
		"Dimensions": dimension("FunctionName", ref(sweep)),
	})
}

func TestABrokenPolicyRaisesAnAlarm(t *testing.T) {
	_, p := synthesised(t, options{}).only("AWS::CloudWatch::Alarm", "AlarmsPolicyBroken")
	assert.Subset(t, p, object{
		"Namespace": "Homeostat", "MetricName": "PolicyBroken", "Statistic": "Sum", "Period": 300.0, "EvaluationPeriods": 1.0,
		"Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
		"Dimensions": []any{object{"Name": "Function", "Value": contract.FunctionSweep}},
	})
}

// Each alarm needs a section on the page, and each section needs an alarm.
func TestThePageHasOneSectionForEachKindOfAlarm(t *testing.T) {
	data, err := os.ReadFile("../" + operations)
	require.NoError(t, err)
	var sections []string
	for _, part := range strings.Split(string(data), "\n## ")[1:] {
		anchor, text, _ := strings.Cut(part, "\n")
		assert.Contains(t, text, "**Meaning.** ", anchor)
		assert.Contains(t, text, "**Fix.**", anchor)
		sections = append(sections, anchor)
	}

	var named []string
	link := regexp.MustCompile(`^Homeostat: .+\. See docs/operations\.md#([a-z-]+)$`)
	for id, a := range synthesised(t, options{}).of("AWS::CloudWatch::Alarm") {
		found := link.FindStringSubmatch(a["Properties"].(object)["AlarmDescription"].(string))
		require.NotNil(t, found, "%s names no section of the page", id)
		if !slices.Contains(named, found[1]) {
			named = append(named, found[1])
		}
	}
	assert.ElementsMatch(t, named, sections)
}
