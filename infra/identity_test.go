//go:build !race

package main

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the logical ids that the stack has now")

const identities = "testdata/logical-ids.txt"

// lost says what a new logical id costs: CloudFormation makes a new resource
// and deletes the old one, or leaves it behind.
func lost() map[string]string {
	return map[string]string{
		"AWS::DynamoDB::Table":  "the table would be replaced: memory, quarantine and switches stay behind in the old one, and Homeostat begins anew",
		"AWS::SQS::Queue":       "the queue would be replaced: messages that wait in the old one, timers too, are lost",
		"AWS::SNS::Topic":       "the topic would be replaced: whoever subscribed to the old one hears nothing more",
		"AWS::Lambda::Function": "the function would be replaced: its name changes, and with it the metrics and alarms that others built on it",
	}
}

// kept are the logical ids that an upgrade must keep, "type id" each.
func kept(made template) []string {
	var ids []string
	for kind := range lost() {
		for id := range maps.Keys(made.of(kind)) {
			ids = append(ids, kind+" "+id)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestAnUpgradeReplacesNothingThatRemembers(t *testing.T) {
	now := kept(synthesised(t, options{}))
	if *update {
		require.NoError(t, os.WriteFile(identities, []byte(strings.Join(now, "\n")+"\n"), 0o600))
	}
	data, err := os.ReadFile(identities)
	require.NoError(t, err)
	before := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, problem := range replaced(before, now) {
		t.Error(problem)
	}
}

// replaced says of each id that is gone what that costs, and of each new one
// that it is to be written down.
func replaced(before, now []string) (problems []string) {
	for _, line := range before {
		if !slices.Contains(now, line) {
			kind, id, _ := strings.Cut(line, " ")
			problems = append(problems, id+" is gone: "+lost()[kind]+". Keep the id; where that cannot be, say so in CHANGELOG.md and run `go test ./infra -update`")
		}
	}
	for _, line := range now {
		if !slices.Contains(before, line) {
			problems = append(problems, line+" is new: run `go test ./infra -update`, so that later versions keep it")
		}
	}
	return problems
}

func TestOptionsChangeNoIdentity(t *testing.T) {
	now := kept(synthesised(t, options{}))
	for name, o := range map[string]options{
		"another name":   {Name: "Steward"},
		"for tests":      {Ephemeral: true},
		"all that costs": {Tracing: true, Concurrency: 4},
		"with pins":      pinned(),
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, now, kept(synthesised(t, o))) })
	}
}

func TestWhatWouldBeReplacedIsNamed(t *testing.T) {
	before := []string{"AWS::DynamoDB::Table Memory1", "AWS::SQS::Queue HealQueue1"}
	assert.Empty(t, replaced(before, before))
	problems := replaced(before, []string{"AWS::DynamoDB::Table Memory2", "AWS::SQS::Queue HealQueue1"})
	require.Len(t, problems, 2)
	assert.True(t, strings.HasPrefix(problems[0], "Memory1 is gone: the table would be replaced: memory, quarantine and switches stay behind"), problems[0])
	assert.True(t, strings.HasPrefix(problems[1], "AWS::DynamoDB::Table Memory2 is new: run `go test ./infra -update`"), problems[1])
}
