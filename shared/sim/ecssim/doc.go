// Package ecssim is a seeded discrete-event model of Amazon ECS on a virtual
// clock, together with the AWS services next to it, behind the real wire
// protocols.
//
// A Sim is made by New, filled through its Go methods or through the wire, and
// moved forward by RunUntil. Nothing in it reads a wall clock, and everything
// random comes from the seed: the same seed and the same calls give the same
// events, byte for byte.
//
// # Folders
//
// This package is the ECS core: what shares the model's lock and knows tasks.
// Its files have prefixes: cluster_ and definition, service_ (scheduler,
// placement, traffic, metrics), task_, deploy_ (rolling deployments, strategies,
// breaker, revisions), fault_ (what can go wrong), ops_ (the API), and world_
// (the Go methods that fill a Sim).
//
// Each other AWS service has a folder: cloudwatch, cloudwatchlogs,
// appautoscaling, ecr, events (EventBridge), sqs, sns, sts and dynamo. None of
// them imports this package. They meet it through interfaces of their own:
// account.Clock and account.Publisher, cloudwatch.AlarmAction, and
// appautoscaling.Services with Scalable.SetDesired. Package bus joins events, sqs
// and sns. Packages wire, account, expression, pattern, flow and stopreason know
// no service.
//
// # Locking
//
// The Sim has two locks, and the services have none. The model's lock guards the
// ECS core, cloudwatch, cloudwatchlogs, appautoscaling and ecr. The Sim takes it
// around each of their operations, each step that they schedule through
// account.Clock, and each Go method. So a handler may call another service
// directly, and must not call a method of the Sim that locks. Events are
// collected and handed over after the lock is released.
//
// The gate guards events, sqs and sns; see Sim. The dynamo package has a lock of
// its own.
//
// # Sources
//
// Sources of rules, formulas and texts are the Amazon ECS developer guide and
// API reference unless a comment names another. A comment says "model" where
// AWS documents nothing and a value had to be chosen.
package ecssim
