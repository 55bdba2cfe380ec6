//go:build !race

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOnlyTLSAndThisAccountsAlarmsReachTheTopic(t *testing.T) {
	made := synthesised(t, options{})
	topic, _ := made.only("AWS::SNS::Topic", "Notifications")
	assert.True(t, refusesPlainHTTP(made, "AWS::SNS::TopicPolicy", "Topics", topic))
	_, policy := made.only("AWS::SNS::TopicPolicy", "Notifications")
	assert.Contains(t, policy["PolicyDocument"].(object)["Statement"], object{
		"Sid": "AlarmsOfThisAccount", "Effect": "Allow", "Action": "sns:Publish", "Resource": ref(topic),
		"Principal": object{"Service": "cloudwatch.amazonaws.com"},
		"Condition": object{"StringEquals": object{"aws:SourceAccount": ref("AWS::AccountId")}},
	})
}
