package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func TestAHotServiceIsEvaluatedAtItsNextSample(t *testing.T) {
	for name, c := range map[string]struct{ period, want time.Duration }{
		"metrics of one minute":   {time.Minute, time.Minute},
		"metrics of 20 s":         {20 * time.Second, 20 * time.Second},
		"metrics of five minutes": {5 * time.Minute, time.Minute},
		"an unknown period":       {0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Trigger.Kind, in.Policy.ToZero = fleet.Tick, 0
			in.Snapshot.Desired, in.Snapshot.Running = 3, 3
			in.Memory.Alarms = map[string]fleet.AlarmState{"high": {State: "ALARM", At: in.Now}}
			in.Snapshot.CPU = fleet.Known(100, in.Now, "CPUUtilization")
			in.Snapshot.Load.CPU = []fleet.Sample{{At: in.Now, Period: c.period, Value: 100}}
			in.Snapshot.Load.Running = []fleet.Sample{{At: in.Now, Period: c.period, Value: 3}}
			assert.Equal(t, c.want, followed(t, in).RequeueAfter)
		})
	}
}
