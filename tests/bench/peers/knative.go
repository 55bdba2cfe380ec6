package peers

import (
	"fmt"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"knative.dev/serving/pkg/apis/autoscaling"
	autoscalingv1alpha1 "knative.dev/serving/pkg/apis/autoscaling/v1alpha1"
	"knative.dev/serving/pkg/autoscaler/aggregation"
	"knative.dev/serving/pkg/autoscaler/config"
	"knative.dev/serving/pkg/autoscaler/config/autoscalerconfig"
	"knative.dev/serving/pkg/autoscaler/metrics"
	"knative.dev/serving/pkg/autoscaler/scaling"
	decider "knative.dev/serving/pkg/reconciler/autoscaling/kpa/resources"
	"knative.dev/serving/pkg/reconciler/autoscaling/resources"

	"homeostat/shared/sim/workload"
)

const (
	knativeTick = 2 // seconds between two decisions of the autoscaler
	// Far from any wall clock, because the autoscaler reads that once at its
	// creation.
	knativeYear = 2100
)

// Panicking runs Knative's autoscaler with its stable and its panic window.
type Panicking struct {
	setting Setting
	sim     *workload.Sim
	zero    time.Time

	scaler        scaling.UniScaler
	log           *zap.SugaredLogger
	stable, panic *aggregation.TimedFloat64Buckets
}

// Scale records the last second and decides every other second.
func (p *Panicking) Scale(s *workload.Sim) {
	if p.scaler == nil {
		p.start(s)
	}
	if s.Second() == 0 {
		return
	}
	now := p.zero.Add(time.Duration(s.Second()) * time.Second)
	if value, known := p.value(s); known {
		p.stable.Record(now, value)
		p.panic.Record(now, value)
	}
	if s.Second()%knativeTick != 0 {
		return
	}
	if result := p.scaler.Scale(p.log, now); result.ScaleValid {
		s.SetDesired(int(result.DesiredPodCount))
	}
}

// value returns the sum of all queue-proxies for the last second. Concurrency is
// the number of served and waiting requests. Requests are counted at their arrival.
func (p *Panicking) value(s *workload.Sim) (sum float64, known bool) {
	if p.setting.SameSignal {
		return bucketRate(s)
	}
	w := s.Window(s.Second()-1, s.Second())
	if p.setting.Requests {
		return w.Arrived, true
	}
	return w.Busy*float64(s.Service.Objective.Slots) + s.Backlog(), true
}

func (p *Panicking) start(s *workload.Sim) {
	p.sim = s
	p.zero = time.Date(knativeYear, time.January, 1, 0, 0, 0, 0, time.UTC)
	p.log = zap.NewNop().Sugar()
	revision := p.setting.revision(s.Service)
	settings := knativeDefaults()
	metric := resources.MakeMetric(revision, "", settings)
	p.stable = aggregation.NewTimedFloat64Buckets(metric.Spec.StableWindow, config.BucketSize)
	p.panic = aggregation.NewTimedFloat64Buckets(metric.Spec.PanicWindow, config.BucketSize)
	p.scaler = scaling.New(*attribute.EmptySet(), noop.NewMeterProvider(), namespace, name, collected{p}, pods{p}, &decider.MakeDecider(revision, settings).Spec)
}

// knativeDefaults returns the config map of an installation.
func knativeDefaults() *autoscalerconfig.Config {
	settings, err := config.NewConfigFromMap(nil)
	if err != nil {
		panic(fmt.Errorf("Knative rejects an empty config map: %w", err))
	}
	return settings
}

// revision returns a service with annotations for the concurrency of a task.
func (v Setting) revision(service workload.Service) *autoscalingv1alpha1.PodAutoscaler {
	annotations := map[string]string{
		autoscaling.TargetUtilizationPercentageKey: strconv.Itoa(v.Target),
		autoscaling.WindowAnnotationKey:            v.Window.String(),
		autoscaling.ScaleDownDelayAnnotationKey:    v.Down.String(),
	}
	if v.Requests {
		annotations[autoscaling.MetricAnnotationKey] = autoscaling.RPS
		annotations[autoscaling.TargetAnnotationKey] = strconv.FormatFloat(service.Rate, 'f', -1, 64)
	}
	return &autoscalingv1alpha1.PodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Annotations: annotations},
		Spec:       autoscalingv1alpha1.PodAutoscalerSpec{ContainerConcurrency: int64(service.Objective.Slots)},
	}
}

// collected provides the windows in the form of Knative's collector.
type collected struct{ *Panicking }

func (c collected) StableAndPanicConcurrency(_ types.NamespacedName, now time.Time) (stable, panicking float64, err error) {
	if c.stable.IsEmpty(now) {
		return 0, 0, metrics.ErrNoData
	}
	return c.stable.WindowAverage(now), c.panic.WindowAverage(now), nil
}

func (c collected) StableAndPanicRPS(key types.NamespacedName, now time.Time) (stable, panicking float64, err error) {
	return c.StableAndPanicConcurrency(key, now)
}

// pods counts the ready tasks. It returns none during the creation of the
// autoscaler, because a panic would then begin at the time of the wall clock.
type pods struct{ *Panicking }

func (p pods) ReadyCount() (int, error) {
	if p.scaler == nil {
		return 0, nil
	}
	return p.sim.Ready(), nil
}

func (p pods) NotReadyCount() (int, error) { return len(p.sim.Tasks()) - p.sim.Ready(), nil }
