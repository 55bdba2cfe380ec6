package scaling

import (
	"homeostat/shared/sim/traffic"
)

// What is added to a policy's name: at its best single setting, and fed with
// Homeostat's signal.
const (
	Tuned = "-tuned"
	Same  = "-same-signal"
)

// The policies that figures and charts are about.
const (
	Own   = "homeostat"
	Own20 = "homeostat-cpu-20"
	Own60 = "homeostat-cpu-60"
	HPA   = "hpa"
)

// Charted are the policies of the charts over time.
func Charted() []string { return []string{Own, "target-tracking-60", "target-tracking-20", HPA} }

// Documented are AWS's policies as its documentation is read here.
func Documented() []string {
	return []string{"target-tracking-60", "target-tracking-20", "target-tracking-requests", "step", "predictive"}
}

// AWS are these, and the same where the documentation can be read otherwise:
// nothing may be claimed that holds for one reading only.
func AWS() []string {
	return append(Documented(), "target-tracking-60-eager", "target-tracking-60-gentle", "target-tracking-20-eager", "target-tracking-20-gentle")
}

// Kubernetes are the peers' policies with signals of their own.
func Kubernetes() []string { return []string{HPA, "keda", "knative"} }

// About is a policy in one sentence.
type About struct{ Policy, Words string }

// Abouts are all policies, with the versions of those that are other people's
// code (tests/bench/peers/go.mod).
func Abouts() (out []About) {
	for _, c := range Table(PriceMid) {
		out = append(out, About{c.Name, c.About})
	}
	return append(
		out,
		About{RateOracle, rateOracle(traffic.Trace{Step: minute, Requests: []float64{0}}).About},
		About{HPA, "Kubernetes' HorizontalPodAutoscaler, its own controller (v1.36.0), on CPU as metrics-server has it"},
		About{"keda", "the same controller on requests/s of all pods, as KEDA's Prometheus scaler has it"},
		About{"knative", "Knative's autoscaler, its own code (serving v0.50.0), on concurrency or requests/s"},
		About{"NAME" + Same, "the same, fed with requests counted every 10 s and seen 10 s later, which is what homeostat sees"},
		About{"NAME" + Tuned, "the same at its best single setting over the first halves of all traces"},
	)
}
