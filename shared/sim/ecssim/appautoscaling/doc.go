// Package appautoscaling is Application Auto Scaling for ECS services: scalable
// targets, target-tracking and step policies, scheduled actions, and scaling
// activities. It keeps targets of other namespaces, and scales none of them.
//
// It makes its alarms in package cloudwatch and acts on them as an AlarmAction.
// It reads and changes services through Services. The Sim implements Services, so
// the package does not depend on ECS. A Service has no lock: the Sim runs its
// operations and its steps one at a time.
package appautoscaling

import (
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/cloudwatch"
)

// The dimension that is scaled, by its name in the API.
const (
	Namespace = "ecs"
	Dimension = "ecs:service:DesiredCount"
)

// Service is Application Auto Scaling of one account in one Region.
type Service struct {
	account *account.Account
	alarms  *cloudwatch.Service
	ecs     Services

	targets    []*target
	policies   []*policy
	activities []*activity
	actions    []*scheduledAction
}

// Services finds the services that a target can name.
type Services interface {
	// Find returns the ACTIVE service of a resource id, "service/cluster/name",
	// or nil.
	Find(resourceID string) Scalable
}

// Scalable is one ECS service. Find returns the same value for the same service.
type Scalable interface {
	ResourceID() string
	Active() bool
	// Counts returns the desired count and the number of running tasks.
	Counts() (desired, running int)
	// Deploying reports whether a deployment is in progress.
	Deploying() bool
	// SetDesired changes the desired count.
	SetDesired(n int)
}

// New returns Application Auto Scaling without targets.
func New(of *account.Account, alarms *cloudwatch.Service, ecs Services) *Service {
	return &Service{account: of, alarms: alarms, ecs: ecs}
}
