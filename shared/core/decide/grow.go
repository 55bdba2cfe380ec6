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

// growMemory raises the memory of a proven revision that runs out of memory, if the
// policy permits it and the memory metric confirms it.
func growMemory(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	current, known := in.Snapshot.Current()
	s := subjectOf(in, primary)
	kills := memoryKills(s.cohort, in.Now)
	switch {
	case !ok || in.Policy.MemoryStep == 0 || kills < growKills || s.ran <= in.Policy.SuspectFor || in.Snapshot.Deploying():
		return fleet.Decision{}, nil
	case !known || current.Definition == nil:
		return because(reason.Unread, "%s runs out of memory, but its memory size is unread", primary.TaskDefinition).
			with(str("revision", primary.TaskDefinition), num("kills", kills)).noOp()
	}
	inService := "in service for " + fleet.DurationText(s.ran.Round(time.Hour))
	alert := fmt.Sprintf("%s had %d out-of-memory kills within 1h. ", primary.TaskDefinition, kills)
	memory := in.Snapshot.Memory
	if !memory.Known || in.Now.Sub(memory.At) > polling.MetricStaleAfter || memory.Value < memoryHigh {
		return because(reason.MemoryUnconfirmed, "%s: %d out-of-memory kills within 1h, memory metric %s", primary.TaskDefinition, kills, reading(memory)).
			detail(memory.Why).detail(fmt.Sprintf("a rise needs %d %%", memoryHigh)).detail(inService).
			with(str("revision", primary.TaskDefinition), num("kills", kills), str("memory_percent", percent(memory))).
			alert(alert + "Its memory stays, because the memory metric does not confirm it: " + reading(memory) + ".")
	}
	if last, grown := in.Memory.Last(fleet.GrowMemory); grown && in.Now.Sub(last.At) < growEvery {
		return because(reason.MemoryGrownToday, "%s: memory raised within 24h, %d out-of-memory kills within 1h", primary.TaskDefinition, kills).
			detail(inService).with(str("revision", primary.TaskDefinition), num("kills", kills), at("raised", last.At)).
			alert(alert + "Its memory stays, because it was raised within the last 24h.")
	}
	size, ok := nextSize(*current.Definition, in.Policy.MemoryStep, in.Policy.MemoryMax)
	if !ok {
		return because(reason.MemoryAtMaximum, "%s: %d out-of-memory kills, memory_max is %d MiB", primary.TaskDefinition, kills, in.Policy.MemoryMax).
			detail("the next size is above heal.memory_max").detail(inService).
			with(str("revision", primary.TaskDefinition), num("kills", kills), num("memory_max", in.Policy.MemoryMax)).
			alert(alert + fmt.Sprintf("Its memory stays, because heal.memory_max is %d MiB.", in.Policy.MemoryMax))
	}
	return fleet.Decision{
		Kind: fleet.GrowMemory,
		Reasons: []fleet.Reason{
			because(reason.OutOfMemory, "%s: %d out-of-memory kills within 1h at %.0f %% memory", primary.TaskDefinition, kills, memory.Value).
				detail(fmt.Sprintf("memory %d → %d MiB", current.Definition.Memory, size.memory)).detail(inService).
				with(str("revision", primary.TaskDefinition), num("kills", kills), str("memory_percent", percent(memory)), num("from", current.Definition.Memory), num("to", size.memory)).
				reason(),
		},
		Action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: fmt.Sprintf("memory %d for %s", size.memory, primary.ID), TaskDefinition: current.TaskDefinition,
			Images: pins(current), CPU: size.cpu, Memory: size.memory, Expect: fleet.Expect{Deployment: primary.ID},
		},
		Notify:       alert + fmt.Sprintf("Memory %d → %d MiB.", current.Definition.Memory, size.memory),
		RequeueAfter: state.AfterCheck,
	}, nil
}

// memoryKills returns the number of out-of-memory kills within the last hour.
func memoryKills(cohort *fleet.TaskCohort, now time.Time) int {
	kills := 0
	for _, life := range cohortTasks(cohort) {
		if life.Cause == fleet.OutOfMemory && !life.StoppedAt.IsZero() && now.Sub(life.StoppedAt) < polling.EventStaleAfter {
			kills++
		}
	}
	return kills
}

// reading returns a utilization as a text.
func reading(r fleet.Reading) string {
	if !r.Known {
		return "unknown"
	}
	return fmt.Sprintf("%.0f %%", r.Value)
}

// percent returns a utilization as the value of a field.
func percent(r fleet.Reading) string {
	if !r.Known {
		return "unknown"
	}
	return fmt.Sprintf("%.0f", r.Value)
}

// taskSize is the size of a task in CPU units and MiB. CPU 0 keeps the CPU units.
type taskSize struct{ cpu, memory int }

// nextSize returns the next size, larger by at least step percent. On Fargate it is
// the next row of the table. ok is false if it is above the maximum.
func nextSize(d fleet.Definition, step, most int) (s taskSize, ok bool) {
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

// fargateSize is a row of Fargate's table of task sizes: the CPU units, and the
// memory in MiB from least to most in steps.
type fargateSize struct{ cpu, least, most, step int }

// fargateSizes returns the table of the Amazon ECS developer guide, "Task CPU and
// memory". The smallest CPU permits 512, 1024 and 2048 MiB.
func fargateSizes() []fargateSize {
	const gib = 1024 // MiB
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
