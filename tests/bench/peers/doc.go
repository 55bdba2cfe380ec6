// Package peers scales the benchmark's service (package workload) with other
// people's own code: the controller of Kubernetes' HorizontalPodAutoscaler, the
// same with a metric of KEDA's, and Knative's autoscaler. None of it is
// rewritten here. What is ours is what that code sees: pods, metrics as late as
// they are in a cluster, and a scale to write to.
//
// It is a Go module of its own, so that neither a function nor the command line
// links any of it.
//
// The controller reads the wall clock, so it runs where that is virtual: in a
// bubble of testing/synctest. Hence the program is a test, made by `make peers`:
//
//	dist/peers.test -test.run '^TestPlay$' -test.timeout 0 -job job.json -out runs.jsonl
//
// The job is a scaling.Job; each line of the outcome is a scaling.Sample.
package peers
