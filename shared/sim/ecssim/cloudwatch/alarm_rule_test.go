package cloudwatch

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAlarmRules(t *testing.T) {
	states := map[string]string{"a": StateAlarm, "b": StateOK, "c": StateInsufficient, "with space": StateAlarm, "OR": StateAlarm}
	for rule, want := range map[string]bool{
		"ALARM(a)":                                                    true,
		"alarm(a) and not alarm(b)":                                   true,
		"ALARM(b) OR ALARM(a) AND OK(b)":                              true,
		"(ALARM(b) OR ALARM(a)) AND OK(c)":                            false,
		"NOT ALARM(a) OR NOT ALARM(b)":                                true,
		"NOT (ALARM(a) OR ALARM(b))":                                  false,
		"INSUFFICIENT_DATA(c)":                                        true,
		`ALARM("with space")`:                                         true,
		`ALARM('with space') AND ALARM("OR")`:                         true,
		"ALARM(arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a)": true,
		"TRUE AND NOT FALSE":                                          true,
		"ALARM(nobody)":                                               false,
	} {
		read, err := parseRule(rule)
		require.NoError(t, err, rule)
		assert.Equal(t, want, read.holds(func(name string) string { return states[name] }), rule)
	}
}

func TestRulesThatAreNone(t *testing.T) {
	for rule, want := range map[string]string{
		"":                      "it ends too early",
		"ALARM(a) OR":           "it ends too early",
		"ALARM a":               "ALARM needs the name of an alarm in parentheses",
		"ALARM()":               "ALARM needs the name of an alarm in parentheses",
		"(ALARM(a)":             "a parenthesis is not closed",
		"ALARM(a) ALARM(b)":     `unexpected "ALARM"`,
		"AT_LEAST(2, ALARM(a))": `unexpected "AT_LEAST"`,
		`ALARM("a)`:             "ALARM needs the name of an alarm in parentheses",
	} {
		_, err := AlarmRuleNames(rule)
		assert.ErrorContains(t, err, want, rule)
	}
}
