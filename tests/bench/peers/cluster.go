package peers

import (
	"context"
	"strconv"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	coreinformers "k8s.io/client-go/informers/core/v1"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	autoscalinglisters "k8s.io/client-go/listers/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"

	"homeostat/shared/sim/workload"
)

const (
	namespace = "default"
	name      = "service"
	selector  = "app=service"
	milli     = 1000
)

// cluster implements the part of a Kubernetes cluster that the controller uses: one
// deployment and one autoscaler. Its pods are the tasks of the simulation. The
// controller uses it only during a sync, with the simulation paused.
type cluster struct {
	sim  *workload.Sim
	zero time.Time // start of the simulation

	autoscaler *autoscalingv2.HorizontalPodAutoscaler
	desired    int32
	pods       []*corev1.Pod // oldest first
	states     []podState    // of the same pods
}

// podState holds the inputs of a pod's object.
type podState struct {
	id    int
	phase corev1.PodPhase
	ready bool
}

func (c *cluster) at(second int) time.Time { return c.zero.Add(time.Duration(second) * time.Second) }

// refresh updates the pods to the current tasks. Both are in the order of their
// creation, so one pass finds the removed ones. A changed pod is a new object,
// because the controller may keep the old one.
func (c *cluster) refresh() {
	now := c.sim.Second()
	pods, states := c.pods[:0:0], c.states[:0:0]
	old := 0
	for _, task := range c.sim.Tasks() {
		state := podState{id: task.ID, phase: corev1.PodPending, ready: task.Ready <= now}
		if task.Running <= now {
			state.phase = corev1.PodRunning
		}
		for old < len(c.states) && c.states[old].id < task.ID {
			old++
		}
		if old < len(c.states) && c.states[old] == state {
			pods = append(pods, c.pods[old])
		} else {
			pods = append(pods, c.pod(task, state))
		}
		states = append(states, state)
	}
	c.pods, c.states = pods, states
}

func podName(id int) string { return "pod-" + strconv.Itoa(id) }

// pod returns a pod that requests one CPU. It has no labels: all pods belong to the
// deployment, and with labels the controller would search for other autoscalers of
// each pod at each sync.
func (c *cluster) pod(task workload.Task, state podState) *corev1.Pod {
	ready, since := corev1.ConditionFalse, task.Created
	if state.ready {
		ready, since = corev1.ConditionTrue, task.Ready
	}
	created := metav1.NewTime(c.at(task.Created))
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: podName(task.ID), Namespace: namespace},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name:      name,
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: *resource.NewMilliQuantity(milli, resource.DecimalSI)}},
		}}},
		Status: corev1.PodStatus{
			Phase: state.phase, StartTime: &created,
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, LastTransitionTime: metav1.NewTime(c.at(since))}},
		},
	}
}

// podStore lists the pods. All belong to the deployment, so it ignores the
// selector.
type podStore struct {
	corelisters.PodListerExpansion
	*cluster
}

func (p podStore) List(labels.Selector) ([]*corev1.Pod, error) { return p.pods, nil }

func (p podStore) Pods(string) corelisters.PodNamespaceLister { return podsOfNamespace{podStore: p} }

type podsOfNamespace struct {
	podStore
	corelisters.PodNamespaceListerExpansion
}

func (p podsOfNamespace) Get(string) (*corev1.Pod, error) { return nil, errNotAsked }

// podInformer provides the pods to the controller.
type podInformer struct{ *cluster }

func (p podInformer) Informer() cache.SharedIndexInformer { return &informer{} }
func (p podInformer) Lister() corelisters.PodLister       { return podStore{cluster: p.cluster} }

var _ coreinformers.PodInformer = podInformer{}

// informer reports that everything is synced and keeps the handler, to announce the
// autoscaler once. A real informer repeats that every 15 s, but the controller
// queues each sync itself and drops duplicates.
type informer struct {
	cache.SharedIndexInformer
	handler cache.ResourceEventHandler
}

func (i *informer) HasSynced() bool { return true }

func (i *informer) AddEventHandlerWithResyncPeriod(h cache.ResourceEventHandler, _ time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	i.handler = h
	return nil, nil
}

// autoscalerInformer provides the autoscaler to the controller.
type autoscalerInformer struct {
	*cluster
	informer *informer
}

func (a autoscalerInformer) Informer() cache.SharedIndexInformer { return a.informer }
func (a autoscalerInformer) Lister() autoscalinglisters.HorizontalPodAutoscalerLister {
	return autoscalerStore{cluster: a.cluster}
}

var _ autoscalinginformers.HorizontalPodAutoscalerInformer = autoscalerInformer{}

// autoscalerStore reads the autoscaler and writes its status.
type autoscalerStore struct {
	autoscalinglisters.HorizontalPodAutoscalerListerExpansion
	*cluster
}

func (a autoscalerStore) List(labels.Selector) ([]*autoscalingv2.HorizontalPodAutoscaler, error) {
	return []*autoscalingv2.HorizontalPodAutoscaler{a.autoscaler}, nil
}

func (a autoscalerStore) HorizontalPodAutoscalers(string) autoscalinglisters.HorizontalPodAutoscalerNamespaceLister {
	return autoscalersOfNamespace{autoscalerStore: a}
}

type autoscalersOfNamespace struct {
	autoscalerStore
	autoscalinglisters.HorizontalPodAutoscalerNamespaceListerExpansion
}

func (a autoscalersOfNamespace) Get(string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	return a.autoscaler, nil
}

// autoscalerAPI is the API of the autoscaler. The controller writes only its
// status.
type autoscalerAPI struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
	*cluster
}

func (a autoscalerAPI) HorizontalPodAutoscalers(string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return a
}

func (a autoscalerAPI) UpdateStatus(_ context.Context, changed *autoscalingv2.HorizontalPodAutoscaler, _ metav1.UpdateOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	a.autoscaler = changed
	return changed, nil
}

// scaleAPI is the scale of the deployment.
type scaleAPI struct {
	scale.ScaleInterface
	*cluster
}

func (a scaleAPI) Scales(string) scale.ScaleInterface { return a }

func (a scaleAPI) Get(context.Context, schema.GroupResource, string, metav1.GetOptions) (*autoscalingv1.Scale, error) {
	return &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       autoscalingv1.ScaleSpec{Replicas: a.desired},
		Status:     autoscalingv1.ScaleStatus{Replicas: int32(len(a.pods)), Selector: selector},
	}, nil
}

func (a scaleAPI) Update(_ context.Context, _ schema.GroupResource, changed *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	a.desired = changed.Spec.Replicas
	return changed, nil
}

// eventAPI discards the events of the controller.
type eventAPI struct{ coreclient.EventInterface }

func (a eventAPI) Events(string) coreclient.EventInterface { return a }

func (a eventAPI) CreateWithEventNamespace(e *corev1.Event) (*corev1.Event, error) { return e, nil }

func (a eventAPI) PatchWithEventNamespace(e *corev1.Event, _ []byte) (*corev1.Event, error) {
	return e, nil
}
