package act

import (
	"fmt"
	"strconv"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// size is the size of a task in the form of a task definition. nil stands for a
// missing value.
type size struct{ cpu, memory *string }

func sizeOf(t *ecstypes.TaskDefinition) size { return size{t.Cpu, t.Memory} }

func (s size) equal(other size) bool {
	return aws.ToString(s.cpu) == aws.ToString(other.cpu) && aws.ToString(s.memory) == aws.ToString(other.memory)
}

// resized returns the size of the action. It raises the memory limits of the
// containers in proportion, because a container cannot use memory above its own
// limit.
func resized(t *ecstypes.TaskDefinition, containers []ecstypes.ContainerDefinition, action fleet.Action) (size, error) {
	wanted := sizeOf(t)
	if action.CPU > 0 {
		wanted.cpu = aws.String(strconv.Itoa(action.CPU))
	}
	if action.Memory == 0 {
		return wanted, nil
	}
	old, err := memoryOf(t, action)
	if err != nil {
		return wanted, err
	}
	// A task on EC2 may have no size of its own, only limits of its containers.
	if t.Memory != nil {
		wanted.memory = aws.String(strconv.Itoa(action.Memory))
	}
	for i := range containers {
		containers[i].Memory = raisedLimit(containers[i].Memory, action.Memory, old)
		containers[i].MemoryReservation = raisedLimit(containers[i].MemoryReservation, action.Memory, old)
	}
	return wanted, nil
}

// memoryOf returns the memory of the task in MiB, or the sum of its containers'
// limits if the task has none.
func memoryOf(t *ecstypes.TaskDefinition, action fleet.Action) (int, error) {
	if t.Memory != nil {
		if n, err := strconv.Atoi(*t.Memory); err == nil && n > 0 {
			return n, nil
		}
	}
	sum := 0
	for _, c := range t.ContainerDefinitions {
		sum += int(aws.ToInt32(c.Memory))
	}
	if t.Memory != nil || sum == 0 {
		return 0, fault.Terminalf("size-impossible", "%s has no memory limit that could be changed to %d MiB", action.TaskDefinition, action.Memory)
	}
	return sum, nil
}

// raisedLimit returns a limit in proportion to the new and the old memory of the
// task. Limits are never lowered.
func raisedLimit(limit *int32, to, from int) *int32 {
	if limit == nil || to <= from {
		return limit
	}
	return aws.Int32(int32(int64(*limit) * int64(to) / int64(from)))
}

// sizeText returns the size of an action as text; empty if the action keeps the
// size.
func sizeText(action fleet.Action) string {
	switch {
	case action.CPU > 0 && action.Memory > 0:
		return fmt.Sprintf("%d CPU units and %d MiB", action.CPU, action.Memory)
	case action.CPU > 0:
		return fmt.Sprintf("%d CPU units", action.CPU)
	case action.Memory > 0:
		return fmt.Sprintf("%d MiB", action.Memory)
	}
	return ""
}
