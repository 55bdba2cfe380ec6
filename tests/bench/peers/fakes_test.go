package peers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/assert"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	scalefake "k8s.io/client-go/scale/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"

	"homeostat/shared/sim/workload"
)

// faked is the controller on client-go's own fake of an API server, with its
// informers, caches, watches and resyncs.
type faked struct {
	setting Setting
	cluster *cluster
	pods    cache.SharedIndexInformer
	stop    func()
}

func (f *faked) start(s *workload.Sim) {
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logr.Discard()))
	f.cluster = &cluster{sim: s, zero: time.Now(), autoscaler: f.setting.autoscaler(s.Service)}
	clients := fake.NewClientset(f.cluster.autoscaler)
	factory := informers.NewSharedInformerFactory(clients, 12*time.Hour) // as in kube-controller-manager
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "apps", Version: "v1"}})
	mapper.Add(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, meta.RESTScopeNamespace)
	scales := &scalefake.FakeScaleClient{}
	ours := scaleAPI{cluster: f.cluster}
	scales.AddReactor("get", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) {
		scale, err := ours.Get(ctx, schema.GroupResource{}, name, metav1.GetOptions{})
		return true, scale, err
	})
	scales.AddReactor("update", "deployments", func(a clienttesting.Action) (bool, runtime.Object, error) {
		scale, err := ours.Update(ctx, schema.GroupResource{}, a.(clienttesting.UpdateAction).GetObject().(*autoscalingv1.Scale), metav1.UpdateOptions{})
		return true, scale, err
	})
	f.pods = factory.Core().V1().Pods().Informer()
	controller := podautoscaler.NewHorizontalController(ctx, clients.CoreV1(), scales, clients.AutoscalingV2(), mapper,
		meter{cluster: f.cluster, requests: func() (float64, bool) { return f.setting.requests(s) }},
		factory.Autoscaling().V2().HorizontalPodAutoscalers(), factory.Core().V1().Pods(),
		syncPeriod*time.Second, downscaleStabilisation, tolerance, cpuInitialisation, initialReadinessDelay)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go controller.Run(ctx, 1)
	f.stop = func() {
		cancel()
		factory.Shutdown()
		time.Sleep(time.Hour)
	}
}

func (f *faked) sync(t *testing.T, s *workload.Sim) {
	f.cluster.desired = int32(s.Desired())
	f.cluster.refresh()
	all := make([]any, len(f.cluster.pods))
	for i, pod := range f.cluster.pods {
		labelled := pod.DeepCopy()
		labelled.Labels = map[string]string{"app": name}
		all[i] = labelled
	}
	assert.NoError(t, f.pods.GetIndexer().Replace(all, ""))
	time.Sleep(time.Until(f.cluster.at(s.Second()).Add(time.Second / 2)))
	synctest.Wait()
	s.SetDesired(int(f.cluster.desired))
}

// The cluster of this package is built for speed. The controller must make the same
// decisions on it as on the fake cluster of its own tests.
func TestTheControllerDecidesAsOnClientGosFakes(t *testing.T) {
	hours := 3
	if testing.Short() {
		hours = 1
	}
	for _, v := range []Setting{
		{Policy: HPA, Target: 60, Down: downscaleStabilisation},
		{Policy: HPA, Target: 60, Down: time.Minute},
		{Policy: HPA, Target: 60, Down: downscaleStabilisation, SameSignal: true},
		Default(KEDA, false),
	} {
		t.Run(v.Policy+" "+v.String(), func(t *testing.T) {
			trace := noisy(hours)
			want, _ := play(t, v, workload.Standard(), trace, 6, 0)
			var got []change
			synctest.Test(t, func(t *testing.T) {
				sim := workload.New(workload.Standard(), trace, 6, 1)
				f := &faked{setting: v}
				f.start(sim)
				for !sim.Over() {
					before := sim.Desired()
					if sim.Second() > 0 && sim.Second()%syncPeriod == 0 {
						f.sync(t, sim)
					}
					if sim.Desired() != before {
						got = append(got, change{sim.Second(), sim.Desired()})
					}
					sim.Step()
				}
				f.stop()
			})
			assert.Equal(t, want, got)
			assert.Greater(t, len(want), 4)
		})
	}
}
