package peers

import (
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/kubernetes/pkg/apis/autoscaling"

	"homeostat/shared/sim/workload"
)

// The names of the policies in the benchmark.
const (
	HPA     = "hpa"
	KEDA    = "keda"
	Knative = "knative"
)

// The defaults. The API server fills in the HorizontalPodAutoscaler's target if no
// metric is given. KEDA has no default threshold, so this one equals Knative's. Its
// window comes from the query in its documentation
// (https://keda.sh/docs/latest/scalers/prometheus).
const (
	hpaTarget     = autoscaling.DefaultCPUUtilization
	kedaTarget    = 70
	kedaWindow    = 2 * time.Minute
	knativeTarget = 70
	knativeWindow = time.Minute
)

// Setting is one set of parameters of a policy.
type Setting struct {
	Policy string
	// Target is the target utilization of a task, in percent of its capacity.
	Target int
	// Window is the window of KEDA's rate, or Knative's stable window.
	Window time.Duration
	// Down is the stabilization window of a scale-in, or Knative's
	// scale-down-delay.
	Down time.Duration
	// Requests lets Knative scale on requests/s instead of concurrency.
	Requests bool
	// SameSignal selects Homeostat's signal.
	SameSignal bool
}

// Default returns the default setting of a policy.
func Default(policy string, sameSignal bool) Setting {
	v := Setting{Policy: policy, SameSignal: sameSignal}
	switch policy {
	case HPA:
		v.Target, v.Down = hpaTarget, downscaleStabilisation
	case KEDA:
		v.Target, v.Down = kedaTarget, downscaleStabilisation
		if !sameSignal { // with a window of its own
			v.Window = kedaWindow
		}
	case Knative:
		v.Target, v.Window, v.Requests = knativeTarget, knativeWindow, sameSignal
	}
	return v
}

// Sweep returns all settings for tuning. The first one is the default.
func Sweep(policy string, sameSignal bool) []Setting {
	first := Default(policy, sameSignal)
	windows, downs, requests := []time.Duration{first.Window}, []time.Duration{5 * time.Minute, 2 * time.Minute, 10 * time.Minute, 15 * time.Minute}, []bool{first.Requests}
	switch {
	case policy == KEDA && !sameSignal:
		// A rate needs two scrapes.
		windows, downs = []time.Duration{kedaWindow, time.Minute, 30 * time.Second}, downs[:3]
	case policy == Knative:
		windows = []time.Duration{knativeWindow, 30 * time.Second, 15 * time.Second}
		downs = []time.Duration{0, time.Minute, 5 * time.Minute, 10 * time.Minute}
		if !sameSignal {
			requests = []bool{false, true}
		}
	}
	all := []Setting{first}
	for _, v := range cross(first, windows, downs, requests) {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

func cross(first Setting, windows, downs []time.Duration, requests []bool) (all []Setting) {
	for _, r := range requests {
		for _, window := range windows {
			for _, down := range downs {
				for _, target := range []int{30, 40, 50, 55, 60, 65, 70, 80, 85} {
					v := first
					v.Target, v.Window, v.Down, v.Requests = target, window, down, r
					all = append(all, v)
				}
			}
		}
	}
	return all
}

// String returns the name of the setting.
func (v Setting) String() string {
	said := fmt.Sprintf("target=%d", v.Target)
	if v.Window > 0 {
		said += fmt.Sprintf(" window=%.0fs", v.Window.Seconds())
	}
	said += fmt.Sprintf(" down=%.0fs", v.Down.Seconds())
	if v.Requests {
		said += " metric=rps"
	}
	return said
}

// scaler creates the scaler for a run with a length in seconds. It ends itself
// after the run.
func (v Setting) scaler(seconds int) workload.Scaler {
	if v.Policy == Knative {
		return &Panicking{setting: v}
	}
	return &Horizontal{setting: v, end: seconds}
}

// metrics returns the metric of the HorizontalPodAutoscaler: CPU, the requests/s of
// each pod, or of all pods as with KEDA.
func (v Setting) metrics(service workload.Service) []autoscalingv2.MetricSpec {
	target := int32(v.Target)
	if v.Policy == HPA && !v.SameSignal {
		return []autoscalingv2.MetricSpec{{
			Type: autoscalingv2.ResourceMetricSourceType,
			Resource: &autoscalingv2.ResourceMetricSource{
				Name:   corev1.ResourceCPU,
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &target},
			},
		}}
	}
	perTask := autoscalingv2.MetricTarget{
		Type:         autoscalingv2.AverageValueMetricType,
		AverageValue: resource.NewMilliQuantity(int64(milli*service.Rate*float64(target)/100), resource.DecimalSI),
	}
	metric := autoscalingv2.MetricIdentifier{Name: "http_requests_per_second"}
	if v.Policy == HPA {
		return []autoscalingv2.MetricSpec{{Type: autoscalingv2.PodsMetricSourceType, Pods: &autoscalingv2.PodsMetricSource{Metric: metric, Target: perTask}}}
	}
	return []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{Metric: metric, Target: perTask}}}
}

// requests returns the rate that KEDA reads, or Homeostat's signal.
func (v Setting) requests(s *workload.Sim) (perSecond float64, known bool) {
	if v.SameSignal {
		return bucketRate(s)
	}
	return prometheusRate(s, int(v.Window.Seconds()))
}
