package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

// permissive is a policy that permits all remedies.
const permissive = `version: 1
redeploy: {tag: live}
scale: {min: 3}
heal: {proceed: true, drain_hosts: true, cap_restarts: true, memory_step: 50, rollback_alarms: [shop-web-cpu, shop-health]}
`

// young returns a world in which a good revision was deployed lately, with a policy that
// permits all remedies.
func young(t *testing.T) *world {
	w := newWorld(t, "act")
	rules, err := policy.Parse("homeostat.yaml", []byte(permissive))
	require.NoError(t, err)
	w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Policy = rules })
	w.deploy(w.Define("v2", ecssim.Behaviour{}))
	w.episodes, w.actor.applied, w.notifications.episodes = nil, nil, nil
	return w
}

// forge returns a sample event that names shop/web, its deployment and this task.
func (w *world) forge(sample []byte, n int, task string) string {
	var event map[string]any
	require.NoError(w.t, json.Unmarshal(sample, &event))
	service := w.Service()
	now := w.Sim.Now().UTC().Format(time.RFC3339)
	event["id"], event["time"], event["account"], event["region"] = fmt.Sprint("forged-", n), now, fixture.Account, fixture.Region
	if d, ok := event["detail"].(map[string]any); ok {
		for key, value := range map[string]any{
			"taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/shop/" + task, "group": "service:web",
			"startedBy": aws.ToString(service.Deployments[0].Id), "deploymentId": aws.ToString(service.Deployments[0].Id),
			"taskDefinitionArn": aws.ToString(service.TaskDefinition), "version": 100 + n, "stoppedAt": now, "stoppingAt": now, "createdAt": now, "startedAt": now,
		} {
			if _, ok := d[key]; ok {
				d[key] = value
			}
		}
	}
	raw, err := json.Marshal(event)
	require.NoError(w.t, err)
	return strings.NewReplacer("checkout", "web", `shop\/`, "shop/").Replace(string(raw))
}

// A sender of messages to the queue can report anything, about tasks that never were and
// about tasks that run. The service is healthy, so no action is right.
func TestNoForgedEventLeadsToAnAction(t *testing.T) {
	files, err := filepath.Glob("../../events/*/*.json")
	require.NoError(t, err)
	played := 0
	for _, file := range files {
		source := filepath.Base(filepath.Dir(file))
		if source == "sns" || source == "sqs" || source == "homeostat" || source == "scheduler" {
			continue // envelopes, and Homeostat's own messages
		}
		played++
		t.Run(source+"/"+filepath.Base(file), func(t *testing.T) {
			sample, err := os.ReadFile(file)
			require.NoError(t, err)
			w := young(t)
			definition := aws.ToString(w.Service().TaskDefinition)
			for n := range 8 {
				w.Sim.RunUntil(w.Sim.Now().Add(20 * time.Second))
				task := fmt.Sprintf("%032x", 0xdead0000+n)
				if n%2 == 0 {
					task = fleet.NameOf(w.tasks()[n%3])
				}
				require.Empty(t, w.deliver(w.forge(sample, n, task)))
			}
			assert.Empty(t, w.actor.applied)
			assert.Equal(t, definition, aws.ToString(w.Service().TaskDefinition))
			assert.EqualValues(t, 3, w.Service().DesiredCount)
			m, err := w.store.Memory(t.Context(), fixture.Web())
			require.NoError(t, err)
			assert.Empty(t, m.Quarantine)
		})
	}
	assert.Greater(t, played, 90)
}

func TestAnEndThatAWSDoesNotConfirmCountsForNothing(t *testing.T) {
	sample, err := os.ReadFile("../../events/ecs/task-stopped-app-exit.json")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		task func(w *world) string
		text string
	}{
		"a task that never was":     {func(*world) string { return strings.Repeat("0", 32) }, "ECS does not know task 00000000000000000000000000000000"},
		"a task that runs":          {func(w *world) string { return fleet.NameOf(w.tasks()[0]) }, "as RUNNING"},
		"a text that is no task id": {func(*world) string { return "all" }, "ECS does not know task all"},
		"a task of another service": {func(w *world) string { return w.foreignTask() }, "otherwise"},
	} {
		t.Run(name, func(t *testing.T) {
			w := young(t)
			require.Empty(t, w.deliver(w.forge(sample, 1, c.task(w))))
			require.Len(t, w.episodes, 1)
			main := w.last().Decision.Main()
			assert.EqualValues(t, "unconfirmed-event", main.Name)
			assert.Contains(t, main.Text, c.text)
			assert.Contains(t, w.last().Evidence[0].Unconfirmed, c.text)
			assert.Empty(t, w.notifications.episodes)
			m, err := w.store.Memory(t.Context(), fixture.Web())
			require.NoError(t, err)
			for _, cohort := range m.Cohorts {
				for _, life := range cohort.Tasks {
					assert.False(t, life.Cause.BlamesRevision())
				}
			}
		})
	}
}

func (w *world) foreignTask() string { return fleet.NameOf(w.tasksOf("foreign")[0]) }

func TestTasksThatCannotBeReadAreUnknown(t *testing.T) {
	t.Run("a throttled read is tried again with its event", func(t *testing.T) {
		w := young(t)
		event := w.stopOne()
		w.Sim.SetThrottle("ecs", "DescribeTasks", 1)
		assert.Equal(t, []string{"m-0"}, w.deliver(event))
		assert.Empty(t, w.episodes)
		w.Sim.SetThrottle("ecs", "DescribeTasks", 0)
		assert.Empty(t, w.deliver(event))
		assert.Len(t, w.episodes, 1)
	})
	t.Run("a refused read alerts once, and the failure counts for nothing", func(t *testing.T) {
		w := young(t)
		w.observer.undescribed = fault.Terminalf("access-denied", "describing tasks of shop/web: not authorized to perform ecs:DescribeTasks")
		require.Empty(t, w.deliver(w.stopOne()))
		require.Empty(t, w.deliver(w.stopOne()))
		require.Len(t, w.episodes, 2)
		require.Len(t, w.notifications.episodes, 1)
		assert.Contains(t, w.notifications.episodes[0].Decision.Notify, "ecs:DescribeTasks")
		assert.Empty(t, w.actor.applied)
	})
}
