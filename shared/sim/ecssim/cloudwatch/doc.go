// Package cloudwatch is Amazon CloudWatch: metrics with their statistics and
// metric math, metric alarms, and composite alarms.
//
// Files that begin with metric_ have the store and its queries, files with alarm_
// the alarms, and files with ops_ the operations of the API. A Service has no
// lock: a Sim runs its operations and its evaluations one at a time.
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
	composites int           // the number of composite alarms among them
	history    []historyItem // oldest first
	dashboards []*dashboard
}

// Delays are the times from the end of a period until the metrics of AWS's own
// services can be read. They apply to metrics without a known delay.
type Delays struct {
	// Standard applies to the metrics of ECS, HighResolution to those with a
	// period below a minute, and Balancer to those of the load balancer.
	Standard, HighResolution, Balancer time.Duration
}

// AlarmAction carries out actions of alarms.
type AlarmAction interface {
	// Act carries out the action of an ARN, at each evaluation while the state of
	// the alarm lasts. An ARN of another service has no effect.
	Act(action string, a *Alarm, seen View)
}

// New returns CloudWatch without metrics and alarms.
func New(of *account.Account, delays Delays) *Service {
	return &Service{account: of, delays: delays, metrics: newMetricStore(), raised: func(string) {}}
}

// Connect sets the receiver of actions, and the function that gets the name of
// each alarm that goes to ALARM. Call it before the first alarm is put.
func (s *Service) Connect(actions AlarmAction, raised func(alarm string)) {
	s.actions, s.raised = actions, raised
}

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	out := s.metricOperations()
	maps.Copy(out, s.alarmOperations())
	maps.Copy(out, s.dashboardOperations())
	return out
}

// The namespaces of AWS's own metrics.
const (
	NamespaceECS = "AWS/ECS"
	NamespaceELB = "AWS/ApplicationELB"
)
