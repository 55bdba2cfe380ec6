package ecssim

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"
)

// These marks enclose the lists of docs/ecssim.md.
const (
	pageFile  = "../../../docs/ecssim.md"
	beginList = "<!-- operations: written by go test ./shared/sim/ecssim -run Page -update -->\n"
	endList   = "<!-- end of operations -->\n"
)

// titles are the names of the services, by their names in signatures.
func titles() map[string]string {
	return map[string]string{
		"ecs": "ECS", "ecr": "ECR", "monitoring": "CloudWatch", "application-autoscaling": "Application Auto Scaling", "events": "EventBridge",
		"sqs": "SQS", "sns": "SNS", "sts": "STS", "logs": "CloudWatch Logs", "cloudformation": "CloudFormation",
		"elasticloadbalancing": "Elastic Load Balancing", "dynamodb": "DynamoDB", "ssm": "Systems Manager",
		"secretsmanager": "Secrets Manager",
	}
}

func TestThePageListsTheOperationsAndTheMembersWithoutEffect(t *testing.T) {
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	before, rest, begins := bytes.Cut(page, []byte(beginList))
	_, after, ends := bytes.Cut(rest, []byte(endList))
	require.True(t, begins && ends, "the page has no marks for the lists")
	want := string(before) + beginList + lists(t) + endList + string(after)
	if *update {
		require.NoError(t, os.WriteFile(pageFile, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(page), "the page is stale: go test ./shared/sim/ecssim -run Page -update")
}

// lists returns both tables of the page.
func lists(t *testing.T) string {
	operations := New(Config{Models: models}).Server().Operations()
	operations["dynamodb"] = dynamo.New().Operations()["dynamodb"]
	var out strings.Builder
	out.WriteString("\n| service | operations |\n|---|---|\n")
	services := slices.SortedFunc(maps.Keys(operations), func(a, b string) int { return strings.Compare(titles()[a], titles()[b]) })
	for _, service := range services {
		require.NotEmpty(t, titles()[service], service)
		fmt.Fprintf(&out, "| %s (%d) | %s |\n", titles()[service], len(operations[service]), strings.Join(operations[service], ", "))
	}
	out.WriteString("\nThese members are described as they were set, and have no other effect:\n\n| service | members |\n|---|---|\n")
	for _, service := range services {
		model, err := models.Of(service)
		require.NoError(t, err)
		if kept := model.Uses(wire.Kept); len(kept) > 0 {
			fmt.Fprintf(&out, "| %s | %s |\n", titles()[service], byShape(kept))
		}
	}
	out.WriteString("\n")
	return out.String()
}

// byShape joins the members of each shape: "Tag: Key, Value".
func byShape(members []string) string {
	var out []string
	last := ""
	for _, member := range members {
		shape, name, _ := strings.Cut(member, ".")
		if shape == last {
			out[len(out)-1] += ", " + name
			continue
		}
		last = shape
		out = append(out, shape+": "+name)
	}
	return strings.Join(out, "; ")
}
