package ecssim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestADeploymentSucceedsEarly(t *testing.T) {
	half := 50
	slow := Behaviour{StartDelay: Delay{Median: 30 * time.Second, Sigma: 1}, StopDelay: Fixed(5 * time.Minute)}
	for name, c := range map[string]struct {
		early *EarlySpec
		// old is true if tasks of the old revision run at the success, and less if fewer new
		// tasks than desired are healthy then.
		old, less bool
	}{
		"without criteria all tasks are replaced": {nil, false, false},
		"deferred, old tasks outlast the success": {&EarlySpec{Percent: 50, Deferred: true}, true, true},
		"blocking, old tasks are removed before":  {&EarlySpec{Percent: 50}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.create(ServiceSpec{TaskDefinition: w.image("1", slow), Desired: 6, MinimumHealthyPercent: &half, Early: c.early})
			w.run(20 * time.Minute)
			w.deploy(w.image("2", slow))
			for range 1800 {
				w.run(time.Second)
				if w.record().Status == ecstypes.ServiceDeploymentStatusSuccessful {
					break
				}
			}
			require.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
			s := w.service()
			assert.Equal(t, ecstypes.DeploymentRolloutStateCompleted, s.Deployments[0].RolloutState)
			assert.Equal(t, c.old, len(s.Deployments) > 1 && s.Deployments[1].RunningCount > 0, "%+v", s.Deployments)
			assert.Equal(t, c.less, s.Deployments[0].RunningCount < 6, "running: %d", s.Deployments[0].RunningCount)
			assert.GreaterOrEqual(t, s.Deployments[0].RunningCount, int32(3))
			w.run(20 * time.Minute)
			s = w.service()
			assert.Len(t, s.Deployments, 1)
			assert.EqualValues(t, 6, s.Deployments[0].RunningCount, "the rest follows in the background")
		})
	}
}
