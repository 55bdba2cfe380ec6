package ecssim

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRealClientsOverASocket(t *testing.T) {
	w := newWorld(t, Config{})
	w.connect(sdk.OverSocket(t, w.Handler()))
	require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, LoadBalanced: true})
	w.put("Errors", 9)
	w.run(2 * time.Minute)
	assert.EqualValues(t, "ALARM", w.alarmState("errors").StateValue)
	w.deploy(w.image("2", Behaviour{}))
	w.run(5 * time.Minute)
	w.assertSteady(2)
}

// TestAFunctionReactsThroughTheBus sends an event by rule and queue to a
// function. The function calls the API, in memory or over a socket, while the
// clock runs.
func TestAFunctionReactsThroughTheBus(t *testing.T) {
	direct := func(w *world, f func([]bus.Message) []string) { w.Bus().Subscribe("pushes", f) }
	guarded := func(w *world, f func([]bus.Message) []string) { w.Subscribe("pushes", f) }
	for _, c := range []struct {
		name      string
		socket    bool
		subscribe func(w *world, f func([]bus.Message) []string)
	}{
		{"in memory", false, guarded},
		{"over a socket", true, guarded},
		{"in memory, subscribed to the bus itself", false, direct},
		{"over a socket, subscribed to the bus itself", true, direct},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			if c.socket {
				w.connect(sdk.OverSocket(t, w.Handler()))
			}
			w.Bus().AddQueue(bus.QueueConfig{Name: "pushes", Visibility: time.Minute, BatchSize: 10})
			require.NoError(t, w.Bus().AddRule(bus.Rule{
				Name: "pushes", Queue: "pushes", Pattern: json.RawMessage(`{"source":["aws.ecr"],"detail":{"action-type":["PUSH"]}}`),
			}))
			w.PushImage("web", "latest", Behaviour{})
			w.steady(ServiceSpec{TaskDefinition: w.define("web:latest"), Desired: 1})
			c.subscribe(w, func([]bus.Message) []string {
				w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
				return nil
			})
			w.run(5 * time.Minute) // the first push has been in the queue
			digest := w.PushImage("web", "latest", Behaviour{})
			w.run(5 * time.Minute)
			assert.Equal(t, []string{digest}, w.digests())
		})
	}
}

func TestSocketsAndTheClockDoNotDisturbEachOther(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3, LoadBalanced: true})
	w.connect(sdk.OverSocket(t, w.Handler()))
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for i := range 20 {
				_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
					Cluster: aws.String("shop"), Service: aws.String("web"), DesiredCount: aws.Int32(int32(i % 5)),
				})
				assert.NoError(t, err)
			}
		})
	}
	for range 200 {
		w.run(5 * time.Second)
		w.Stats("shop", "web")
	}
	callers.Wait()
	w.run(10 * time.Minute)
	w.assertSteady(4)
}
