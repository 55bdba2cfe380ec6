package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// requests holds the limits on calls, and the number of calls of each operation.
type requests struct {
	throttles []throttle
	buckets   []bucket
	calls     map[[2]string]*Calls
	denied    [][2]string // service and operation
}

// throttle answers a share of the calls with ThrottlingException.
type throttle struct {
	service, operation string
	probability        float64
}

// SetThrottle throttles calls of an operation ("" is all of the service) with a
// probability; 0 ends it. The names of the services are those of
// wire.Server.Handle.
func (s *Sim) SetThrottle(service, operation string, probability float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.requests.throttles {
		if t := &s.requests.throttles[i]; t.service == service && t.operation == operation {
			t.probability = probability
			return
		}
	}
	s.requests.throttles = append(s.requests.throttles, throttle{service, operation, probability})
}

// SetDenied makes AWS deny an operation, or permit it again. The service has its name in
// wire.Server.Handle, which is its prefix in a policy of IAM too.
func (s *Sim) SetDenied(service, operation string, denied bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{service, operation}
	s.requests.denied = slices.DeleteFunc(s.requests.denied, func(other [2]string) bool { return other == key })
	if denied {
		s.requests.denied = append(s.requests.denied, key)
	}
}

// Calls counts the calls of one operation.
type Calls struct{ Made, Throttled int }

// Calls returns the number of calls of an operation until now.
func (s *Sim) Calls(service, operation string) Calls {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.requests.calls[[2]string{service, operation}]; c != nil {
		return *c
	}
	return Calls{}
}

// throttled is the middleware. It counts calls and refuses those beyond the
// limits.
func (s *Sim) throttled(service, operation string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{service, operation}
	calls := s.requests.calls[key]
	if calls == nil {
		calls = &Calls{}
		s.requests.calls[key] = calls
	}
	calls.Made++
	if slices.Contains(s.requests.denied, key) {
		// The code and the text are IAM's (IAM user guide, "Troubleshoot access denied
		// error messages").
		return wire.Errorf("AccessDeniedException", "User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action",
			s.account.Root(), service, operation, service, operation)
	}
	if s.overQuota(service, operation) || s.unlucky(service, operation) {
		calls.Throttled++
		return wire.Errorf("ThrottlingException", "Rate exceeded")
	}
	return nil
}

func (s *Sim) unlucky(service, operation string) bool {
	for _, t := range s.requests.throttles {
		if t.service == service && (t.operation == "" || t.operation == operation) &&
			t.probability > 0 && s.entropy.faults.Float64() < t.probability {
			return true
		}
	}
	return false
}

// Quota limits the calls of several operations together: Burst at once, then Rate
// a second.
type Quota struct {
	Service     string
	Operations  []string
	Burst, Rate float64
}

// Quotas returns the request quotas that can be reached, for each account and
// Region. AWS: "Request throttling for the Amazon ECS API" and "CloudWatch
// service quotas". CloudWatch publishes no bursts. Assumed: the calls of one
// second.
func Quotas() []Quota {
	return []Quota{
		{"ecs", []string{"CreateService", "UpdateService", "DeleteService"}, 50, 5},
		{"ecs", []string{"DescribeServices", "ListServices"}, 100, 20},
		{"ecs", []string{"DescribeTasks", "ListTasks", "DescribeContainerInstances", "ListContainerInstances"}, 100, 20},
		{"ecs", []string{"RegisterTaskDefinition", "DeregisterTaskDefinition"}, 20, 1},
		{"ecs", []string{"DescribeTaskDefinition"}, 50, 20},
		{"ecs", []string{"RunTask", "StopTask", "StartTask", "ExecuteCommand"}, 100, 40},
		{"ecs", []string{"ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions"}, 50, 20},
		{"monitoring", []string{"PutMetricAlarm"}, 3, 3},
		{"monitoring", []string{"DescribeAlarms"}, 9, 9},
		{"monitoring", []string{"SetAlarmState"}, 3, 3},
		{"monitoring", []string{"GetMetricData"}, 500, 500},
		{"monitoring", []string{"PutMetricData"}, 500, 500},
	}
}

// bucket is the state of a quota.
type bucket struct {
	Quota
	tokens float64
	at     time.Time
}

func newBuckets(start time.Time) []bucket {
	var out []bucket
	for _, q := range Quotas() {
		out = append(out, bucket{Quota: q, tokens: q.Burst, at: start})
	}
	return out
}

// overQuota takes a token of the operation's bucket. It returns true if there is
// none.
func (s *Sim) overQuota(service, operation string) bool {
	now := s.Now()
	for i := range s.requests.buckets {
		b := &s.requests.buckets[i]
		if b.Service != service || !slices.Contains(b.Operations, operation) {
			continue
		}
		b.tokens = min(b.Burst, b.tokens+b.Rate*now.Sub(b.at).Seconds())
		b.at = now
		if b.tokens < 1 {
			return true
		}
		b.tokens--
	}
	return false
}
