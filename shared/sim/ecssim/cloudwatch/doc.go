// Package cloudwatch is Amazon CloudWatch: metrics with their statistics and
// metric math, metric alarms, and composite alarms.
//
// Files that begin with metric_ hold the store and its queries, those with
// alarm_ the alarms, and those with ops_ the operations of the API. A Service
// has no lock: a Sim runs its operations and its evaluations one at a time.
//
// Other services publish into a Series and act on alarms through AlarmAction.
package cloudwatch

import (
	"maps"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Service is CloudWatch of one account in one Region.
type Service struct {
	account *account.Account
	delays  Delays
	actions AlarmAction
	raised  func(alarm string)

	metrics    metricStore
	alarms     []*Alarm
	composites int // of these, how many are composite
}

// Delays are how long after their period the metrics of AWS's own services can
// be read, as long as nothing is known of the metric itself.
type Delays struct {
	// Standard is that of ECS's metrics, HighResolution that of those with a
	// period below a minute, Balancer that of the load balancer's.
	Standard, HighResolution, Balancer time.Duration
}

// AlarmAction carries out actions of alarms.
type AlarmAction interface {
	// Act carries out the action with an ARN, at each evaluation while the
	// alarm's state lasts. An ARN that is not its own does nothing.
	Act(action string, a *Alarm, seen View)
}

// New returns a CloudWatch without metrics and alarms.
func New(of *account.Account, delays Delays) *Service {
	return &Service{account: of, delays: delays, metrics: newMetricStore(), raised: func(string) {}}
}

// Connect says who carries out actions, and what to call with the name of each
// alarm that goes to ALARM. Call it before the first alarm is put.
func (s *Service) Connect(actions AlarmAction, raised func(alarm string)) {
	s.actions, s.raised = actions, raised
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	out := s.metricOperations()
	maps.Copy(out, s.alarmOperations())
	return out
}

// The namespaces of AWS's own metrics.
const (
	NamespaceECS = "AWS/ECS"
	NamespaceELB = "AWS/ApplicationELB"
)
