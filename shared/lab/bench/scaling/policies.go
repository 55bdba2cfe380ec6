package scaling

import (
	"homeostat/shared/sim/traffic"
)

// The suffixes of a policy's name: the best single setting, and Homeostat's signal.
const (
	Tuned = "-tuned"
	Same  = "-same-signal"
)

// The policies of the aims and charts.
const (
	Own   = "homeostat"
	Own20 = "homeostat-cpu-20"
	Own60 = "homeostat-cpu-60"
	HPA   = "hpa"
)

// Charted returns the policies of the charts over time.
func Charted() []string { return []string{Own, "target-tracking-60", "target-tracking-20", HPA} }

// Documented returns AWS's policies in the main reading of its documentation.
func Documented() []string {
	return []string{"target-tracking-60", "target-tracking-20", "target-tracking-requests", "step", "predictive"}
}

// AWS returns the documented policies and the alternative readings. A claim against
// AWS must hold for all of them.
func AWS() []string {
	return append(Documented(), "target-tracking-60-eager", "target-tracking-60-gentle", "target-tracking-20-eager", "target-tracking-20-gentle")
}

// Kubernetes returns the peers' policies with their own signals.
func Kubernetes() []string { return []string{HPA, "keda", "knative"} }

// About describes a policy in one sentence.
type About struct{ Policy, Words string }

// Abouts describes all policies, with the versions of third-party code
// (tests/bench/peers/go.mod).
func Abouts() (out []About) {
	for _, c := range Table(PriceMid) {
		out = append(out, About{c.Name, c.About})
	}
	return append(
		out,
		About{RateOracle, rateOracle(traffic.Trace{Step: minute, Requests: []float64{0}}).About},
		About{HPA, "Kubernetes' HorizontalPodAutoscaler, its own controller (v1.36.0), on the CPU metric of metrics-server"},
		About{"keda", "the same controller on requests/s of all pods, as in KEDA's Prometheus scaler"},
		About{"knative", "Knative's autoscaler, its own code (serving v0.50.0), on concurrency or requests/s"},
		About{"NAME" + Same, "the same on Homeostat's signal: requests counted every 10 s and read 10 s later"},
		About{"NAME" + Tuned, "the same at its best single setting over the first halves of all traces"},
	)
}
