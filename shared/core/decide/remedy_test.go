package decide_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func onSpot(in *decide.Input) {
	in.Snapshot.Providers = []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 1, Base: 1}, {Provider: "FARGATE_SPOT", Weight: 3}}
	in.Snapshot.Running = 1
	in.Cause = fleet.NoCapacity
}

func trouble(cause fleet.Cause, since time.Duration, count int) change {
	return func(in *decide.Input) {
		in.Memory.Troubles = map[fleet.Cause]fleet.Trouble{cause: {First: ago(since), Last: ago(10 * time.Second), Count: count}}
		in.Cause = cause
	}
}

func fellBack(at time.Duration) change {
	return func(in *decide.Input) {
		in.Memory.SpotFallback = &fleet.SpotFallback{At: ago(at), Was: []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 1}}}
	}
}

// decided checks the kind, the reasons' names and the action of a plan.
func decided(t *testing.T, given []change, kind fleet.DecisionKind, reasons ...string) fleet.Decision {
	t.Helper()
	in := input()
	for _, f := range given {
		f(&in)
	}
	d := decide.Plan(in)
	assert.Equal(t, kind, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, reasons, names(d.Reasons))
	return d
}

func TestSpotThatCannotBeReplacedFallsBackToOnDemand(t *testing.T) {
	t.Run("after two minutes", func(t *testing.T) {
		d := decided(t, after(onSpot, trouble(fleet.NoCapacity, 3*time.Minute, 1)), fleet.FallBack, "spot-unavailable")
		assert.Equal(t, fleet.SetProviders, d.Action.Kind)
		assert.Equal(t, []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 4, Base: 1}, {Provider: "FARGATE_SPOT"}}, d.Action.Providers)
		assert.Contains(t, d.Notify, "on-demand capacity")
	})
	t.Run("the second time at once", func(t *testing.T) {
		decided(t, after(onSpot, trouble(fleet.NoCapacity, time.Minute, 2)), fleet.FallBack, "spot-unavailable")
	})
	t.Run("not the first time", func(t *testing.T) {
		d := decided(t, after(onSpot, trouble(fleet.NoCapacity, 30*time.Second, 1)), fleet.DoNothing, "capacity", "spot-wait")
		assert.Equal(t, time.Minute, d.RequeueAfter)
	})
	for name, change := range map[string]change{
		"not where all tasks run":         func(in *decide.Input) { in.Snapshot.Running = 3 },
		"not where the policy forbids it": func(in *decide.Input) { in.Policy.SpotFallback = false },
		"not where nothing is on Spot":    func(in *decide.Input) { in.Snapshot.Providers = in.Snapshot.Providers[:1] },
		"not twice":                       fellBack(10 * time.Minute),
		"not where it is a warning only":  func(in *decide.Input) { trouble(fleet.SpotInterruption, 3*time.Minute, 3)(in) },
		"not where the trouble is an hour": func(in *decide.Input) {
			in.Memory.Troubles = map[fleet.Cause]fleet.Trouble{fleet.NoCapacity: {First: ago(2 * time.Hour), Last: ago(time.Hour), Count: 9}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, f := range after(onSpot, trouble(fleet.NoCapacity, 3*time.Minute, 3), change) {
				f(&in)
			}
			assert.NotEqual(t, fleet.FallBack, decide.Plan(in).Kind)
		})
	}
}

func TestOnDemandCapacityIsGivenBackAfterAQuietPeriod(t *testing.T) {
	tick := func(in *decide.Input) { in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: noon()} }
	d := decided(t, after(tick, fellBack(2*time.Hour)), fleet.ReturnToSpot, "spot-restored")
	assert.Equal(t, []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 1}}, d.Action.Providers)
	for name, given := range map[string][]change{
		"an interruption of late is no quiet": {tick, fellBack(2 * time.Hour), trouble(fleet.SpotInterruption, 20*time.Minute, 1)},
		"the hour is not over":                {tick, fellBack(50 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, f := range given {
				f(&in)
			}
			assert.NotEqual(t, fleet.ReturnToSpot, decide.Plan(in).Kind)
		})
	}
}

func TestNoTaskIsAddedWhereThatMakesItWorse(t *testing.T) {
	d := decided(t, after(trouble(fleet.SubnetFull, time.Minute, 1)), fleet.Notify, "subnet-full", "counted", "not-enough-evidence")
	assert.Equal(t, []fleet.Block{{Kind: fleet.ScaleOut, Until: noon().Add(15*time.Minute - 10*time.Second), Why: "the subnet has no addresses left"}}, d.Blocks)

	d = decided(t, after(trouble(fleet.PullThrottled, time.Minute, 1)), fleet.DoNothing, "transient", "pull-throttled")
	assert.Len(t, d.Blocks, 2)
	assert.Equal(t, fleet.Redeploy, d.Blocks[1].Kind)
	assert.Empty(t, d.Notify)
}

func TestATransientCauseThatDoesNotPassIsToldAfterThree(t *testing.T) {
	decided(t, after(trouble(fleet.PullNetwork, 4*time.Minute, 2)), fleet.DoNothing, "transient")
	d := decided(t, after(trouble(fleet.PullNetwork, 4*time.Minute, 3)), fleet.Notify, "transient-persists", "transient")
	assert.Equal(t, "pull-network 3 times since 11:56:00Z: it does not pass by itself", d.Notify)
}

func TestARevisionWhosePinnedImageIsGoneRunsOneThatExists(t *testing.T) {
	gone := func(in *decide.Input) {
		dying(in, "ecs-svc/7", 1, fleet.ImageMissing)
		in.Snapshot.History[0].Target.Missing = []string{"web@gone"}
	}
	t.Run("the last good one", func(t *testing.T) {
		d := decided(t, after(gone), fleet.Redeploy, "image-gone")
		assert.Equal(t, "web:6", d.Action.TaskDefinition)
		assert.Empty(t, d.Quarantine, "nobody is to blame")
	})
	t.Run("what the watched tag points to", func(t *testing.T) {
		d := decided(t, after(gone, func(in *decide.Input) {
			in.Policy.Tag = "live"
			want := image(8)
			in.Snapshot.Watched = &want
		}), fleet.Redeploy, "image-gone", "image-pushed")
		assert.Equal(t, digest(8), d.Action.Images[0].Image.Digest)
	})
	t.Run("none, where there is none", func(t *testing.T) {
		decided(t, after(gone, func(in *decide.Input) { in.Snapshot.History = in.Snapshot.History[:1] }),
			fleet.Notify, "image-gone", "counted", "not-enough-evidence")
	})
	t.Run("not while it is rolled out: the judge decides", func(t *testing.T) {
		in := input()
		gone(&in)
		in.Snapshot.History[0].Status = "IN_PROGRESS"
		assert.NotEqual(t, fleet.Redeploy, decide.Plan(in).Kind)
	})
}

// outOfMemory is a revision of long standing with two kills and high memory.
func outOfMemory(in *decide.Input) {
	dying(in, "ecs-svc/7", 2, fleet.OutOfMemory)
	in.Policy.MemoryStep, in.Policy.MemoryMax = 25, 8192
	in.Snapshot.Deployments[0].CreatedAt = ago(72 * time.Hour)
	in.Snapshot.Memory = fleet.Known(93, ago(time.Minute), "test")
	in.Snapshot.History[0].Target.Definition = &fleet.Definition{CPU: 512, Memory: 2048, Fargate: true}
}

func TestMemoryGrowsWhereAGoodRevisionRunsOutOfIt(t *testing.T) {
	t.Run("by the next size of Fargate", func(t *testing.T) {
		d := decided(t, after(outOfMemory), fleet.GrowMemory, "out-of-memory")
		assert.Equal(t, fleet.RunRevision, d.Action.Kind)
		assert.Equal(t, []int{512, 3072}, []int{d.Action.CPU, d.Action.Memory})
		assert.Equal(t, "web:7 was good for 72h0m0s and ran out of memory 2 times in the last hour, at 93 % of its memory: 2048 → 3072 MiB", d.Reasons[0].Text)
	})
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"not without the metric": {func(in *decide.Input) { in.Snapshot.Memory = fleet.Unknown("throttled") }, "memory-unconfirmed"},
		"not against the metric": {func(in *decide.Input) { in.Snapshot.Memory.Value = 40 }, "memory-unconfirmed"},
		"not twice a day": {func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.GrowMemory, At: ago(20 * time.Hour), Status: fleet.Done}}
		}, "memory-grown-today"},
		"not above the maximum":       {func(in *decide.Input) { in.Policy.MemoryMax = 2560 }, "memory-at-maximum"},
		"not unless its size is read": {func(in *decide.Input) { in.Snapshot.History[0].Target.Definition = nil }, "unread"},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			outOfMemory(&in)
			c.change(&in)
			d := decide.Plan(in)
			assert.NotEqual(t, fleet.GrowMemory, d.Kind)
			assert.Contains(t, names(d.Reasons), c.want)
		})
	}
	for name, change := range map[string]change{
		"not unless the policy says so":       func(in *decide.Input) { in.Policy.MemoryStep = 0 },
		"not after one kill":                  func(in *decide.Input) { dying(in, "ecs-svc/7", 1, fleet.OutOfMemory) },
		"not for a revision that is suspect":  func(in *decide.Input) { in.Snapshot.Deployments[0].CreatedAt = ago(time.Hour) },
		"not while a deployment is under way": func(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" },
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			outOfMemory(&in)
			change(&in)
			assert.NotEqual(t, fleet.GrowMemory, decide.Plan(in).Kind)
		})
	}
}

func TestATasksSizeIsOneThatFargateHas(t *testing.T) {
	for _, c := range []struct{ cpu, memory, step, wantCPU, want int }{
		{256, 512, 25, 256, 1024},
		{256, 1024, 25, 256, 2048},
		{256, 2048, 25, 512, 3072},
		{1024, 8192, 25, 2048, 10240},
		{2048, 4096, 50, 2048, 6144},
		{8192, 16384, 25, 8192, 20480},
		{16384, 65536, 25, 16384, 81920},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			d := decided(t, after(outOfMemory, func(in *decide.Input) {
				in.Policy.MemoryStep, in.Policy.MemoryMax = c.step, 122880
				in.Snapshot.History[0].Target.Definition = &fleet.Definition{CPU: c.cpu, Memory: c.memory, Fargate: true}
			}), fleet.GrowMemory, "out-of-memory")
			assert.Equal(t, []int{c.wantCPU, c.want}, []int{d.Action.CPU, d.Action.Memory})
		})
	}
}
