package fleet

import (
	"reflect"
	"slices"
	"time"
)

// Sample is one value of a metric.
type Sample struct {
	// At is the end of the period of the value.
	At     time.Time     `json:"at"`
	Period time.Duration `json:"period"`
	Value  float64       `json:"value"`
}

// Load holds the metrics of a service, each oldest first. A missing sample means
// unknown, never zero.
type Load struct {
	// CPU is the average utilisation of the running tasks, in percent. Running is
	// the number of those tasks: the sample count of the same metric.
	CPU, Running []Sample
	// Memory is the average memory utilisation, in percent.
	Memory []Sample
	// Requests are the requests to the targets of the service in each period, of all
	// target groups together.
	Requests []Sample
	// Groups are the metrics of each target group, if there are several.
	Groups []GroupLoad
	// Backlog is the number of waiting messages in the queue of the policy.
	Backlog []Sample
	// Custom is the metric expression of the policy.
	Custom []Sample
	// Why explains a missing CPU.
	Why string
}

// Source names the metrics of a service.
type Source struct {
	Ref ServiceRef
	// HighResolution is true if the service publishes its utilisation every 20 s.
	HighResolution bool
	// Steady is true if the number of tasks is known to be unchanged. Running is
	// then not read.
	Steady bool
	// Memory requests the memory metric.
	Memory bool
	// Groups are the target groups whose requests are counted. Search requests those
	// without a known load balancer too.
	Groups []TargetGroup
	Search bool
	// Arms requests the errors and the latency of each group too.
	Arms bool
	// Queue is the name of an SQS queue; empty reads none.
	Queue string
	// Custom is a metric math expression; nil reads none.
	Custom *Expression
	// CustomOnly reads the expression and nothing else, because each read
	// is billed.
	CustomOnly bool
}

// IsZero reports whether the source names nothing.
func (s Source) IsZero() bool { return reflect.ValueOf(s).IsZero() }

// Expression is metric math over named metrics.
type Expression struct {
	Text    string
	Metrics map[string]Metric
}

// Metric names one CloudWatch metric with its statistic.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
	Stat            string
	Period          time.Duration
}

// Period returns the period of the utilisation metrics of the service.
func (s Source) Period() time.Duration {
	if s.HighResolution {
		return highResolutionPeriod
	}
	return metricPeriod
}

// Newest returns the last sample; ok is false without one.
func Newest(samples []Sample) (s Sample, ok bool) {
	if len(samples) == 0 {
		return Sample{}, false
	}
	return samples[len(samples)-1], true
}

// During returns the value of the sample that ends at t; ok is false without one.
func During(samples []Sample, t time.Time) (value float64, ok bool) {
	for _, s := range slices.Backward(samples) {
		if s.At.Equal(t) {
			return s.Value, true
		}
	}
	return 0, false
}
