//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// left returns the parts of the stack in each AWS service, by name. A call before
// the removal shows that it finds something.
func (s *stack) left(t *testing.T) map[string]int {
	t.Helper()
	key, url := s.tables.Options().Credentials, aws.String(s.url)
	tables, err := s.tables.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	queues, err := s.queues.ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	rules, err := s.events.ListRules(t.Context(), &eventbridge.ListRulesInput{})
	require.NoError(t, err)
	alarms, err := s.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
	require.NoError(t, err)
	functions, err := lambda.New(lambda.Options{Region: region, Credentials: key, BaseEndpoint: url}).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	topics, err := sns.New(sns.Options{Region: region, Credentials: key, BaseEndpoint: url}).ListTopics(t.Context(), &sns.ListTopicsInput{})
	require.NoError(t, err)
	roles, err := iam.New(iam.Options{Region: region, Credentials: key, BaseEndpoint: url}).ListRoles(t.Context(), &iam.ListRolesInput{})
	require.NoError(t, err)
	stood := 0
	for _, a := range alarms.MetricAlarms {
		// The trigger alarms of the sweep are not a part of the stack
		// (docs/stack.md).
		if !strings.HasPrefix(aws.ToString(a.AlarmName), fleet.TriggerAlarmPrefix) {
			stood++
		}
	}
	ours := 0
	for _, r := range roles.Roles {
		if strings.HasPrefix(aws.ToString(r.RoleName), stackName) {
			ours++
		}
	}
	return map[string]int{
		"tables": len(tables.TableNames), "queues": len(queues.QueueUrls), "rules": len(rules.Rules), "alarms": stood,
		"functions": len(functions.Functions), "topics": len(topics.Topics), "roles": ours,
	}
}

// removed removes the stack and checks that nothing is left. ministack 1.4.21
// ignores DeletionPolicy and deletion protection, so this stack keeps nothing.
// The tests of infra read the kept parts in the template.
func (s *stack) removed(t *testing.T, context []string) {
	for what, n := range s.left(t) {
		assert.NotZero(t, n, "%s before the removal", what)
	}
	s.destroy(t, context...)
	for what, n := range s.left(t) {
		assert.Zero(t, n, "%s after it", what)
	}
}
