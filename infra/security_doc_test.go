//go:build !race

package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// securityPage reads docs/security.md and the cells of its tables.
func securityPage(t *testing.T) (text string, rows [][]string) {
	t.Helper()
	data, err := os.ReadFile("../docs/security.md")
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if cells := strings.Split(strings.TrimSpace(line), "|"); len(cells) > 2 {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells[1:len(cells)-1])
		}
	}
	return string(data), rows
}

// documented is a row of the page's table of permissions.
type documented struct {
	functions      []string
	star, guarded  bool
	optional       bool
	reason, places string
}

// documentedActions returns the actions of the page's table.
func documentedActions(t *testing.T) map[string]documented {
	t.Helper()
	_, rows := securityPage(t)
	action := regexp.MustCompile("`([a-z-]+:[A-Za-z]+)`")
	found := map[string]documented{}
	for _, cells := range rows {
		names := action.FindAllStringSubmatch(cells[0], -1)
		if len(cells) != 5 || len(names) == 0 {
			continue
		}
		d := documented{
			star: cells[2] == "`*`", places: cells[2], guarded: strings.Contains(cells[3], contract.TagMode),
			optional: strings.Contains(cells[3], "with `-c "), reason: cells[4], functions: contract.Functions(),
		}
		if cells[1] != "all" {
			d.functions = strings.Split(cells[1], ", ")
		}
		for _, name := range names {
			_, twice := found[name[1]]
			assert.False(t, twice, "%s is listed twice", name[1])
			found[name[1]] = d
		}
	}
	return found
}

func TestThePageListsEveryPermission(t *testing.T) {
	page := documentedActions(t)
	byDefault := map[string]bool{}
	for _, row := range permissions(arns{}, options{}) {
		for _, action := range row.actions {
			byDefault[action] = true
		}
	}
	granted := map[string]bool{}
	for _, row := range permissions(arns{}, pinned()) {
		for _, action := range row.actions {
			granted[action] = true
			d, ok := page[action]
			if !assert.True(t, ok, "docs/security.md does not list %s: add it to the table of permissions", action) {
				continue
			}
			functions := row.functions
			if len(functions) == 0 {
				functions = contract.Functions()
			}
			assert.ElementsMatch(t, functions, d.functions, action)
			assert.Equal(t, slices.Contains(row.resources, "*"), d.star, "%s: resources", action)
			assert.NotEmpty(t, d.places, "%s: resources", action)
			assert.Greater(t, len(d.reason), 10, "%s has no reason", action)
			assert.Equal(t, !byDefault[action], d.optional, "%s: only with an option", action)
			assert.Equal(t, row.byTag() && byDefault[action], d.guarded, "%s: only with the service's tag", action)
		}
	}
	for action := range page {
		assert.True(t, granted[action], "docs/security.md lists %s, but no function has it", action)
	}
}

func TestThePageListsEveryRetention(t *testing.T) {
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	ref := fixture.Web()
	kept := map[string]string{}
	_, rows := securityPage(t)
	for _, cells := range rows {
		if len(cells) == 3 {
			data, _, _ := strings.Cut(cells[0], ":")
			kept[data] = cells[2]
		}
	}
	var db written
	store := record.Store{DynamoDB: &db}
	for data, write := range map[string]func() error{
		"evidence": func() error { _, err := store.Append(t.Context(), ref, fleet.Evidence{}, now); return err },
		"intents":  func() error { _, err := store.Begin(t.Context(), record.Lease{Ref: ref}, "scale", now); return err },
		"episodes": func() error { return store.Journal(t.Context(), fleet.Episode{Ref: ref, At: now}) },
		"the failure report of a service": func() error {
			return store.SaveFailureReport(t.Context(), fleet.FailureReport{Ref: ref, Last: now}, now)
		},
		"the service counts": func() error {
			return store.SaveServiceCounts(t.Context(), fleet.AccountOf(ref), fleet.ServiceCounts{At: now})
		},
	} {
		require.NoError(t, write(), data)
		var seconds int64
		unquote(t, db.item[keyExpires].(*types.AttributeValueMemberN).Value, &seconds)
		assert.Equal(t, words(time.Unix(seconds, 0).Sub(now)), kept[data], data)
	}
	require.NoError(t, store.SetFreeze(t.Context(), fleet.AccountOf(ref), fleet.Freeze{Scope: fleet.ScopeAccount}))
	assert.NotContains(t, db.item, keyExpires, "freezes are kept until they are deleted")

	made := synthesised(t, options{})
	_, logs := made.only("AWS::Logs::LogGroup", "HealLogs")
	assert.Equal(t, words(time.Duration(logs["RetentionInDays"].(float64))*24*time.Hour), kept["logs and metrics in them"])
	_, dead := made.only("AWS::SQS::Queue", "HealDeadLetters")
	assert.Equal(t, words(time.Duration(dead["MessageRetentionPeriod"].(float64))*time.Second), kept["undelivered messages"])
}

// words formats a duration as on the page.
func words(d time.Duration) string {
	switch hours := int(d.Hours()); {
	case hours == 1:
		return "1 hour"
	case hours <= 48:
		return fmt.Sprint(hours, " hours")
	default:
		return fmt.Sprint(hours/24, " days")
	}
}

// The sentences of the page on encryption and access must match the stack.
func TestThePageIsTrueOnEncryptionAndAccess(t *testing.T) {
	text, _ := securityPage(t)
	made := synthesised(t, options{})
	for id, queue := range made.of("AWS::SQS::Queue") {
		assert.Equal(t, true, queue["Properties"].(object)["SqsManagedSseEnabled"], id)
	}
	assert.Contains(t, text, "the queues with a key of SQS")
	_, topic := made.only("AWS::SNS::Topic", "Notifications")
	assert.NotContains(t, topic, "KmsMasterKeyId")
	assert.Contains(t, text, "The topic is not encrypted at rest")
	assert.Empty(t, made.of("AWS::Lambda::Permission"), "only the queues invoke the functions")
	assert.Empty(t, made.of("AWS::Lambda::Url"))
	_, table := made.only("AWS::DynamoDB::Table", "Memory")
	assert.Equal(t, object{"PointInTimeRecoveryEnabled": true}, table["PointInTimeRecoverySpecification"])
	assert.Contains(t, text, "for another 35 days")
}
