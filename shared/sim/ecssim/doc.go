// Package ecssim is a seeded discrete-event model of Amazon ECS and the
// services next to it (ECR, CloudWatch metrics and alarms, Application Auto
// Scaling, EventBridge) on a virtual clock, behind the real wire protocols.
//
// A Sim is made by New, filled through its Go methods or through the wire, and
// moved forward by RunUntil. Nothing in it reads a wall clock, and everything
// random comes from the seed: the same seed and the same calls give the same
// events, byte for byte.
//
// What the model knows, file by file: clock (time), scheduler and deployment
// (rolling deployments, roll-backs), breaker (the deployment circuit breaker),
// task (the life of a task), health, load (traffic to CPU), metric and alarm
// (CloudWatch), scaling (Application Auto Scaling), ecr (images), events (what
// EventBridge sees) and ops (the API).
//
// Sources of rules, formulas and texts are the Amazon ECS developer guide and
// API reference unless a comment names another; a comment says "model" where
// AWS documents nothing and a value had to be chosen.
package ecssim
