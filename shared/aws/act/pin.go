package act

import (
	"context"
	"slices"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// pinnedDefinition returns the ARN of a task definition equal to the action's, with
// pinned images and the size of the action. If nothing differs, it is the same task
// definition. Else it is the newest revision of the family if an earlier try
// registered it, or a new revision. ECS refuses an update to a task definition that is
// not ACTIVE, so such a one is registered again. Where a registration is denied, it is
// the task definition itself if the action permits that.
func (a *Actor) pinnedDefinition(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (string, error) {
	base, err := a.base(ctx, ref, action)
	if err != nil {
		return "", err
	}
	wanted := withPins(base.TaskDefinition.ContainerDefinitions, action.Images)
	size, err := resized(base.TaskDefinition, wanted, action)
	if err != nil {
		return "", err
	}
	active := base.TaskDefinition.Status == ecstypes.TaskDefinitionStatusActive
	if active && same(base.TaskDefinition, wanted, size) {
		return aws.ToString(base.TaskDefinition.TaskDefinitionArn), nil
	}
	if err := allNamed(base.TaskDefinition.ContainerDefinitions, action); err != nil {
		return "", err
	}
	family := aws.ToString(base.TaskDefinition.Family)
	newest, err := a.newest(ctx, family)
	if err != nil {
		return "", err
	}
	if newest != nil && madeFrom(newest.Tags, action.TaskDefinition) && same(newest.TaskDefinition, wanted, size) {
		return aws.ToString(newest.TaskDefinition.TaskDefinitionArn), nil
	}
	copied := copyOf(base, wanted, action.TaskDefinition)
	copied.Cpu, copied.Memory = size.cpu, size.memory
	out, err := a.ECS.RegisterTaskDefinition(ctx, copied)
	if err == nil {
		return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
	}
	err = fault.FromAWS("registering a pinned revision of "+family, err)
	if fault.CodeOf(err) == fault.Denied && active && action.AsWritten {
		return aws.ToString(base.TaskDefinition.TaskDefinitionArn), nil
	}
	return "", err
}

// base returns the task definition of the action. If ECS does not know it any more, it
// is the stored copy.
func (a *Actor) base(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (*ecs.DescribeTaskDefinitionOutput, error) {
	found, err := a.definition(ctx, action.TaskDefinition)
	if err == nil || !action.Kept || a.Kept == nil || !fault.IsNoTaskDefinition(err) {
		return found, err
	}
	return a.Kept.load(ctx, ref, action.TaskDefinition)
}

// newest returns the newest ACTIVE revision of a family; nil without one.
func (a *Actor) newest(ctx context.Context, family string) (*ecs.DescribeTaskDefinitionOutput, error) {
	found, err := a.definition(ctx, family)
	if fault.IsNoTaskDefinition(err) {
		return nil, nil
	}
	return found, err
}

func (a *Actor) definition(ctx context.Context, name string) (*ecs.DescribeTaskDefinitionOutput, error) {
	out, err := a.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(name), Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, fault.FromAWS("describing task definition "+name, err)
	}
	return out, nil
}

// allNamed refuses a pin for a container that the task definition does not have:
// the decision was made for another task definition.
func allNamed(containers []ecstypes.ContainerDefinition, action fleet.Action) error {
	names := map[string]bool{}
	for _, c := range containers {
		names[aws.ToString(c.Name)] = true
	}
	for _, p := range action.Images {
		if !names[p.Name] || p.Image.Digest == "" {
			return fault.Terminalf("pin-impossible", "pinning container %q of %s to %s is not possible", p.Name, action.TaskDefinition, p.Image)
		}
	}
	return nil
}

func withPins(containers []ecstypes.ContainerDefinition, pins []fleet.ContainerImage) []ecstypes.ContainerDefinition {
	out := append([]ecstypes.ContainerDefinition(nil), containers...)
	for i := range out {
		for _, p := range pins {
			if aws.ToString(out[i].Name) == p.Name {
				out[i].Image = aws.String(p.Image.Pinned().String())
			}
		}
	}
	return out
}

// same reports whether a task definition has these images and this size.
func same(t *ecstypes.TaskDefinition, wanted []ecstypes.ContainerDefinition, size size) bool {
	return sizeOf(t).equal(size) && slices.EqualFunc(t.ContainerDefinitions, wanted, func(a, b ecstypes.ContainerDefinition) bool {
		return aws.ToString(a.Name) == aws.ToString(b.Name) && aws.ToString(a.Image) == aws.ToString(b.Image) &&
			aws.ToInt32(a.Memory) == aws.ToInt32(b.Memory) && aws.ToInt32(a.MemoryReservation) == aws.ToInt32(b.MemoryReservation)
	})
}

func madeFrom(tags []ecstypes.Tag, definition string) bool {
	for _, t := range tags {
		if aws.ToString(t.Key) == tagPinnedFrom {
			return aws.ToString(t.Value) == definition
		}
	}
	return false
}

// copyOf returns the registration of the same task definition with other images.
func copyOf(base *ecs.DescribeTaskDefinitionOutput, containers []ecstypes.ContainerDefinition, from string) *ecs.RegisterTaskDefinitionInput {
	t := base.TaskDefinition
	tags := []ecstypes.Tag{{Key: aws.String(tagPinnedFrom), Value: aws.String(from)}}
	for _, tag := range base.Tags {
		if k := aws.ToString(tag.Key); k != tagPinnedFrom && !strings.HasPrefix(k, "aws:") {
			tags = append(tags, tag)
		}
	}
	return &ecs.RegisterTaskDefinitionInput{
		Family:                  t.Family,
		ContainerDefinitions:    containers,
		Cpu:                     t.Cpu,
		Memory:                  t.Memory,
		NetworkMode:             t.NetworkMode,
		ExecutionRoleArn:        t.ExecutionRoleArn,
		TaskRoleArn:             t.TaskRoleArn,
		Volumes:                 t.Volumes,
		PlacementConstraints:    t.PlacementConstraints,
		RequiresCompatibilities: t.RequiresCompatibilities,
		RuntimePlatform:         t.RuntimePlatform,
		EphemeralStorage:        t.EphemeralStorage,
		ProxyConfiguration:      t.ProxyConfiguration,
		PidMode:                 t.PidMode,
		IpcMode:                 t.IpcMode,
		EnableFaultInjection:    t.EnableFaultInjection,
		Tags:                    tags,
	}
}
