//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withHistory tests the reactions that need past deployments.
func (s *stack) withHistory(t *testing.T) {
	before := s.push(t, "shop/fresher", "stable")
	s.makeService(t, "fresher", "act", before)
	s.enrolled(t, "fresher")
	pushed := s.push(t, "shop/fresher", "stable")
	push := pushOf(t, "shop/fresher", "stable", pushed)
	s.put(t, push)

	t.Run("a push is rolled out, pinned by digest, once", func(t *testing.T) {
		e := s.awaitEpisode(t, "fresher", decided(fleet.Redeploy))
		// The sweep of each 15th minute may find the image before the event arrives.
		function, kind := contract.FunctionRedeploy, "image-push"
		if e.Trigger.Kind == fleet.Tick {
			function, kind = contract.FunctionSweep, "tick"
		}
		assert.Equal(t, function, e.Function)
		assert.Equal(t, []string{kind, "redeploy", "act", "done"}, outcome(e))
		assert.Equal(t, pushed, s.image(t, "fresher"), "the pushed image runs")
		deployments := len(s.service(t, "fresher").Deployments)

		event := s.awaitEpisode(t, "fresher", func(e fleet.Episode) bool { return e.Trigger.Kind == fleet.ImagePush })
		s.again(t, contract.FunctionRedeploy, event.Trigger.ID, push)
		s.drained(t, contract.FunctionRedeploy)
		assert.Len(t, s.service(t, "fresher").Deployments, deployments, "the same push again deploys nothing")
		redeploys := slices.DeleteFunc(s.episodes(t, "fresher"), func(e fleet.Episode) bool { return e.Decision.Kind != fleet.Redeploy })
		assert.Len(t, redeploys, 1)
	})
	t.Run("a new revision with failing tasks is rolled back, once", func(t *testing.T) {
		first := s.failures(t, "sick")
		e := s.awaitEpisode(t, "sick", decided(fleet.RollBack))
		assert.Equal(t, contract.FunctionHeal, e.Function)
		assert.Equal(t, []string{"task-stopped", "rollback", "act", "done"}, outcome(e))
		assert.Contains(t, reasons(e), "quarantine")
		assert.Equal(t, s.good, s.image(t, "sick"), "the good image runs again")
		s.drained(t, contract.FunctionHeal)
		deployments, episodes := len(s.service(t, "sick").Deployments), len(s.told(t, "sick"))

		s.put(t, first...)
		s.drained(t, contract.FunctionHeal)
		assert.Len(t, s.told(t, "sick"), episodes, "tasks that were counted are not counted again")
		assert.Len(t, s.service(t, "sick").Deployments, deployments)
	})
}

// poison sends an event of a service whose memory has lost its version, as after
// an import without all attributes. A reader of it may not write it, so every try
// ends in a retryable fault, before any change.
//
// ministack 1.4.21 invokes a function again that has answered its event, until
// the process ends. If the function ends in the middle of that evaluation, it
// leaves its lease behind. The next try then leaves the event to the owner of the
// lease. That is no dead letter, so the test tries another service.
func (s *stack) poison(t *testing.T) {
	const tries = 3
	dead := s.deadOf[contract.FunctionScale]
	s.redrive(t, contract.FunctionScale)
	service, ends := "", false
	for try := 0; try < tries && !ends; try++ {
		service = fmt.Sprintf("poisoned-%d", try)
		s.withoutVersion(t, service)
		s.put(t, alarmOf(t, service), alarmOf(t, "healthy"))
		ends = happens(reactFor, func() bool { return s.waiting(t, dead) != "0 0" })
	}
	require.True(t, ends, "a dead letter of one of %d services", tries)
	out, err := s.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(dead)})
	require.NoError(t, err)
	require.NotEmpty(t, out.Messages)
	assert.Contains(t, aws.ToString(out.Messages[0].Body), "shop-poisoned-")
	assert.EqualValues(t, 2, s.service(t, service).DesiredCount)
	assert.Equal(t, []string{"alarm", "scale-out", "act", "done"}, outcome(s.awaitEpisode(t, "healthy", first)), "its neighbour in the queue was handled")
}

// withoutVersion makes a service and a memory of it that nobody can write.
func (s *stack) withoutVersion(t *testing.T, service string) {
	t.Helper()
	s.makeService(t, service, "act", registry+"/shop/"+service+"@"+digest(service))
	s.measure(t, service, 90)
	_, err := s.tables.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: ref(service).Key()}, "sk": &types.AttributeValueMemberS{Value: "memory"},
		"body": &types.AttributeValueMemberS{Value: "{}"},
	}})
	require.NoError(t, err)
}

// redrive sets the dead-letter queue of a queue, after the stack's template.
// ministack 1.4.21 ignores RedrivePolicy in the queues of CloudFormation. A
// failed message returns after one second, and not after six minutes.
func (s *stack) redrive(t *testing.T, function string) {
	t.Helper()
	held, err := s.stacks.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String(stackName)})
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Properties struct {
				RedrivePolicy struct {
					Dead  map[string][]string `json:"deadLetterTargetArn"`
					After int                 `json:"maxReceiveCount"`
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(aws.ToString(held.TemplateBody)), &template))
	for id, r := range s.resources(t) {
		if aws.ToString(r.PhysicalResourceId) != s.queueOf[function] {
			continue
		}
		says := template.Resources[id].Properties.RedrivePolicy
		require.Len(t, says.Dead["Fn::GetAtt"], 2, "%s has dead letters", id)
		dead := s.resources(t)[says.Dead["Fn::GetAtt"][0]]
		require.Equal(t, s.deadOf[function], aws.ToString(dead.PhysicalResourceId))
		policy, err := json.Marshal(object{"deadLetterTargetArn": s.arnOf(t, s.deadOf[function]), "maxReceiveCount": says.After})
		require.NoError(t, err)
		_, err = s.queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: aws.String(s.queueOf[function]), Attributes: map[string]string{"RedrivePolicy": string(policy), "VisibilityTimeout": "1"},
		})
		require.NoError(t, err)
		return
	}
	require.Fail(t, "the queue is not among the stack's resources", function)
}

func (s *stack) arnOf(t *testing.T, url string) string {
	t.Helper()
	out, err := s.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	require.NoError(t, err)
	return out.Attributes["QueueArn"]
}
