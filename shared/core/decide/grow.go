package decide

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

const (
	// growEvery is how often memory may grow.
	growEvery = 24 * time.Hour
	// growAfter deaths of the last hour memory is grown, not after one: an out
	// of memory kill can be a stale flag of the agent.
	growAfter = 2
	// memoryHigh is the average memory utilisation, in percent, that confirms it.
	memoryHigh = 80
)

// growMemory gives a revision more memory that was good and runs out of it, if
// the policy opts in and the memory metric confirms it.
func growMemory(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	current, known := in.Snapshot.Current()
	kills := memoryKills(in.Memory.Cohorts[primary.ID], in.Now)
	switch old := in.Now.Sub(primary.CreatedAt) > in.Policy.SuspectFor; {
	case !ok || in.Policy.MemoryStep == 0 || kills < growAfter || !old || in.Snapshot.Deploying():
		return fleet.Decision{}, nil
	case !known || current.Definition == nil:
		return nothing(reason.Unread, "the revision runs out of memory, but what it has could not be read")
	}
	text := fmt.Sprintf("%s was good for %s and ran out of memory %d times in the last hour",
		primary.TaskDefinition, in.Now.Sub(primary.CreatedAt).Round(time.Hour), kills)
	memory := in.Snapshot.Memory
	if !memory.Known || in.Now.Sub(memory.At) > polling.MetricStaleAfter || memory.Value < memoryHigh {
		return notify(reason.MemoryUnconfirmed, text+"; the memory metric does not confirm it: "+reading(memory))
	}
	if last, grown := in.Memory.Last(fleet.GrowMemory); grown && in.Now.Sub(last.At) < growEvery {
		return notify(reason.MemoryGrownToday, text+", and its memory grew within the last day already")
	}
	size, ok := grown(*current.Definition, in.Policy.MemoryStep, in.Policy.MemoryMax)
	if !ok {
		return notify(reason.MemoryAtMaximum, fmt.Sprintf("%s, and it may not have more than %d MiB", text, in.Policy.MemoryMax))
	}
	return fleet.Decision{
		Kind: fleet.GrowMemory,
		Reasons: []fleet.Reason{{
			Name: reason.OutOfMemory,
			Text: fmt.Sprintf("%s, at %.0f %% of its memory: %d → %d MiB", text, memory.Value, current.Definition.Memory, size.memory),
		}},
		Action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: fmt.Sprintf("memory %d for %s", size.memory, primary.ID), TaskDefinition: current.TaskDefinition,
			Images: pins(current), CPU: size.cpu, Memory: size.memory, Expect: fleet.Expect{Deployment: primary.ID},
		},
		Notify: text + fmt.Sprintf(": it was given %d MiB", size.memory), RequeueAfter: state.AfterCheck,
	}, nil
}

// memoryKills are the deaths of the last hour for want of memory.
func memoryKills(arm *fleet.TaskCohort, now time.Time) int {
	kills := 0
	for _, life := range cohortTasks(arm) {
		if life.Cause == fleet.OutOfMemory && !life.StoppedAt.IsZero() && now.Sub(life.StoppedAt) < polling.EventStaleAfter {
			kills++
		}
	}
	return kills
}

func reading(r fleet.Reading) string {
	if !r.Known {
		return "unknown, " + r.Why
	}
	return fmt.Sprintf("%.0f %%", r.Value)
}

// taskSize is a task's CPU units and MiB. CPU 0 keeps what it has.
type taskSize struct{ cpu, memory int }

// grown is the next size, by at least step percent and at most half as much
// again where Fargate has such a size, else its next; ok is false where that is
// above the maximum.
func grown(d fleet.Definition, step, most int) (s taskSize, ok bool) {
	if d.Memory <= 0 {
		return s, false
	}
	want := int(math.Ceil(float64(d.Memory) * (1 + float64(step)/100)))
	if !d.Fargate {
		return taskSize{memory: want}, want <= most
	}
	for _, row := range fargateSizes() {
		if row.cpu < d.CPU {
			continue
		}
		for memory := row.least; memory <= row.most; memory += row.step {
			if memory >= want {
				return taskSize{row.cpu, memory}, memory <= most
			}
		}
	}
	return s, false
}

// fargateSize is a row of Fargate's table of task sizes: MiB from least to most
// in steps, at so many CPU units.
type fargateSize struct{ cpu, least, most, step int }

// fargateSizes is the table of the Amazon ECS developer guide, "Task CPU and
// memory". The smallest CPU takes 512, 1024 and 2048 MiB.
func fargateSizes() []fargateSize {
	const gib = 1024
	return []fargateSize{
		{256, 512, 512, gib},
		{256, 1 * gib, 2 * gib, gib},
		{512, 1 * gib, 4 * gib, gib},
		{1024, 2 * gib, 8 * gib, gib},
		{2048, 4 * gib, 16 * gib, gib},
		{4096, 8 * gib, 30 * gib, gib},
		{8192, 16 * gib, 60 * gib, 4 * gib},
		{16384, 32 * gib, 120 * gib, 8 * gib},
	}
}
