package peers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	defaults "k8s.io/kubernetes/pkg/apis/autoscaling/v2"

	"homeostat/shared/sim/workload"
)

func TestTheHPAsDefaultIsThatOfTheAPIServer(t *testing.T) {
	bare := &autoscalingv2.HorizontalPodAutoscaler{}
	defaults.SetDefaults_HorizontalPodAutoscaler(bare)
	ours := Default(HPA, false).autoscaler(workload.Standard())
	assert.Equal(t, bare.Spec.Metrics, ours.Spec.Metrics)
	assert.Equal(t, bare.Spec.MinReplicas, ours.Spec.MinReplicas)
	assert.Nil(t, ours.Spec.Behavior)
}

func TestEachPolicyIsSweptFromItsDefault(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Policies(nil) {
		t.Run(c.Name, func(t *testing.T) {
			assert.False(t, names[c.Name], "one contestant for each name")
			names[c.Name] = true
			assert.NotEmpty(t, c.About)
			assert.Greater(t, len(c.Settings), 20, "targets from 30 to 85 %% by windows")
			settings := map[string]bool{}
			for _, s := range c.Settings {
				assert.False(t, settings[s.Name], "%s is there once", s.Name)
				settings[s.Name] = true
			}
		})
	}
	assert.Len(t, names, 6)
	for policy, want := range map[string]string{
		HPA: "target=80 down=300s", KEDA: "target=70 window=120s down=300s", Knative: "target=70 window=60s down=0s",
	} {
		assert.Equal(t, want, Sweep(policy, false)[0].String())
	}
	assert.Equal(t, "target=70 window=60s down=0s metric=rps", Sweep(Knative, true)[0].String())
}

func TestABehaviourIsFilledInAsTheAPIServerDoes(t *testing.T) {
	v := Default(HPA, false)
	v.Down /= 5
	down := v.autoscaler(workload.Standard()).Spec.Behavior.ScaleDown
	assert.Equal(t, int32(60), *down.StabilizationWindowSeconds)
	assert.Len(t, down.Policies, 1, "all at once, every 15 s")
}
