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
	d := differences{older: older, newer: newer}
	d.size(ChangedCPU, "", a.CPU, b.CPU)
	d.size(ChangedMemory, "", a.Memory, b.Memory)
	d.text(ChangedTaskRole, "", a.TaskRole, b.TaskRole)
	d.text(ChangedExecutionRole, "", a.ExecutionRole, b.ExecutionRole)
	before, after := byName(a.Containers), byName(b.Containers)
	for _, name := range union(before, after) {
		x, was := before[name]
		y, is := after[name]
		if was != is {
			d.text(ChangedContainer, name, x.Name, y.Name)
			continue
		}
		d.container(&x, &y)
	}
	// A container that was added or removed is one change.
	both := func(name string) bool {
		_, was := before[name]
		_, is := after[name]
		return was == is
	}
	d.parts(a.Parts, b.Parts, both)
	d.parts(older.Parts, newer.Parts, both)
	return d.changes, true
}

// differences collects the changes between two revisions.
type differences struct {
	older, newer Revision
	changes      []Change
	seen         map[Part]bool
}

func (d *differences) text(what, name, from, to string) {
	if from == to {
		return
	}
	if d.seen == nil {
		d.seen = map[Part]bool{}
	}
	d.changes, d.seen[Part{what, name}] = append(d.changes, Change{what, name, from, to}), true
}

func (d *differences) size(what, name string, from, to int) {
	if from != to {
		d.text(what, name, size(from), size(to))
	}
}

// container adds the changes of a container that both revisions have.
func (d *differences) container(x, y *ContainerDefinition) {
	name := x.Name
	if !sameImage(d.older, d.newer, x, y) {
		d.text(ChangedImage, name, running(d.older, *x), running(d.newer, *y))
	}
	d.size(ChangedMemory, name, x.Memory, y.Memory)
	if x.Log != y.Log || x.LogGroup != y.LogGroup {
		d.text(ChangedLog, name, x.Log+" "+x.LogGroup, y.Log+" "+y.LogGroup)
	}
	if maps.Equal(x.Values, y.Values) && maps.Equal(x.Secrets, y.Secrets) {
		return
	}
	for _, variable := range union(x.Values, y.Values) {
		if x.Values[variable] != y.Values[variable] {
			d.changes = append(d.changes, Change{What: ChangedEnvironment, Name: name + "/" + variable})
		}
	}
	for _, secret := range union(x.Secrets, y.Secrets) {
		d.text(ChangedSecret, name+"/"+secret, x.Secrets[secret], y.Secrets[secret])
	}
}

// parts adds the changes of parts that no other change names. both reports whether a
// container is in both revisions, or in none.
func (d *differences) parts(a, b map[Part]string, both func(string) bool) {
	if maps.Equal(a, b) {
		return
	}
	for _, part := range partsOf(a, b) {
		if a[part] != b[part] && !d.seen[part] && both(part.Name) {
			d.changes = append(d.changes, Change{What: part.What, Name: part.Name})
		}
	}
}

// Same reports whether two revisions are known to be equal: a forced deployment
// makes a new revision with the content of the one before. Without the definitions,
// only revisions of one task definition can be known to be equal.
func Same(a, b Revision) bool {
	if a.ARN == b.ARN && a.ARN != "" {
		return true
	}
	if a.Definition != nil && b.Definition != nil {
		return equal(a, b)
	}
	return a.TaskDefinition != "" && a.TaskDefinition == b.TaskDefinition && a.Pinned() && b.Pinned() &&
		slices.Equal(a.Containers, b.Containers) && maps.Equal(a.Parts, b.Parts)
}

// equal reports whether Changes finds none, for revisions with definitions. It allocates
// nothing, because each evaluation compares a revision with its whole history.
func equal(a, b Revision) bool {
	x, y := a.Definition, b.Definition
	if x.CPU != y.CPU || x.Memory != y.Memory || x.TaskRole != y.TaskRole || x.ExecutionRole != y.ExecutionRole || len(x.Containers) != len(y.Containers) {
		return false
	}
	for i := range x.Containers {
		c := &x.Containers[i]
		at := slices.IndexFunc(y.Containers, func(d ContainerDefinition) bool { return d.Name == c.Name })
		if at < 0 {
			return false
		}
		d := &y.Containers[at]
		if c.Memory != d.Memory || c.Log != d.Log || c.LogGroup != d.LogGroup || !maps.Equal(c.Values, d.Values) || !maps.Equal(c.Secrets, d.Secrets) || !sameImage(a, b, c, d) {
			return false
		}
	}
	return maps.Equal(x.Parts, y.Parts) && maps.Equal(a.Parts, b.Parts)
}

// sameImage reports whether a container runs the same image in both revisions.
func sameImage(a, b Revision, c, d *ContainerDefinition) bool {
	before, known := recorded(a, c.Name)
	after, too := recorded(b, d.Name)
	if known && too {
		return before.Pinned() == after.Pinned()
	}
	return running(a, *c) == running(b, *d)
}

// recorded returns the image that ECS recorded with a digest for a container.
func recorded(r Revision, container string) (Image, bool) {
	for _, i := range r.Containers {
		if i.Name == container && i.Image.Digest != "" {
			return i.Image, true
		}
	}
	return Image{}, false
}

// ServiceChanges returns the words of the parts in which the settings of the service
// differ: those beside the task definition. A deployment of a task definition changes none
// of them.
func ServiceChanges(a, b Revision) []string {
	var words []string
	if maps.Equal(a.Parts, b.Parts) {
		return nil
	}
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
	if image, ok := recorded(r, c.Name); ok {
		return image.Pinned().String()
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
