// Package peers scales the benchmark's service (package workload) with third-party
// code: the controller of Kubernetes' HorizontalPodAutoscaler, the same controller
// on KEDA's kind of metric, and Knative's autoscaler. That code is unchanged. This
// package provides its inputs: pods, metrics with the delays of a cluster, and a
// scale to write.
//
// It is a Go module of its own, so that neither a function nor the command line
// links that code.
//
// The controller reads the wall clock, so it runs on the virtual clock of
// testing/synctest. Only tests have that clock, so the program is a test, built by
// `make peers`:
//
//	dist/peers.test -test.run '^TestPlay$' -test.timeout 0 -job job.json -out runs.jsonl
//
// The job is a scaling.Job. Each line of the output is a scaling.Sample.
package peers
