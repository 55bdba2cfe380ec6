package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// The parts of a task definition that can differ between two revisions. The words
// are stable.
const (
	ChangedImage         = "image"
	ChangedEnvironment   = "environment"
	ChangedSecret        = "secret"
	ChangedCPU           = "cpu"
	ChangedMemory        = "memory"
	ChangedTaskRole      = "task-role"
	ChangedExecutionRole = "execution-role"
	ChangedLog           = "log"
	ChangedVolume        = "volume"
	ChangedContainer     = "container"
)

// Change is one difference between two revisions. From and To never hold the
// values of variables or secrets. Empty means absent.
type Change struct {
	What string `json:"what"`
	// Name is the name of the container, followed by the name of the variable or
	// secret.
	Name string `json:"name,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Changes returns the differences from the older to the newer revision, in a
// fixed order. known is false if one of the definitions was not read.
func Changes(older, newer Revision) (changes []Change, known bool) {
	a, b := older.Definition, newer.Definition
	if a == nil || b == nil {
		return nil, false
	}
	differ := func(what, name, from, to string) {
		if from != to {
			changes = append(changes, Change{what, name, from, to})
		}
	}
	differ(ChangedCPU, "", size(a.CPU), size(b.CPU))
	differ(ChangedMemory, "", size(a.Memory), size(b.Memory))
	differ(ChangedTaskRole, "", a.TaskRole, b.TaskRole)
	differ(ChangedExecutionRole, "", a.ExecutionRole, b.ExecutionRole)
	differ(ChangedVolume, "", fmt.Sprint(a.Volumes), fmt.Sprint(b.Volumes))
	before, after := byName(a.Containers), byName(b.Containers)
	for _, name := range union(before, after) {
		x, was := before[name]
		y, is := after[name]
		if was != is {
			differ(ChangedContainer, name, x.Name, y.Name)
			continue
		}
		differ(ChangedImage, name, running(older, x), running(newer, y))
		differ(ChangedMemory, name, size(x.Memory), size(y.Memory))
		differ(ChangedLog, name, x.Log+" "+x.LogGroup, y.Log+" "+y.LogGroup)
		for _, variable := range union(x.Values, y.Values) {
			if x.Values[variable] != y.Values[variable] {
				changes = append(changes, Change{What: ChangedEnvironment, Name: name + "/" + variable})
			}
		}
		for _, secret := range union(x.Secrets, y.Secrets) {
			differ(ChangedSecret, name+"/"+secret, x.Secrets[secret], y.Secrets[secret])
		}
	}
	return changes, true
}

// running returns the image of a container: by digest if ECS recorded one, else
// as written in the task definition.
func running(r Revision, c ContainerDefinition) string {
	for _, i := range r.Containers {
		if i.Name == c.Name && i.Image.Digest != "" {
			return i.Image.Pinned().String()
		}
	}
	return c.Image
}

// size returns a size as text; empty for 0.
func size(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// byName returns the containers by name.
func byName(containers []ContainerDefinition) map[string]ContainerDefinition {
	out := make(map[string]ContainerDefinition, len(containers))
	for _, c := range containers {
		out[c.Name] = c
	}
	return out
}

// union returns the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return slices.Sorted(maps.Keys(all))
}
