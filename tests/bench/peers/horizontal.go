package peers

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/klog/v2"
	defaults "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"

	"homeostat/shared/sim/workload"
)

// The flags of kube-controller-manager at their defaults, from
// k8s.io/kubernetes/pkg/controller/podautoscaler/config/v1alpha1.
const (
	downscaleStabilisation = 5 * time.Minute
	tolerance              = 0.1
	cpuInitialisation      = 5 * time.Minute
	initialReadinessDelay  = 30 * time.Second
)

// Horizontal runs the complete controller of Kubernetes' HorizontalPodAutoscaler. A
// run must stay within one bubble of testing/synctest.
type Horizontal struct {
	setting Setting
	cluster *cluster
	end     int // the second after the end of the run
	next    int // the second of the next sync
	stop    context.CancelFunc
	blind   int // syncs with the condition that scaling is not possible
}

// Scale starts a sync of the controller when it is due.
func (h *Horizontal) Scale(s *workload.Sim) {
	if h.cluster == nil {
		h.start(s)
	}
	if s.Second() == h.next {
		h.sync(s)
	}
	if s.Second() == h.end-1 {
		h.finish()
	}
}

func (h *Horizontal) sync(s *workload.Sim) {
	h.next += syncPeriod
	h.cluster.desired = int32(s.Desired())
	h.cluster.refresh()
	// The controller syncs at the full second. Its clock stops half a second later,
	// so that the simulation is never read and written at the same time.
	time.Sleep(time.Until(h.cluster.at(s.Second()).Add(time.Second / 2)))
	synctest.Wait()
	for _, condition := range h.cluster.autoscaler.Status.Conditions {
		if condition.Type == autoscalingv2.ScalingActive && condition.Status != "True" {
			h.blind++
		}
	}
	s.SetDesired(int(h.cluster.desired))
}

// finish ends the controller, so that no goroutine outlives the run.
func (h *Horizontal) finish() {
	h.stop()
	// Its queue and its events end at their next tick.
	time.Sleep(time.Minute)
	synctest.Wait()
}

func (h *Horizontal) start(s *workload.Sim) {
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logr.Discard()))
	h.stop = cancel
	h.cluster = &cluster{sim: s, zero: time.Now().Add(-time.Duration(s.Second()) * time.Second), autoscaler: h.setting.autoscaler(s.Service)}
	h.next = s.Second() + syncPeriod
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "apps", Version: "v1"}})
	mapper.Add(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, meta.RESTScopeNamespace)
	announced := &informer{}
	controller := podautoscaler.NewHorizontalController(ctx, eventAPI{}, scaleAPI{cluster: h.cluster}, autoscalerAPI{cluster: h.cluster}, mapper,
		meter{cluster: h.cluster, requests: func() (float64, bool) { return h.setting.requests(s) }},
		autoscalerInformer{h.cluster, announced}, podInformer{h.cluster},
		syncPeriod*time.Second, downscaleStabilisation, tolerance, cpuInitialisation, initialReadinessDelay)
	announced.handler.OnAdd(h.cluster.autoscaler, true)
	go controller.Run(ctx, 1)
}

// autoscaler returns the object of a user, with the defaults of the API server.
func (v Setting) autoscaler(service workload.Service) *autoscalingv2.HorizontalPodAutoscaler {
	least := int32(service.Min)
	a := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Kind: "Deployment", Name: name, APIVersion: "apps/v1"},
			MinReplicas:    &least, MaxReplicas: int32(service.Max), Metrics: v.metrics(service),
		},
	}
	if v.Down != downscaleStabilisation {
		window := int32(v.Down.Seconds())
		a.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &window}}
	}
	defaults.SetDefaults_HorizontalPodAutoscaler(a)
	return a
}
