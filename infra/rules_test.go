//go:build !race

package main

import (
	"testing"

	"homeostat/shared/core/route"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryRuleReachesItsFunctionsQueue(t *testing.T) {
	made := synthesised(t, options{Accounts: []string{"222222222222"}})
	all := route.Rules()
	assert.Len(t, made.of("AWS::Events::Rule"), len(all)+1, "the rules and the schedule")
	for _, rule := range all {
		t.Run(rule.Name, func(t *testing.T) {
			id, p := made.only("AWS::Events::Rule", "On"+camel(rule.Name)+suffixStart(made, rule.Name))
			queue, _ := made.only("AWS::SQS::Queue", title(rule.Function)+"Queue")
			dead, _ := made.only("AWS::SQS::Queue", title(rule.Function)+"DeadLetters")

			want := plain(t, rule.Pattern).(object)
			want["account"] = []any{ref("AWS::AccountId"), "222222222222"}
			assert.Equal(t, want, p["EventPattern"])
			assert.Equal(t, "Homeostat: "+rule.About, p["Description"])
			assert.Equal(t, "ENABLED", p["State"])
			assert.Equal(t, []any{object{
				"Arn": arn(queue), "Id": "Target0", "DeadLetterConfig": object{"Arn": arn(dead)},
				"RetryPolicy": object{"MaximumEventAgeInSeconds": 86400.0, "MaximumRetryAttempts": 185.0},
			}}, p["Targets"])
			assert.True(t, admits(made, queue, id), "the queue admits the rule")
			assert.True(t, admits(made, dead, id), "the dead-letter queue admits the rule")
		})
	}
}

// suffixStart returns the hash that the CDK appends to the id of a rule. It is
// needed because the name of one rule may be a prefix of another name.
func suffixStart(made template, name string) string {
	prefix := "On" + camel(name)
	for id := range made.of("AWS::Events::Rule") {
		if len(id) == len(prefix)+8 && id[:len(prefix)] == prefix {
			return id[len(prefix):]
		}
	}
	return ""
}

// admits reports whether the policy of a queue lets EventBridge send for one rule
// only.
func admits(made template, queue, rule string) bool {
	for _, policy := range made.of("AWS::SQS::QueuePolicy") {
		p := policy["Properties"].(object)
		if p["Queues"].([]any)[0].(object)["Ref"] != queue {
			continue
		}
		for _, s := range p["PolicyDocument"].(object)["Statement"].([]any) {
			s := s.(object)
			if s["Effect"] == "Allow" && assert.ObjectsAreEqual(object{"Service": "events.amazonaws.com"}, s["Principal"]) &&
				assert.ObjectsAreEqual(object{"ArnEquals": object{"aws:SourceArn": arn(rule)}}, s["Condition"]) {
				return true
			}
		}
	}
	return false
}

// Events of other sources, accounts or kinds match no rule, so they cost nothing.
func TestEveryPatternIsTight(t *testing.T) {
	for _, rule := range route.Rules("123456789012") {
		pattern := plain(t, rule.Pattern).(object)
		sources := pattern["source"].([]any)
		require.Len(t, sources, 1, rule.Name)
		assert.Regexp(t, `^aws\.`, sources[0], "%s: only AWS may send this source", rule.Name)
		assert.Equal(t, []any{"123456789012"}, pattern["account"], rule.Name)
		assert.NotEmpty(t, pattern["detail-type"], rule.Name)
		assert.NotEmpty(t, pattern["detail"], rule.Name)
	}
}

func TestPatternsFitTheLimitOfEventBridge(t *testing.T) {
	for _, rule := range route.Rules("123456789012") {
		data, err := rule.Pattern.JSON()
		require.NoError(t, err)
		assert.LessOrEqual(t, len(data), 2048, rule.Name)
	}
}
