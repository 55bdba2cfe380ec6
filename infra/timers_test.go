//go:build !race

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheSweepIsInvokedEveryMinute(t *testing.T) {
	made := synthesised(t, options{})
	id, p := made.only("AWS::Events::Rule", "SweepSchedule")
	queue, _ := made.only("AWS::SQS::Queue", "SweepQueue")
	dead, _ := made.only("AWS::SQS::Queue", "SweepDeadLetters")
	assert.Equal(t, "rate(1 minute)", p["ScheduleExpression"])
	assert.Equal(t, "ENABLED", p["State"])
	assert.Equal(t, []any{object{
		"Arn": arn(queue), "Id": "Target0", "DeadLetterConfig": object{"Arn": arn(dead)},
		"RetryPolicy": object{"MaximumEventAgeInSeconds": 180.0, "MaximumRetryAttempts": 10.0},
	}}, p["Targets"])
	assert.True(t, admits(made, queue, id))
	assert.True(t, admits(made, dead, id))
}
