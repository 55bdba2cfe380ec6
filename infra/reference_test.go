//go:build !race

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/core/contract"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entry is one action of AWS's service authorization reference.
type entry struct {
	Action    string
	Resources []struct {
		Resource      string
		ARN           string
		Required      bool
		ConditionKeys []string `json:"condition_keys"`
	}
	ConditionKeys []string `json:"condition_keys"`
}

// newer returns actions that are newer than the reference, each with an older
// action for the same resources and conditions.
func newer() map[string]string {
	return map[string]string{"ecs:ContinueServiceDeployment": "ecs:StopServiceDeployment"}
}

// unlisted returns actions of services that the copy of the reference lacks. The resources
// are those of AWS's page "Actions, resources, and condition keys for AWS Secrets Manager".
func unlisted() []entry {
	secret := entry{Action: "secretsmanager:DescribeSecret"}
	secret.Resources = append(secret.Resources, struct {
		Resource      string
		ARN           string
		Required      bool
		ConditionKeys []string `json:"condition_keys"`
	}{Resource: "Secret", ARN: "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${SecretId}", Required: true})
	return []entry{secret}
}

// reference returns AWS's reference of actions. It skips the test if the file is
// not beside the repository.
func reference(t *testing.T) map[string]entry {
	t.Helper()
	file, err := os.Open("../../shared/models/iam/actions.jsonl")
	if os.IsNotExist(err) {
		t.Skip("AWS's reference of actions is not beside the repository, so the policies are not compared with it")
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	known := map[string]entry{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var e entry
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		known[e.Action] = e
	}
	require.NoError(t, lines.Err())
	for _, e := range unlisted() {
		require.NotContains(t, known, e.Action, "the reference has it: remove it from the list")
		known[e.Action] = e
	}
	for action, like := range newer() {
		require.NotContains(t, known, action, "the reference has it: remove it from the list")
		e := known[like]
		e.Action = action
		known[action] = e
	}
	return known
}

func TestPoliciesMatchAWSsReference(t *testing.T) {
	known := reference(t)
	made := synthesised(t, pinned())
	assert.Len(t, made.of("AWS::IAM::Policy"), len(contract.Functions()), "every policy belongs to a function")
	for _, s := range made.operators() {
		for _, problem := range against(known, s) {
			t.Error("operators: " + problem)
		}
	}
	for _, role := range made.of("AWS::IAM::Role") {
		assert.NotContains(t, role["Properties"], "ManagedPolicyArns")
		assert.NotContains(t, role["Properties"], "Policies")
	}
	for _, function := range contract.Functions() {
		for _, s := range made.statements(function) {
			for _, problem := range against(known, s) {
				t.Error(function + ": " + problem)
			}
		}
	}
}

// against compares a statement with the reference.
func against(known map[string]entry, s statement) (problems []string) {
	for _, action := range s.actions {
		e, ok := known[action]
		if !ok {
			problems = append(problems, action+" is not an action of AWS")
			continue
		}
		problems = append(problems, e.checkResources(s.resources)...)
		problems = append(problems, e.checkConditions(s.condition)...)
	}
	return problems
}

func (e entry) checkResources(resources []string) (problems []string) {
	service, _, _ := strings.Cut(e.Action, ":")
	scoped := e.scoped()
	for _, resource := range resources {
		switch {
		case resource == "*" && scoped:
			problems = append(problems, e.Action+" is for every resource, but AWS lists its resources")
		case resource != "*" && !scoped:
			problems = append(problems, e.Action+" is for "+resource+", but AWS lists no resource of it")
		case resource != "*" && len(e.Resources) == 0 && !strings.HasPrefix(resource, "arn:aws:"+service+":"):
			problems = append(problems, e.Action+" is for "+resource+" of another service")
		case resource != "*" && len(e.Resources) > 0 && !slices.ContainsFunc(e.arns(false), func(a string) bool { return isOf(a, resource) }):
			problems = append(problems, e.Action+" does not support resources like "+resource)
		}
	}
	for _, required := range e.arns(true) {
		if !slices.ContainsFunc(resources, func(r string) bool { return isOf(required, r) }) {
			problems = append(problems, e.Action+" also requires "+required)
		}
	}
	return problems
}

// scoped reports whether the action supports resources. If the reference lists
// none, as for SQS, the action is for one resource.
func (e entry) scoped() bool { return len(e.Resources) == 0 || len(e.arns(false)) > 0 }

func (e entry) arns(required bool) (out []string) {
	for _, r := range e.Resources {
		if r.Resource != "wildcard" && (r.Required || !required) {
			out = append(out, r.ARN)
		}
	}
	return out
}

// isOf reports whether a resource matches an ARN format of the reference: the same
// service and the same text before the first variable.
func isOf(form, resource string) bool {
	want, got := strings.SplitN(form, ":", 6), strings.SplitN(resource, ":", 6)
	if len(want) != 6 || len(got) != 6 || want[2] != got[2] {
		return false
	}
	words, name, _ := strings.Cut(want[5], "${")
	if !strings.HasPrefix(got[5], words) {
		return false
	}
	// An index is part of its table, and a stream is part of its log group.
	_, inner, _ := strings.Cut(name, "}")
	inner, _, _ = strings.Cut(inner, "${")
	switch {
	case strings.HasPrefix(inner, "/index/"):
		return strings.Contains(got[5], inner)
	case want[2] == "dynamodb":
		return !strings.Contains(got[5], "/index/")
	}
	return true
}

func (e entry) checkConditions(condition object) (problems []string) {
	keys := slices.Clone(e.ConditionKeys)
	for _, r := range e.Resources {
		keys = append(keys, r.ConditionKeys...)
	}
	for _, pairs := range condition {
		for key := range pairs.(object) {
			form := key
			if before, _, ok := strings.Cut(key, "/"); ok {
				form = before + "/${TagKey}"
			}
			if !slices.Contains(keys, form) {
				problems = append(problems, fmt.Sprintf("%s does not support the condition %s", e.Action, key))
			}
		}
	}
	return problems
}

func TestTheReferenceFindsWrongStatements(t *testing.T) {
	known := reference(t)
	arn := "arn:aws:ecs:eu-central-1:123456789012:"
	for name, c := range map[string]struct {
		s    statement
		want []string
	}{
		"an action that does not exist": {statement{[]string{"ecs:HealService"}, []string{"*"}, nil}, []string{"ecs:HealService is not an action of AWS"}},
		"every resource though AWS lists resources": {
			statement{[]string{"ecr:DescribeImages"}, []string{"*"}, nil},
			[]string{
				"ecr:DescribeImages is for every resource, but AWS lists its resources",
				"ecr:DescribeImages also requires arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}",
			},
		},
		"every queue": {statement{[]string{"sqs:SendMessage"}, []string{"*"}, nil}, []string{"sqs:SendMessage is for every resource, but AWS lists its resources"}},
		"a resource though AWS lists none": {
			statement{[]string{"ecs:ListClusters"}, []string{arn + "cluster/shop"}, nil},
			[]string{"ecs:ListClusters is for " + arn + "cluster/shop, but AWS lists no resource of it"},
		},
		"a resource of another kind": {
			statement{[]string{"ecs:UpdateService"}, []string{arn + "service/*", arn + "cluster/shop"}, nil},
			[]string{"ecs:UpdateService does not support resources like " + arn + "cluster/shop"},
		},
		"a condition that the action does not support": {
			statement{[]string{"ecs:UpdateService"}, []string{arn + "service/*"}, object{"StringEquals": object{"ecs:service": "web"}}},
			[]string{"ecs:UpdateService does not support the condition ecs:service"},
		},
		"a correct statement": {
			statement{[]string{"ecs:UpdateService"}, []string{arn + "service/*"}, object{"StringEquals": object{"aws:ResourceTag/homeostat:mode": "act"}}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, against(known, c.s)) })
	}
}
