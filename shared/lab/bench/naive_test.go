package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
)

// calls records the updates by the Lambda, as "service: task definition".
type calls []string

func (c *calls) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	*c = append(*c, aws.ToString(in.Service)+": "+aws.ToString(in.TaskDefinition))
	return nil, fmt.Errorf("the Lambda ignores the result")
}

func TestTheCommonLambda(t *testing.T) {
	for _, c := range []struct {
		name, code, reason, definition string
		want                           calls
	}{
		{"a task that ended by itself", "EssentialContainerExited", "Essential container in task exited", "web:3", calls{"web: web:2"}},
		{"a task that could not start", "TaskFailedToStart", "CannotPullContainerError", "web:2", calls{"web: web:1"}},
		{"a failed health check", "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)", "web:2", calls{"web: web:1"}},
		{"a scale-in is no failure", "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", "web:2", nil},
		{"a person's stop is no failure", "UserInitiated", "stopped by hand", "web:2", nil},
		{"Spot is no failure", "SpotInterruption", "Your Spot Task was interrupted.", "web:2", nil},
		{"nothing is before the first revision", "EssentialContainerExited", "Essential container in task exited", "web:1", nil},
		{"a definition without a revision", "EssentialContainerExited", "Essential container in task exited", "web", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var made calls
			naive{ecs: &made}.handle(fmt.Appendf(nil, `{"detail":{"lastStatus":"STOPPED","group":"service:web",
				"clusterArn":"arn:aws:ecs:eu-central-1:123456789012:cluster/shop","stopCode":%q,"stoppedReason":%q,
				"taskDefinitionArn":"arn:aws:ecs:eu-central-1:123456789012:task-definition/%s"}}`, c.code, c.reason, c.definition))
			assert.Equal(t, c.want, made)
		})
	}
	var made calls
	naive{ecs: &made}.handle([]byte("no JSON"))
	assert.Empty(t, made)
}
