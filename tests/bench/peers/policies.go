package peers

import (
	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/workload"
)

// Policies returns the peers, each with its own signal and with Homeostat's. wrap
// calls a run within a bubble of testing/synctest.
func Policies(wrap func(run func())) []scaling.Policy {
	var table []scaling.Policy
	for _, peer := range []struct{ policy, about, same string }{
		{
			HPA, "Kubernetes' HorizontalPodAutoscaler, its own controller (v1.36.0), on the CPU metric of metrics-server",
			"the same controller on the requests/s of each pod, on Homeostat's signal",
		},
		{
			KEDA, "the same controller on requests/s of all pods, as in KEDA's Prometheus scaler",
			"the same controller on requests/s of all pods, on Homeostat's signal",
		},
		{
			Knative, "Knative's autoscaler, its own code (serving v0.50.0), on concurrency or requests/s",
			"the same autoscaler on requests/s, on Homeostat's signal",
		},
	} {
		table = append(
			table,
			policyOf(peer.policy, peer.about, Sweep(peer.policy, false), wrap),
			policyOf(peer.policy+"-same-signal", peer.same, Sweep(peer.policy, true), wrap),
		)
	}
	return table
}

func policyOf(name, about string, sweep []Setting, wrap func(run func())) scaling.Policy {
	// Stabilization windows and scale-down delays are at most 15 minutes.
	c := scaling.Policy{Name: name, About: about, Tuned: true, ShortMemory: true, Wrap: wrap}
	for _, v := range sweep {
		c.Settings = append(c.Settings, scaling.Setting{
			Name: v.String(),
			New:  func(in scaling.RunInput) workload.Scaler { return v.scaler(in.Trace.Seconds()) },
		})
	}
	return c
}
