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

var update = flag.Bool("update", false, "write the current logical ids of the stack")

const identities = "testdata/logical-ids.txt"

// replacementCosts returns the loss from a new logical id by type. CloudFormation
// creates a new resource and deletes or abandons the old one.
func replacementCosts() map[string]string {
	return map[string]string{
		"AWS::DynamoDB::Table":  "the table would be replaced: memory, quarantine and freezes stay in the old one, and the new one is empty",
		"AWS::SQS::Queue":       "the queue would be replaced: the messages and timers in the old one are lost",
		"AWS::SNS::Topic":       "the topic would be replaced: the subscriptions of the old one receive nothing",
		"AWS::Lambda::Function": "the function would be replaced: its name changes, which breaks metrics and alarms on the name",
	}
}

// kept returns the logical ids that an upgrade must keep, in the form "type id".
func kept(made template) []string {
	var ids []string
	for kind := range replacementCosts() {
		for id := range maps.Keys(made.of(kind)) {
			ids = append(ids, kind+" "+id)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestAnUpgradeKeepsStatefulResources(t *testing.T) {
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

// replaced returns a problem for each missing id, with its cost, and for each new
// id.
func replaced(before, now []string) (problems []string) {
	for _, line := range before {
		if !slices.Contains(now, line) {
			kind, id, _ := strings.Cut(line, " ")
			problems = append(problems, id+" is missing: "+replacementCosts()[kind]+". Keep the id; if that is impossible, describe the loss in CHANGELOG.md and run `go test ./infra -update`")
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
		"with all costs": {Tracing: true, Concurrency: 4},
		"with pins":      pinned(),
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, now, kept(synthesised(t, o))) })
	}
}

func TestReplacedResourcesAreNamed(t *testing.T) {
	before := []string{"AWS::DynamoDB::Table Memory1", "AWS::SQS::Queue HealQueue1"}
	assert.Empty(t, replaced(before, before))
	problems := replaced(before, []string{"AWS::DynamoDB::Table Memory2", "AWS::SQS::Queue HealQueue1"})
	require.Len(t, problems, 2)
	assert.True(t, strings.HasPrefix(problems[0], "Memory1 is missing: the table would be replaced: memory, quarantine and freezes stay"), problems[0])
	assert.True(t, strings.HasPrefix(problems[1], "AWS::DynamoDB::Table Memory2 is new: run `go test ./infra -update`"), problems[1])
}
