// Package ecssim is a seeded discrete-event model of Amazon ECS on a virtual
// clock, with the AWS services beside it, behind the real wire protocols.
//
// New makes a Sim, its Go methods or the wire fill it, and RunUntil moves it
// forward. It reads no wall clock, and all chance comes from the seed. The same
// seed and calls give the same events, byte for byte.
//
// # Folders
//
// This package is the ECS core: the code with tasks and under the model's lock. The
// file constants.go holds the numbers of the model. The prefixes cluster_ and
// definition stand for clusters, instances and task definitions. The prefix service_
// stands for the scheduler, placement, traffic and metrics. The prefix task_ stands
// for lifecycle, health, logs and events. The prefix deploy_ stands for rolling
// deployments, strategies, the breaker and revisions. The prefix fault_ stands for
// faults, and ops_ for the API. The prefix world_ stands for the Go methods that
// fill a Sim.
//
// Each other AWS service has a folder: cloudwatch, cloudwatchlogs,
// appautoscaling, ecr, events (EventBridge), sqs, sns, sts and dynamo. None of
// them imports this package. They have interfaces of their own for it:
// account.Clock and account.Publisher, cloudwatch.AlarmAction, and
// appautoscaling.Services with Scalable.SetDesired. Package bus joins events, sqs
// and sns. Packages wire, account, expression, pattern, flow and stopreason depend
// on no service.
//
// # Locking
//
// The Sim has two locks, and the services have none. The model's lock guards the
// ECS core, cloudwatch, cloudwatchlogs, appautoscaling and ecr. The Sim takes it
// around each of their operations, each step that they schedule through
// account.Clock, and each Go method. So a handler may call another service
// directly, and must not call a method of the Sim that locks. Events are
// collected and delivered after the lock is released.
//
// The gate guards events, sqs and sns; see Sim. The dynamo package has its own
// lock.
//
// # Sources
//
// Rules, formulas and texts come from the Amazon ECS developer guide and API
// reference unless a comment names another source. A comment contains "assumed" if
// AWS documents nothing and the model had to choose a value.
package ecssim
