package peers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	autoscalingv1alpha1 "knative.dev/serving/pkg/apis/autoscaling/v1alpha1"
	decider "knative.dev/serving/pkg/reconciler/autoscaling/kpa/resources"
	"knative.dev/serving/pkg/reconciler/autoscaling/resources"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

func TestKnativePanicsAtATenfoldStep(t *testing.T) {
	v := Default(Knative, false)
	v.Requests = true
	trace := stepped(110, 1100, 600, 630)
	// Back to the old rate. A panic keeps all tasks for a stable window.
	trace.Requests = append(trace.Requests, stepped(110, 110, 0, 300).Requests...)
	changes, _ := play(t, v, steady(45), trace, 2, 600)
	require.GreaterOrEqual(t, len(changes), 2)
	assert.Equal(t, change{2, 7}, changes[0], "two of the six seconds of the panic window are new: ⌈440/70⌉")
	reached := 0
	for i, c := range changes {
		if c.to == 16 && reached == 0 {
			reached = i
			assert.LessOrEqual(t, c.after, 8, "⌈1100/70⌉ as soon as the panic window is full")
		}
	}
	require.Positive(t, reached)
	require.Greater(t, len(changes), reached+1, "it lets go in the end")
	assert.Greater(t, changes[reached+1].after, 30+60, "a stable window after the last second that was too much")
	assert.Equal(t, 2, changes[len(changes)-1].to, "⌈110/70⌉")
}

func TestKnativeDoesNotPanicAtASmallStep(t *testing.T) {
	v := Default(Knative, false)
	v.Requests = true
	changes, _ := play(t, v, steady(45), stepped(110, 180, 600, 900), 2, 600)
	require.NotEmpty(t, changes)
	assert.Equal(t, 3, changes[len(changes)-1].to, "⌈180/70⌉")
	assert.Greater(t, changes[0].after, 20, "the stable window of 60 s has to see it first")
}

func TestKnativesConcurrencyCountsServedAndWaitingRequests(t *testing.T) {
	service := steady(45)
	service.Timeout = 10 * time.Second
	sim := workload.New(service, traffic.Trace{Step: 1, Requests: []float64{100, 300, 0}}, 2, 1)
	p := &Panicking{setting: Default(Knative, false)}
	sim.Step()
	sum, known := p.value(sim)
	assert.True(t, known)
	assert.Equal(t, 2.0, sum, "half of 2 tasks of 2 slots")
	sim.Step()
	sum, _ = p.value(sim)
	assert.Equal(t, 4.0+100, sum, "all slots and the backlog")
}

// Without annotations Knative uses its own defaults. The annotations of the default
// setting repeat them.
func TestKnativesDefaultIsItsOwn(t *testing.T) {
	service := workload.Standard()
	bare := &autoscalingv1alpha1.PodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       autoscalingv1alpha1.PodAutoscalerSpec{ContainerConcurrency: int64(service.Objective.Slots)},
	}
	ours := Default(Knative, false).revision(service)
	assert.Equal(t, decider.MakeDecider(bare, knativeDefaults()).Spec, decider.MakeDecider(ours, knativeDefaults()).Spec)
	assert.Equal(t, resources.MakeMetric(bare, "", knativeDefaults()).Spec, resources.MakeMetric(ours, "", knativeDefaults()).Spec)
	assert.Equal(t, 6*time.Second, resources.MakeMetric(ours, "", knativeDefaults()).Spec.PanicWindow)
}
