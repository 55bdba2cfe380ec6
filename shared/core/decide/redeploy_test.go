package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

func TestANewImageIsRolledOut(t *testing.T) {
	out := planned{
		given: after(pushed(8)), kind: fleet.Redeploy, reasons: []string{"image-pushed"},
		text: "web:live now is " + short(8) + ", the service runs " + short(7),
		action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "redeploy " + digest(8) + " after ecs-svc/7", TaskDefinition: "web:7",
			Images: []fleet.ContainerImage{{Name: "app", Image: image(8).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
		},
	}
	moved := out
	moved.given = after(pushed(8), func(in *decide.Input) { in.Memory.Pushes[0].Image.Digest = digest(9) })
	tick := out
	tick.given = after(pushed(8), kindOf(fleet.Tick))
	bare := out
	bare.given = after(pushed(8), func(in *decide.Input) { in.Snapshot.Watched.Registry = "" })
	sidecar := out
	sidecar.given = after(pushed(8), func(in *decide.Input) {
		target := &in.Snapshot.History[0].Target
		target.Containers = append([]fleet.ContainerImage{{Name: "proxy", Image: fleet.Image{Repository: "envoy", Digest: digest(1)}}}, target.Containers...)
	})
	check(t, map[string]planned{
		"pinned by digest, in the container that runs its repository": out,
		"what the tag points to by now wins over what was pushed":     moved,
		"also on a tick, where the push could not be dealt with":      tick,
		"from the registry that the service pulls from":               bare,
		"a sidecar keeps its image":                                   sidecar,
	})
}

func TestAPushIsNotAlwaysRolledOut(t *testing.T) {
	still := func(name, text string, given ...change) planned {
		return planned{given: append([]change{pushed(8)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	waiting := still("deploying", "a deployment is in progress; the newest push follows when it has ended", deploying)
	waiting.again = time.Minute
	waitingToo := still("deploying", "a deployment is in progress; the newest push follows when it has ended", func(in *decide.Input) {
		in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE"})
	})
	waitingToo.again = time.Minute
	check(t, map[string]planned{
		"no tag is watched":      still("no-tag-watched", "the policy watches no tag for this service", func(in *decide.Input) { in.Policy.Tag = "" }),
		"another tag is watched": still("tag-not-watched", `the push was of tag "live", the policy watches "stable"`, func(in *decide.Input) { in.Policy.Tag = "stable" }),
		"the revisions could not be read": still("unread", "the image could not be checked: throttled", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"revisions": "throttled"}
		}),
		"the tag could not be read": still("unread", "the image could not be checked: gone", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"watched": "gone"}
		}),
		"the tag was not looked up": still("unread", "ECS lists no revision of the service, or the registry no such tag",
			func(in *decide.Input) { in.Snapshot.Watched = nil }),
		"ECS lists no revision": still("unread", "ECS lists no revision of the service, or the registry no such tag", history()),
		"no container runs the repository": still("not-this-image", "no container of the service runs api",
			func(in *decide.Input) { in.Snapshot.Watched.Repository = "api" }),
		"no container runs it from that registry": still("not-this-image", "no container of the service runs web",
			func(in *decide.Input) {
				in.Snapshot.Watched.Registry = "999999999999.dkr.ecr.eu-central-1.amazonaws.com"
			}),
		"the digest runs already": still("already-running", "the service already runs "+short(7), pushed(7)),
		"the digest is in quarantine": still("quarantined", short(8)+" is quarantined since 2026-01-05T11:00:00Z: it crashed", func(in *decide.Input) {
			in.Memory.Quarantine = []fleet.Quarantined{{Image: image(8), At: ago(time.Hour), Why: "it crashed"}}
		}),
		"a deployment is in progress":          waiting,
		"the old deployment is still draining": waitingToo,
	})
}

func TestADyingRevisionComesBeforeANewImage(t *testing.T) {
	check(t, map[string]planned{
		"the rollback is made, the push waits": {
			given: after(pushed(8), kindOf(fleet.Tick), convicted), kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
			text: "web@" + short(7) + " must not come back until a person lifts it",
			action: &fleet.Action{
				Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6",
				Images: []fleet.ContainerImage{{Name: "app", Image: image(6).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
		},
	})
}
