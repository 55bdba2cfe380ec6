package decide_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

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

func onFallback(at time.Duration) change {
	return func(in *decide.Input) {
		in.Memory.SpotFallback = &fleet.SpotFallback{At: ago(at), Was: []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 1}}}
	}
}

// decided checks the kind and the names of the reasons of a decision.
func decided(t *testing.T, given []change, kind fleet.DecisionKind, reasons ...string) fleet.Decision {
	t.Helper()
	d := planOf(t, given...)
	assert.Equal(t, kind, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, reasons, fixture.ReasonNames(d.Reasons))
	return d
}

func TestUnavailableSpotCapacityIsReplacedByOnDemand(t *testing.T) {
	t.Run("after two minutes", func(t *testing.T) {
		d := decided(t, after(onSpot, trouble(fleet.NoCapacity, 3*time.Minute, 1)), fleet.FallBack, "spot-unavailable")
		assert.Equal(t, fleet.SetProviders, d.Action.Kind)
		assert.Equal(t, []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 4, Base: 1}, {Provider: "FARGATE_SPOT"}}, d.Action.Providers)
		assert.Equal(t, "Spot capacity is unavailable for 3m: 1 of 3 tasks run. Fallback to on-demand capacity.", d.Notify)
	})
	t.Run("at once after the second failure", func(t *testing.T) {
		decided(t, after(onSpot, trouble(fleet.NoCapacity, time.Minute, 2)), fleet.FallBack, "spot-unavailable")
	})
	t.Run("not after the first failure", func(t *testing.T) {
		d := decided(t, after(onSpot, trouble(fleet.NoCapacity, 30*time.Second, 1)), fleet.DoNothing, "capacity", "spot-wait")
		assert.Equal(t, time.Minute, d.RequeueAfter)
	})
	for name, change := range map[string]change{
		"not if all tasks run":         func(in *decide.Input) { in.Snapshot.Running = 3 },
		"not if the policy forbids it": func(in *decide.Input) { in.Policy.SpotFallback = false },
		"not without Spot":             func(in *decide.Input) { in.Snapshot.Providers = in.Snapshot.Providers[:1] },
		"not twice":                    onFallback(10 * time.Minute),
		"not after a warning only":     func(in *decide.Input) { trouble(fleet.SpotInterruption, 3*time.Minute, 3)(in) },
		"not after an hour": func(in *decide.Input) {
			in.Memory.Troubles = map[fleet.Cause]fleet.Trouble{fleet.NoCapacity: {First: ago(2 * time.Hour), Last: ago(time.Hour), Count: 9}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotEqual(t, fleet.FallBack, planOf(t, onSpot, trouble(fleet.NoCapacity, 3*time.Minute, 3), change).Kind)
		})
	}
}

func TestAServiceReturnsToSpotAfterAQuietPeriod(t *testing.T) {
	d := decided(t, after(tick, onFallback(2*time.Hour)), fleet.ReturnToSpot, "spot-restored")
	assert.Equal(t, []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 1}}, d.Action.Providers)
	for name, given := range map[string][]change{
		"not after a recent interruption": {tick, onFallback(2 * time.Hour), trouble(fleet.SpotInterruption, 20*time.Minute, 1)},
		"not within the hour":             {tick, onFallback(50 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotEqual(t, fleet.ReturnToSpot, planOf(t, given...).Kind)
		})
	}
}

func TestNoTaskIsAddedToAFullSubnetOrAThrottlingRegistry(t *testing.T) {
	d := decided(t, after(trouble(fleet.SubnetFull, time.Minute, 1)), fleet.Notify, "subnet-full", "counted", "not-enough-evidence")
	assert.Equal(t, []fleet.Block{{Kind: fleet.ScaleOut, Until: fixture.Noon().Add(15*time.Minute - 10*time.Second), Why: "the subnet has no free addresses"}}, d.Blocks)
	assert.Equal(t, "The subnet has no free addresses. No task is added before 12:14:50Z.", d.Notify)

	d = decided(t, after(trouble(fleet.PullThrottled, time.Minute, 1)), fleet.DoNothing, "transient", "pull-throttled")
	assert.Equal(t, "the registry throttles pulls: no task is added before 12:09:50Z", d.Reasons[1].Text)
	assert.Len(t, d.Blocks, 2)
	assert.Equal(t, fleet.Redeploy, d.Blocks[1].Kind)
	assert.Empty(t, d.Notify)
}

func TestATransientCauseIsReportedAfterThreeFailures(t *testing.T) {
	decided(t, after(trouble(fleet.PullNetwork, 4*time.Minute, 2)), fleet.DoNothing, "transient")
	d := decided(t, after(trouble(fleet.PullNetwork, 4*time.Minute, 3)), fleet.Notify, "transient-persists", "transient")
	assert.Equal(t, "pull-network: 3 failures since 11:56:00Z. It does not pass by itself.", d.Notify)
}

func TestARevisionWithoutItsImageIsReplaced(t *testing.T) {
	missing := func(in *decide.Input) {
		fail(in, "ecs-svc/7", 1, fleet.ImageMissing)
		in.Snapshot.History[0].Target.Images = []fleet.CheckedImage{{Image: fleet.Image{Repository: "web", Digest: "sha256:gone"}, State: fleet.ImageGone}}
	}
	t.Run("by the last good revision", func(t *testing.T) {
		d := decided(t, after(missing), fleet.Redeploy, "image-gone")
		assert.Equal(t, "web:6", d.Action.TaskDefinition)
		assert.Empty(t, d.Quarantine, "no revision is at fault")
	})
	t.Run("by the image of the watched tag", func(t *testing.T) {
		d := decided(t, after(missing, func(in *decide.Input) {
			in.Policy.Tag = "live"
			want := image(8)
			in.Snapshot.Watched = &want
		}), fleet.Redeploy, "image-gone", "image-pushed")
		assert.Equal(t, digest(8), d.Action.Images[0].Image.Digest)
	})
	t.Run("not without another revision", func(t *testing.T) {
		decided(t, after(missing, func(in *decide.Input) { in.Snapshot.History = in.Snapshot.History[:1] }),
			fleet.Notify, "image-gone", "counted", "not-enough-evidence")
	})
	t.Run("not during its rollout, because the judge decides", func(t *testing.T) {
		d := planOf(t, missing, func(in *decide.Input) { in.Snapshot.History[0].Status = "IN_PROGRESS" })
		assert.NotEqual(t, fleet.Redeploy, d.Kind)
	})
}

// outOfMemory gives a revision of three days two kills and high memory.
func outOfMemory(in *decide.Input) {
	fail(in, "ecs-svc/7", 2, fleet.OutOfMemory)
	in.Policy.MemoryStep, in.Policy.MemoryMax = 25, 8192
	in.Snapshot.Deployments[0].CreatedAt = ago(72 * time.Hour)
	in.Snapshot.Memory = fleet.Known(93, ago(time.Minute), "test")
	in.Snapshot.History[0].Target.Definition = &fleet.Definition{CPU: 512, Memory: 2048, Fargate: true}
}

func TestMemoryIsRaisedForAProvenRevision(t *testing.T) {
	t.Run("to the next size of Fargate", func(t *testing.T) {
		d := decided(t, after(outOfMemory), fleet.GrowMemory, "out-of-memory")
		assert.Equal(t, fleet.RunRevision, d.Action.Kind)
		assert.Equal(t, []int{512, 3072}, []int{d.Action.CPU, d.Action.Memory})
		assert.Equal(t, "web:7: 2 out-of-memory kills within 1h at 93 % memory", d.Reasons[0].Text)
		assert.Equal(t, "memory 2048 → 3072 MiB; in service for 72h", d.Reasons[0].Detail)
		assert.Equal(t, "web:7 had 2 out-of-memory kills within 1h. Memory 2048 → 3072 MiB.", d.Notify)
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
		"not above the maximum":   {func(in *decide.Input) { in.Policy.MemoryMax = 2560 }, "memory-at-maximum"},
		"not with an unread size": {func(in *decide.Input) { in.Snapshot.History[0].Target.Definition = nil }, "unread"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, outOfMemory, c.change)
			assert.NotEqual(t, fleet.GrowMemory, d.Kind)
			assert.Contains(t, fixture.ReasonNames(d.Reasons), c.want)
		})
	}
	for name, change := range map[string]change{
		"not without heal.memory_step": func(in *decide.Input) { in.Policy.MemoryStep = 0 },
		"not after one kill":           func(in *decide.Input) { fail(in, "ecs-svc/7", 1, fleet.OutOfMemory) },
		"not for a new revision":       func(in *decide.Input) { in.Snapshot.Deployments[0].CreatedAt = ago(time.Hour) },
		"not during a deployment":      func(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" },
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotEqual(t, fleet.GrowMemory, planOf(t, outOfMemory, change).Kind)
		})
	}
}

func TestTheNextSizeIsASizeOfFargate(t *testing.T) {
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

// spotHost is a warning of EC2 about a host of the service.
func spotHost(action string, drain bool) change {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{
			Kind: fleet.SpotWarning, ID: "event-1", At: ago(5 * time.Second), Instance: fleet.Instance{ID: "i-0a", Action: action, Host: "h1"},
		}
		in.Cause, in.Policy.DrainHosts = fleet.SpotInterruption, drain
	}
}

func TestAHostThatEC2TakesBackIsExplainedAndNotDrained(t *testing.T) {
	for name, c := range map[string]struct {
		given   change
		reasons []string
	}{
		"a terminated host":                  {spotHost("terminate", true), []string{"capacity", "spot-host"}},
		"a stopped host":                     {spotHost("stop", true), []string{"capacity", "spot-host"}},
		"without the permission to drain":    {spotHost("terminate", false), []string{"capacity", "spot-host"}},
		"an instance that ECS does not have": {func(in *decide.Input) { spotHost("terminate", true)(in); in.Trigger.Instance.Host = "" }, []string{"capacity"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := decided(t, after(c.given), fleet.DoNothing, c.reasons...)
			assert.Empty(t, d.Notify, "a warning is part of Spot")
		})
	}
}
