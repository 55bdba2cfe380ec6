package peers

import (
	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/workload"
)

// Contestants are the peers, each with its own signal and with Homeostat's.
// Around calls a run within a bubble of testing/synctest.
func Contestants(around func(run func())) []scaling.Contestant {
	var table []scaling.Contestant
	for _, peer := range []struct{ policy, about, same string }{
		{
			HPA, "Kubernetes' HorizontalPodAutoscaler, its own controller (v1.36.0), on CPU as metrics-server has it",
			"the same controller on the requests/s of each pod, by Homeostat's signal",
		},
		{
			KEDA, "the same controller on requests/s of all pods, by KEDA's Prometheus scaler",
			"the same controller on requests/s of all pods, by Homeostat's signal",
		},
		{
			Knative, "Knative's autoscaler, its own code (serving v0.50.0), on concurrency or requests/s",
			"the same autoscaler on requests/s, by Homeostat's signal",
		},
	} {
		table = append(
			table,
			contestant(peer.policy, peer.about, Sweep(peer.policy, false), around),
			contestant(peer.policy+"-same-signal", peer.same, Sweep(peer.policy, true), around),
		)
	}
	return table
}

func contestant(name, about string, sweep []Setting, around func(run func())) scaling.Contestant {
	// Stabilisation windows and scale-down delays are a quarter of an hour at most.
	c := scaling.Contestant{Name: name, About: about, Tuned: true, Forgets: true, Around: around}
	for _, v := range sweep {
		c.Settings = append(c.Settings, scaling.Setting{
			Name: v.String(),
			New:  func(start scaling.Start) workload.Scaler { return v.scaler(start.Trace.Seconds()) },
		})
	}
	return c
}
