package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
)

// anyRevision draws a small revision, so that two of them are often equal.
func anyRevision(t *rapid.T, name string) fleet.Revision {
	text := func(what string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name+" "+what) }
	var d fleet.Definition
	d.CPU, d.TaskRole = rapid.IntRange(1, 2).Draw(t, name+" cpu"), text("role", "r", "s")
	r := fleet.Revision{ARN: name, TaskDefinition: "web:1", Parts: map[fleet.Part]string{{What: fleet.ChangedNetwork}: text("network", "a", "b")}}
	for _, c := range []string{"app", "proxy"}[:rapid.IntRange(1, 2).Draw(t, name+" containers")] {
		d.Containers = append(d.Containers, fleet.ContainerDefinition{
			Name: c, Image: text(c+" image", "web:1", "web:2"), LogGroup: text(c+" log", "/a", "/b"),
			Values: map[string]string{"MODE": text(c+" mode", "x", "y")}, Secrets: map[string]string{"KEY": text(c+" key", "k1", "k2")},
		})
		if digest := text(c+" digest", "", "sha256:1", "sha256:2"); digest != "" {
			r.Containers = append(r.Containers, fleet.ContainerImage{Name: c, Image: fleet.Image{Repository: "web", Tag: text(c+" tag", "1", "2"), Digest: digest}})
		}
	}
	d.Parts = map[fleet.Part]string{{What: fleet.ChangedCommand, Name: "app"}: text("command", "c", "d")}
	r.Definition = &d
	return r
}

func TestTwoRevisionsAreTheSameIfNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRevision(t, "a"), anyRevision(t, "b")
		if rapid.Bool().Draw(t, "copy") {
			b = a
			b.ARN = "b"
		}
		changes, known := fleet.Changes(a, b)
		assert.True(t, known)
		assert.Equal(t, len(changes) == 0, fleet.Same(a, b), "%+v", changes)
	})
}
