package fleet

import (
	"maps"
	"slices"
	"time"
)

// TargetGroup is a target group of a service.
type TargetGroup struct {
	// Group is "targetgroup/NAME/ID".
	Group string `json:"group"`
	// LoadBalancer is "app/NAME/ID"; empty if ECS does not name it.
	LoadBalancer string `json:"balancer,omitempty"`
}

// Countable returns the groups with a known load balancer: the requests of a group are a
// metric of both. With search it returns the other groups too, because CloudWatch can
// search for their metric.
func Countable(groups []TargetGroup, search bool) (out []TargetGroup) {
	for _, g := range groups {
		if g.Group != "" && (search || g.LoadBalancer != "") {
			out = append(out, g)
		}
	}
	return out
}

// GroupLoad holds the metrics of one target group, each oldest first. Errors and
// Latency are read during a deployment only.
type GroupLoad struct {
	Group string
	// Requests and Errors are the requests and the answers 5xx of the tasks in each
	// period. Latency is their average response time, in seconds.
	Requests, Errors, Latency []Sample
}

// TargetArm is the traffic of one target group of a service. A deployment that shifts
// traffic has two. They are compared in the minutes in which both had requests.
type TargetArm struct {
	Group string `json:"group"`
	// Revision is the ARN of the service revision with its tasks in the group; empty
	// if it is unknown.
	Revision string `json:"revision,omitempty"`
	// Requests and Errors are counts of these minutes, and Latency is in seconds. Share
	// is the part of all requests of the last minutes, in percent.
	Requests Reading `json:"requests,omitzero"`
	Errors   Reading `json:"errors,omitzero"`
	Latency  Reading `json:"latency,omitzero"`
	Share    Reading `json:"share,omitzero"`
	// Erring is the number of these minutes with an error.
	Erring int `json:"erring,omitempty"`
}

// TogetherOf returns the requests of all groups in each period. A load balancer
// publishes no value for a group without requests, so the other groups count alone. In
// the newest period that is not certain: the value of a group with requests in the
// period before may be late, and then the newest sum is left out.
func TogetherOf(groups []GroupLoad) []Sample {
	sums := map[time.Time]Sample{}
	for _, g := range groups {
		for _, s := range g.Requests {
			sum := sums[s.At]
			sums[s.At] = Sample{At: s.At, Period: s.Period, Value: sum.Value + s.Value}
		}
	}
	times := slices.SortedFunc(maps.Keys(sums), time.Time.Compare)
	out := make([]Sample, 0, len(times))
	for _, at := range times {
		out = append(out, sums[at])
	}
	if n := len(out); n > 1 && late(groups, out[n-1]) {
		out = out[:n-1]
	}
	return out
}

// late reports whether a group with requests in the period before the newest has no
// value in the newest.
func late(groups []GroupLoad, newest Sample) bool {
	return slices.ContainsFunc(groups, func(g GroupLoad) bool {
		_, now := During(g.Requests, newest.At)
		before, had := During(g.Requests, newest.At.Add(-newest.Period))
		return !now && had && before > 0
	})
}

// ArmsOf returns the traffic of each group since a time. serving names the revisions by
// group. Without a minute in which all groups had requests, nothing is compared.
func ArmsOf(groups []GroupLoad, serving map[string]string, since time.Time) []TargetArm {
	total, at := 0.0, newestAt(groups)
	for _, g := range groups {
		total += sumSince(g.Requests, since)
	}
	minutes := sharedTimes(groups, since)
	arms := make([]TargetArm, 0, len(groups))
	for _, g := range groups {
		arm := TargetArm{Group: g.Group, Revision: serving[g.Group], Share: Unknown(noRequests)}
		if total > 0 {
			arm.Share = Known(100*sumSince(g.Requests, since)/total, at, "RequestCount")
		}
		arms = append(arms, arm.during(g, minutes))
	}
	return arms
}

// noRequests explains missing arms.
const noRequests = "no minute has requests of all target groups"

// during returns the arm with the sums of its group in these minutes.
func (a TargetArm) during(g GroupLoad, minutes []time.Time) TargetArm {
	if len(minutes) == 0 {
		a.Requests, a.Errors, a.Latency = Unknown(noRequests), Unknown(noRequests), Unknown(noRequests)
		return a
	}
	requests, errors, answered, waited := 0.0, 0.0, 0.0, 0.0
	for _, at := range minutes {
		n, _ := During(g.Requests, at)
		requests += n
		// A load balancer publishes no value for a minute without an error.
		if failed, ok := During(g.Errors, at); ok && failed > 0 {
			errors += failed
			a.Erring++
		}
		if latency, ok := During(g.Latency, at); ok {
			answered, waited = answered+n, waited+n*latency
		}
	}
	last := minutes[len(minutes)-1]
	a.Requests, a.Errors = Known(requests, last, "RequestCount"), Known(errors, last, "HTTPCode_Target_5XX_Count")
	if a.Latency = Unknown("CloudWatch has no latency of these minutes"); answered > 0 {
		a.Latency = Known(waited/answered, last, "TargetResponseTime")
	}
	return a
}

// sharedTimes returns the ends of the periods since a time in which all groups had
// requests, in order.
func sharedTimes(groups []GroupLoad, since time.Time) (out []time.Time) {
	for i, g := range groups {
		if i == 0 {
			for _, s := range g.Requests {
				if s.Value > 0 && s.At.After(since) {
					out = append(out, s.At)
				}
			}
			continue
		}
		out = slices.DeleteFunc(out, func(at time.Time) bool {
			n, ok := During(g.Requests, at)
			return !ok || n <= 0
		})
	}
	return out
}

func sumSince(samples []Sample, since time.Time) (sum float64) {
	for _, s := range samples {
		if s.At.After(since) {
			sum += s.Value
		}
	}
	return sum
}

func newestAt(groups []GroupLoad) (at time.Time) {
	for _, g := range groups {
		if last, ok := Newest(g.Requests); ok && last.At.After(at) {
			at = last.At
		}
	}
	return at
}
