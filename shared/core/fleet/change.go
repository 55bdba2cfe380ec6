package fleet

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The parts that can differ between two revisions. The words are stable.
const (
	ChangedImage           = "image"
	ChangedEnvironment     = "environment"
	ChangedEnvironmentFile = "environment-file"
	ChangedSecret          = "secret"
	ChangedCommand         = "command"
	ChangedEntryPoint      = "entry-point"
	ChangedHealthCheck     = "health-check"
	ChangedPort            = "port"
	ChangedUser            = "user"
	ChangedReadOnlyRoot    = "read-only-root"
	ChangedStopTimeout     = "stop-timeout"
	ChangedCPU             = "cpu"
	ChangedMemory          = "memory"
	ChangedTaskRole        = "task-role"
	ChangedExecutionRole   = "execution-role"
	ChangedLog             = "log"
	ChangedVolume          = "volume"
	ChangedContainer       = "container"
	// The parts of the service that a revision records.
	ChangedNetwork         = "network"
	ChangedLoadBalancer    = "load-balancer"
	ChangedCapacity        = "capacity"
	ChangedPlatformVersion = "platform-version"
	ChangedServiceConnect  = "service-connect"
	// ChangedOther is a part without a word of its own. It may explain any cause.
	ChangedOther = "other"
)

// Part names one part of a revision. Name is the container, or the field of a part
// without a word.
type Part struct{ What, Name string }

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
// fixed order. known is false if one of the definitions was not read. No change with
// known true means that the revisions are equal, except for names, dates and images of
// one digest.
func Changes(older, newer Revision) (changes []Change, known bool) {
	a, b := older.Definition, newer.Definition
	if a == nil || b == nil {
		return nil, false
	}
	seen := map[Part]bool{}
	differ := func(what, name, from, to string) {
		if from != to {
			changes = append(changes, Change{what, name, from, to})
			seen[Part{what, name}] = true
		}
	}
	differ(ChangedCPU, "", size(a.CPU), size(b.CPU))
	differ(ChangedMemory, "", size(a.Memory), size(b.Memory))
	differ(ChangedTaskRole, "", a.TaskRole, b.TaskRole)
	differ(ChangedExecutionRole, "", a.ExecutionRole, b.ExecutionRole)
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
	differs := func(a, b map[Part]string) {
		for _, part := range partsOf(a, b) {
			_, was := before[part.Name]
			_, is := after[part.Name]
			// A container that was added or removed is one change.
			if a[part] != b[part] && !seen[part] && was == is {
				changes = append(changes, Change{What: part.What, Name: part.Name})
			}
		}
	}
	differs(a.Parts, b.Parts)
	differs(older.Parts, newer.Parts)
	return changes, true
}

// Same reports whether two revisions are known to be equal: a forced deployment
// makes a new revision with the content of the one before. Without the definitions,
// only revisions of one task definition can be known to be equal.
func Same(a, b Revision) bool {
	if a.ARN == b.ARN && a.ARN != "" {
		return true
	}
	if changes, known := Changes(a, b); known {
		return len(changes) == 0
	}
	return a.TaskDefinition != "" && a.TaskDefinition == b.TaskDefinition && a.Pinned() && b.Pinned() &&
		slices.Equal(a.Containers, b.Containers) && maps.Equal(a.Parts, b.Parts)
}

// ServiceChanges returns the words of the parts in which the settings of the service
// differ: those beside the task definition. A deployment of a task definition changes none
// of them.
func ServiceChanges(a, b Revision) []string {
	var words []string
	for _, part := range partsOf(a.Parts, b.Parts) {
		if a.Parts[part] != b.Parts[part] && !slices.Contains(words, part.What) {
			words = append(words, part.What)
		}
	}
	return words
}

// partsOf returns the parts of both maps, sorted.
func partsOf(a, b map[Part]string) []Part {
	all := map[Part]bool{}
	for part := range a {
		all[part] = true
	}
	for part := range b {
		all[part] = true
	}
	return slices.SortedFunc(maps.Keys(all), func(x, y Part) int {
		return cmp.Or(strings.Compare(x.What, y.What), strings.Compare(x.Name, y.Name))
	})
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
