package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

func TestANewImageIsRolledOut(t *testing.T) {
	out := plan{
		given: after(pushed(8)), kind: fleet.Redeploy, reasons: []string{"image-pushed"},
		text:   "web:live is now " + shortDigest + ", the service runs " + shortDigest,
		fields: map[string]string{"repository": "web", "tag": "live", "digest": digest(8), "running": digest(7)},
		action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "redeploy " + digest(8) + " after ecs-svc/7", TaskDefinition: "web:7",
			Images: []fleet.ContainerImage{{Name: "app", Image: image(8).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
		},
	}
	moved, tick, bare, sidecar := out, out, out, out
	moved.given = after(pushed(8), func(in *decide.Input) { in.Memory.Pushes[0].Image.Digest = digest(9) })
	tick.given = after(pushed(8), kindOf(fleet.Tick))
	bare.given = after(pushed(8), func(in *decide.Input) { in.Snapshot.Watched.Registry = "" })
	sidecar.given = after(pushed(8), func(in *decide.Input) {
		target := &in.Snapshot.History[0].Target
		target.Containers = append([]fleet.ContainerImage{{Name: "proxy", Image: fleet.Image{Repository: "envoy", Digest: digest(1)}}}, target.Containers...)
	})
	check(t, map[string]plan{
		"by digest, in the container of its repository": out,
		"the image of the tag replaces the pushed one":  moved,
		"after a tick, if the push is pending":          tick,
		"from the registry of the service":              bare,
		"a sidecar keeps its image":                     sidecar,
	})
}

func TestAPushIsNotAlwaysRolledOut(t *testing.T) {
	noOp := func(name, text string, given ...change) plan {
		return plan{given: append([]change{pushed(8)}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	handled := func(name, text string, given ...change) plan {
		p := noOp(name, text, given...)
		p.handled = true
		return p
	}
	const inProgress = "a deployment is in progress: the newest push follows after its end"
	deployment := noOp("deploying", inProgress, deploying)
	deployment.again = time.Minute
	draining := noOp("deploying", inProgress, func(in *decide.Input) {
		in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE"})
	})
	draining.again = time.Minute
	const unlisted = "ECS lists no revision of the service, or the registry lacks the tag"
	check(t, map[string]plan{
		"no tag is watched": noOp("no-tag-watched", "an image was pushed, but the policy watches no tag (redeploy.tag)",
			func(in *decide.Input) { in.Policy.Tag = "" }),
		"another tag is watched": noOp("tag-not-watched", `the pushed tag is "live", the policy watches "stable"`,
			func(in *decide.Input) { in.Policy.Tag = "stable" }),
		"the revisions could not be read": noOp("unread", "the image could not be checked: throttled", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"revisions": "throttled"}
		}),
		"the tag could not be read": noOp("unread", "the image could not be checked: gone", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"watched": "gone"}
		}),
		"the tag was not read":  noOp("unread", unlisted, func(in *decide.Input) { in.Snapshot.Watched = nil }),
		"ECS lists no revision": noOp("unread", unlisted, history()),
		"no container runs the repository": handled("not-this-image", "no container of the service runs api",
			func(in *decide.Input) { in.Snapshot.Watched.Repository = "api" }),
		"no container runs it from that registry": handled("not-this-image", "no container of the service runs web",
			func(in *decide.Input) {
				in.Snapshot.Watched.Registry = "999999999999.dkr.ecr.eu-central-1.amazonaws.com"
			}),
		"the digest runs already": handled("already-running", "the service already runs "+shortDigest, pushed(7)),
		"the digest is quarantined": handled("quarantined", "image "+shortDigest+" is quarantined since 2026-01-05T11:00:00Z", func(in *decide.Input) {
			in.Memory.Quarantine = []fleet.Quarantined{{Image: image(8), At: ago(time.Hour), Why: "it crashed"}}
		}),
		"a deployment is in progress":    deployment,
		"the old deployment is draining": draining,
	})
}

func TestARollbackPrecedesANewImage(t *testing.T) {
	first := rolledBack(t, "web:6", 6)
	first.given = after(pushed(8), kindOf(fleet.Tick), failing)
	check(t, map[string]plan{"the push waits": first})
}
