package peers

import (
	"context"
	"errors"
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// errNotAsked marks calls that the controller has no reason to make.
var (
	errNotAsked = errors.New("the benchmark's autoscalers do not use this")
	errNoSample = errors.New("there is no sample yet")
)

// meter provides the metrics of the cluster. requests is the rate of all pods
// together.
type meter struct {
	*cluster
	requests func() (perSecond float64, known bool)
}

// GetResourceMetric returns the CPU of each pod, as metrics-server does: the mean
// between two scrapes, or since the start of the container.
func (m meter) GetResourceMetric(context.Context, corev1.ResourceName, string, labels.Selector, string) (metrics.PodMetricsInfo, time.Time, error) {
	scrape := last(m.sim.Second()-resourceDelay, resourceScrape, resourceOffset)
	w := m.sim.Window(scrape-resourceScrape, scrape)
	if w.Seconds <= 0 {
		return nil, time.Time{}, errNoSample
	}
	busy := 0.0
	if w.Ready > 0 {
		busy = w.Busy / w.Ready
	}
	samples := make(metrics.PodMetricsInfo, len(m.pods))
	for i, task := range m.sim.Tasks() {
		window := min(scrape-task.Running, resourceScrape)
		if window < resourceMinimum {
			continue
		}
		// A task is idle from its start until it is ready.
		working := max(0, min(scrape-task.Ready, window))
		samples[m.pods[i].Name] = metrics.PodMetric{
			Timestamp: m.at(scrape), Window: time.Duration(window) * time.Second,
			Value: int64(math.Round(milli * busy * float64(working) / float64(window))),
		}
	}
	return samples, m.at(scrape), nil
}

// GetRawMetric returns the requests/s of each pod. The load balancer distributes
// them equally to the ready pods.
func (m meter) GetRawMetric(string, string, labels.Selector, labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	perSecond, known := m.requests()
	ready := 0
	for _, state := range m.states {
		if state.ready {
			ready++
		}
	}
	if !known || ready == 0 {
		return nil, time.Time{}, errNoSample
	}
	now := m.at(m.sim.Second())
	samples := make(metrics.PodMetricsInfo, ready)
	for i, state := range m.states {
		if state.ready {
			samples[m.pods[i].Name] = metrics.PodMetric{
				Timestamp: now, Window: bucket * time.Second, Value: int64(math.Round(milli * perSecond / float64(ready))),
			}
		}
	}
	return samples, now, nil
}

// GetExternalMetric returns the requests/s of all pods.
func (m meter) GetExternalMetric(string, string, labels.Selector) ([]int64, time.Time, error) {
	perSecond, known := m.requests()
	if !known {
		return nil, time.Time{}, errNoSample
	}
	return []int64{int64(math.Round(milli * perSecond))}, m.at(m.sim.Second()), nil
}

// GetObjectMetric is not used by any autoscaler here.
func (m meter) GetObjectMetric(string, string, *autoscalingv2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	return 0, time.Time{}, errNotAsked
}
