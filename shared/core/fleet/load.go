package fleet

import (
	"slices"
	"time"
)

// Sample is one value of a metric.
type Sample struct {
	// At is the end of the period that the value is about.
	At     time.Time     `json:"at"`
	Period time.Duration `json:"period"`
	Value  float64       `json:"value"`
}

// Load is what metrics tell of a service's work, oldest first. What is missing
// is not known; nothing of it is ever zero for want of a value.
type Load struct {
	// CPU is the average utilisation of the running tasks, in percent, Running
	// how many those were: the sample count of the same metric.
	CPU, Running []Sample
	// Memory is the average memory utilisation, in percent.
	Memory []Sample
	// Requests are how many reached the service's targets in each period.
	Requests []Sample
	// Backlog are the messages that wait in the queue which the policy names.
	Backlog []Sample
	// Custom is the metric expression of the policy.
	Custom []Sample
	// Why says why CPU is missing.
	Why string
}

// Source says which metrics tell of a service's work.
type Source struct {
	Ref ServiceRef
	// HighResolution is true where the service publishes its utilisation every 20 s.
	HighResolution bool
	// Steady is true where the number of tasks is known not to have changed: then
	// it is not asked for.
	Steady bool
	// Memory asks for the memory metric.
	Memory bool
	// TargetGroup and LoadBalancer are the dimensions of the request count, which
	// is asked for where both are known.
	TargetGroup, LoadBalancer string
	// Queue is the name of an SQS queue; empty for none.
	Queue string
	// Custom is a metric math expression; nil for none.
	Custom *Expression
	// CustomOnly asks for nothing else: each value that is read is billed.
	CustomOnly bool
}

// Expression is metric math over named metrics.
type Expression struct {
	Text    string
	Metrics map[string]Metric
}

// Metric names one metric of CloudWatch, with how it is summed up.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
	Stat            string
	Period          time.Duration
}

// Period is that of the service's utilisation.
func (s Source) Period() time.Duration {
	if s.HighResolution {
		return 20 * time.Second
	}
	return time.Minute
}

// Newest is the last sample; ok is false where there is none.
func Newest(samples []Sample) (s Sample, ok bool) {
	if len(samples) == 0 {
		return Sample{}, false
	}
	return samples[len(samples)-1], true
}

// During is the value of the sample that ends at t; ok is false where there is
// none.
func During(samples []Sample, t time.Time) (value float64, ok bool) {
	for _, s := range slices.Backward(samples) {
		if s.At.Equal(t) {
			return s.Value, true
		}
	}
	return 0, false
}
