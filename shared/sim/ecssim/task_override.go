package ecssim

import (
	"cmp"
	"strconv"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// taskOverrides are the overrides of RunTask. The wire form is kept for the answers.
type taskOverrides struct {
	task       wire.Object
	containers map[string]wire.Object
}

// parseOverrides reads the overrides of a task. Each container must exist.
func parseOverrides(td *taskDefinition, in wire.Object) (taskOverrides, error) {
	o := taskOverrides{task: in, containers: map[string]wire.Object{}}
	for _, c := range in.Objects("containerOverrides") {
		name := c.String("name")
		if !td.hasContainer(name) {
			return o, wire.Errorf("InvalidParameterException", "Override for container named %s is not a container in the TaskDefinition.", name)
		}
		o.containers[name] = c
	}
	return o, nil
}

func (td *taskDefinition) hasContainer(name string) bool {
	for _, c := range td.containers {
		if c.name == name {
			return true
		}
	}
	return false
}

// override applies the overrides of the size of the task.
func (t *task) override(o taskOverrides) {
	t.overrides = o
	t.cpu, t.memory = cmp.Or(o.task.String("cpu"), t.cpu), cmp.Or(o.task.String("memory"), t.memory)
	if n, ok := o.task.Object("ephemeralStorage").Int("sizeInGiB"); ok {
		t.ephemeralGiB = n
	}
	t.behaviour = t.behaviourWith(nil)
}

// units returns the CPU units and the memory in MiB of the whole task.
func (t *task) units() (cpu, memory float64) {
	cpu, _ = strconv.ParseFloat(t.cpu, 64)
	memory, _ = strconv.ParseFloat(t.memory, 64)
	return cpu, memory
}

// overrideObject returns the overrides in the form of DescribeTasks: one for each
// container, even without a change.
func (t *task) overrideObject() wire.Object {
	containers := make([]wire.Object, len(t.td.containers))
	for i, c := range t.td.containers {
		containers[i] = wire.Object{"name": c.name}
		if o := t.overrides.containers[c.name]; o != nil {
			containers[i] = o
		}
	}
	out := wire.Object{"containerOverrides": containers, "inferenceAcceleratorOverrides": []wire.Object{}}
	for _, key := range []string{"cpu", "memory", "taskRoleArn", "executionRoleArn", "ephemeralStorage"} {
		if t.overrides.task.Has(key) {
			out[key] = t.overrides.task[key]
		}
	}
	return out
}

// overrideDetails returns the overrides in the form of the event.
func (t *task) overrideDetails() overridesDetail {
	out := overridesDetail{ContainerOverrides: make([]overrideDetail, len(t.td.containers))}
	for i, c := range t.td.containers {
		o := t.overrides.containers[c.name]
		d := overrideDetail{Name: c.name, Command: o.Strings("command")}
		if n, ok := o.Int("cpu"); ok {
			d.CPU = &n
		}
		if n, ok := o.Int("memory"); ok {
			d.Memory = &n
		}
		for _, e := range o.Objects("environment") {
			d.Environment = append(d.Environment, detailPair{e.String("name"), e.String("value")})
		}
		out.ContainerOverrides[i] = d
	}
	return out
}

// tag sets the tags of a new task: its own, those that the request or the service
// propagates, and those that ECS manages. AWS: developer guide, "Tagging your Amazon
// ECS resources".
func (t *task) tag(in wire.Object) {
	var tags []wire.Object
	switch from := in.String("propagateTags"); {
	case from == "TASK_DEFINITION":
		tags = append(tags, t.sim.account.Tags.Of(t.td.arn)...)
	case from == "SERVICE" && t.service != nil:
		tags = append(tags, t.sim.account.Tags.Of(t.service.arn)...)
	}
	tags = account.Merged("key", tags, in.Objects("tags"))
	if managed, _ := in.Bool("enableECSManagedTags"); managed {
		tags = append(tags, wire.Object{"key": "aws:ecs:clusterName", "value": t.cluster.name})
		if t.service != nil {
			tags = append(tags, wire.Object{"key": "aws:ecs:serviceName", "value": t.service.name})
		}
	}
	t.sim.account.Tags.Put(t.arn, tags)
}
