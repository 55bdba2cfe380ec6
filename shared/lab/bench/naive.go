package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/rehearse"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// naivePattern is the rule of the common Lambda: a task of a service has stopped.
const naivePattern = `{"source":["aws.ecs"],"detail-type":["ECS Task State Change"],"detail":{"lastStatus":["STOPPED"],"group":[{"prefix":"service:"}]}}`

// rollBackOnAnyFailure installs the Lambda that many teams write in twenty lines.
// After a failed task it updates the service to the previous revision of the task
// definition. A rule and a queue start it, as with Homeostat.
func rollBackOnAnyFailure(_ context.Context, run *rehearse.Run, _ *rehearse.Scenario) error {
	const queue = "rollback-on-any-failure"
	b := run.Sim().Bus()
	b.AddQueue(bus.QueueConfig{Name: queue, Visibility: time.Minute})
	if err := b.AddRule(bus.Rule{Name: queue, Pattern: []byte(naivePattern), Queue: queue}); err != nil {
		return fmt.Errorf("adding the rule of the common Lambda: %w", err)
	}
	lambda := naive{ecs: run.ECS()}
	run.Sim().Subscribe(queue, func(batch []bus.Message) []string {
		for _, m := range batch {
			lambda.handle([]byte(m.Body))
		}
		return nil
	})
	return nil
}

// updater is the only call of the Lambda.
type updater interface {
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

type naive struct{ ecs updater }

// handle is the Lambda. It checks neither the cause of the failure nor the running
// revision nor the result of the update, like its models.
func (n naive) handle(event []byte) {
	var e taskEvent
	if err := json.Unmarshal(event, &e); err != nil || !e.Detail.failed() {
		return
	}
	family, number, _ := strings.Cut(last(e.Detail.TaskDefinitionArn, "/"), ":")
	revision, err := strconv.Atoi(number)
	if err != nil || revision < 2 {
		return
	}
	_, _ = n.ecs.UpdateService(context.Background(), &ecs.UpdateServiceInput{
		Cluster: aws.String(e.Detail.ClusterArn), Service: aws.String(strings.TrimPrefix(e.Detail.Group, "service:")),
		TaskDefinition: aws.String(family + ":" + strconv.Itoa(revision-1)),
	})
}
