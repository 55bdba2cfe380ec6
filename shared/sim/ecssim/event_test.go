package ecssim

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// update writes the golden events anew: go test -run Shape -update.
var update = flag.Bool("update", false, "write the golden events")

// TestShapeOfEvents pins one event of each kind, byte for byte except for the
// indentation.
func TestShapeOfEvents(t *testing.T) {
	for name, play := range map[string]func(w *world) event{
		"task-provisioning": func(w *world) event { return w.firstTask("PROVISIONING") },
		"task-running":      func(w *world) event { return w.firstTask("RUNNING") },
		"task-stopping": func(w *world) event {
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
			return w.firstTask("DEACTIVATING")
		},
		"task-stopped-scale-in": func(w *world) event {
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
			return w.firstTask("STOPPED")
		},
		"task-stopped-out-of-memory": func(w *world) event {
			w.deploy(w.image("2", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), OOM: true}}))
			w.run(5 * time.Minute)
			return w.stoppedBy("EssentialContainerExited")
		},
		"task-stopped-secret-missing": func(w *world) event {
			w.deploy(w.image("2", Behaviour{FailToStart: StartFailure{Cause: fleet.SecretMissing, Probability: 1}}))
			w.run(5 * time.Minute)
			return w.stoppedBy("TaskFailedToStart")
		},
		"task-spot-warning": func(w *world) event {
			w.update(ecs.UpdateServiceInput{ForceNewDeployment: true, CapacityProviderStrategy: spotOnly()})
			w.run(2 * time.Minute)
			w.events = nil
			w.InterruptSpot("shop", "web", 1)
			return w.events[0]
		},
		"task-stopped-host-ec2": func(w *world) event {
			_, err := w.CreateService(ServiceSpec{Cluster: "shop", Name: "ec2", TaskDefinition: "web", Desired: 1, LaunchType: "EC2"})
			require.NoError(w.t, err)
			w.run(2 * time.Minute)
			w.events = nil
			w.LoseHost("shop", "ec2", 1)
			return w.events[0]
		},
		"deployment-in-progress": func(w *world) event {
			w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
			return w.named("SERVICE_DEPLOYMENT_IN_PROGRESS")[0]
		},
		"deployment-completed": func(w *world) event {
			w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
			w.run(5 * time.Minute)
			return w.named("SERVICE_DEPLOYMENT_COMPLETED")[0]
		},
		"deployment-failed": func(w *world) event {
			w.breaks()
			return w.named("SERVICE_DEPLOYMENT_FAILED")[0]
		},
		"deployment-rollback": func(w *world) event {
			w.breaks()
			return w.named("SERVICE_DEPLOYMENT_IN_PROGRESS")[1]
		},
		"service-steady": func(w *world) event {
			w.run(6 * time.Hour)
			return w.named("SERVICE_STEADY_STATE")[0]
		},
		"service-placement-failure": func(w *world) event {
			w.SetCapacity(Capacity{NoFargate: true})
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
			w.run(time.Minute)
			return w.named("SERVICE_TASK_PLACEMENT_FAILURE")[0]
		},
		"service-start-impaired": func(w *world) event {
			w.breaks()
			return w.named("SERVICE_TASK_START_IMPAIRED")[0]
		},
		"service-desired-count-updated": func(w *world) event {
			w.scales()
			return w.named("SERVICE_DESIRED_COUNT_UPDATED")[0]
		},
		"scaled-to-max": func(w *world) event {
			w.scales()
			return w.first("Application Auto Scaling Scaling Activity State Change")
		},
		"alarm": func(w *world) event {
			require.NoError(w.t, w.PutAlarm(errorsAlarm("errors")))
			w.run(3 * time.Minute)
			w.events = nil
			w.put("Errors", 9)
			w.run(2 * time.Minute)
			return w.first("CloudWatch Alarm State Change")
		},
		"image-push":   func(w *world) event { w.PushImage("web", "v2", Behaviour{}); return w.events[0] },
		"image-delete": func(w *world) event { w.DeleteImage("web", w.digests()[0]); return w.events[0] },
		"image-scan": func(w *world) event {
			w.FinishScan("web", w.digests()[0], map[string]int{"HIGH": 1})
			return w.events[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{Seed: 42})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, LoadBalanced: true, Breaker: &BreakerSpec{Rollback: true}})
			golden(t, name, play(w).raw)
		})
	}
}

func golden(t *testing.T, name string, raw []byte) {
	path := filepath.Join("testdata", "events", name+".json")
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, raw, "", "  "))
	pretty.WriteByte('\n')
	if *update {
		require.NoError(t, os.WriteFile(path, pretty.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), pretty.String())
}

// firstTask runs until a task emits an event of a state. The first states belong
// to a second task.
func (w *world) firstTask(state string) event {
	if len(w.events) == 0 && w.desired() > 0 {
		w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
	}
	for range 1000 {
		for _, e := range w.events {
			if e.Detail.LastStatus == state {
				return e
			}
		}
		w.run(time.Second)
	}
	w.t.Fatalf("no task became %s", state)
	return event{}
}

func (w *world) stoppedBy(code string) event {
	for _, e := range w.stops() {
		if e.Detail.StopCode == code {
			return e
		}
	}
	w.t.Fatalf("no task stopped by %s", code)
	return event{}
}

func (w *world) first(detailType string) event {
	for _, e := range w.events {
		if e.DetailType == detailType {
			return e
		}
	}
	w.t.Fatalf("no event of the type %s", detailType)
	return event{}
}

// breaks deploys an image that cannot start, and waits for the circuit breaker.
func (w *world) breaks() {
	w.deploy(w.image("2", Behaviour{FailToStart: StartFailure{Cause: fleet.PullDenied, Probability: 1}}))
	w.run(15 * time.Minute)
}

// scales makes Application Auto Scaling scale to its maximum.
func (w *world) scales() {
	require.NoError(w.t, w.RegisterScalableTarget("shop", "web", 1, 2))
	require.NoError(w.t, w.PutTargetTracking("shop", "web", "cpu", 50))
	w.load(500)
	w.run(10 * time.Minute)
}

func spotOnly() []ecstypes.CapacityProviderStrategyItem {
	return []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
}
