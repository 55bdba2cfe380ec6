package decide

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// redeploy rolls out the newest image of the watched tag.
func redeploy(in Input) (fleet.Decision, []fleet.Reason) {
	_, waits := in.Memory.PushOf(in.Policy.Tag)
	switch {
	case in.Policy.Tag == "" && len(in.Memory.Pushes) > 0:
		return because(reason.NoTagWatched, "an image was pushed, but the policy watches no tag (redeploy.tag)").noOp()
	case !waits && len(in.Memory.Pushes) > 0:
		pushed := in.Memory.Pushes[0].Image.Tag
		return because(reason.TagNotWatched, "the pushed tag is %q, the policy watches %q", pushed, in.Policy.Tag).
			with(str("tag", pushed), str("watched", in.Policy.Tag)).noOp()
	case !waits && !missed(in):
		why, due := retry(in)
		if !due {
			return fleet.Decision{}, nil
		}
		d, reasons := checked(in)
		if d.Action != nil {
			d.Reasons = append([]fleet.Reason{why.reason()}, d.Reasons...)
		}
		return d, reasons
	}
	return checked(in)
}

// checked compares the watched image with the running one, if both were read.
func checked(in Input) (fleet.Decision, []fleet.Reason) {
	for _, part := range []string{"revisions", "watched"} {
		if why, unread := in.Snapshot.Unread[part]; unread {
			return because(reason.Unread, "the image could not be checked: %s", why).noOp()
		}
	}
	current, ok := in.Snapshot.Current()
	if !ok || in.Snapshot.Watched == nil {
		return because(reason.Unread, "ECS lists no revision of the service, or the registry lacks the tag").with(str("tag", in.Policy.Tag)).noOp()
	}
	// The tag may have moved since the push: its current image is rolled out.
	return compare(in, current, *in.Snapshot.Watched)
}

// compare decides whether the image of the watched tag replaces the running one.
func compare(in Input, current fleet.Revision, want fleet.Image) (fleet.Decision, []fleet.Reason) {
	container, running, ok := runs(current, want)
	switch {
	case !ok:
		return handled(because(reason.NotThisImage, "no container of the service runs %s", want.Repository).with(str("repository", want.Repository)))
	case running.Digest == want.Digest:
		return handled(because(reason.AlreadyRunning, "the service already runs %s", fleet.ShortDigest(want.Digest)).with(str("digest", want.Digest)))
	}
	if q, bad := in.Memory.Quarantines(want.Digest); bad {
		return handled(because(reason.Quarantined, "image %s is quarantined since %s", fleet.ShortDigest(want.Digest), q.At.UTC().Format(time.RFC3339)).
			detail(q.Why).with(str("digest", want.Digest), at("since", q.At)))
	}
	if in.Snapshot.WatchedState.Obstructs() {
		return because(reason.ImageArchived, "image %s is archived in the registry: it cannot be pulled", fleet.ShortDigest(want.Digest)).
			with(str("digest", want.Digest), str("state", in.Snapshot.WatchedState)).noOpFor(followUpIn)
	}
	if in.Snapshot.Deploying() && !endedFailed(in.Snapshot) {
		return because(reason.Deploying, "a deployment is in progress: the newest push follows after its end").with(str("digest", want.Digest)).noOpFor(followUpIn)
	}
	primary, ok := in.Snapshot.Primary()
	if !ok {
		return because(reason.NoDeployment, "the service has no deployment to replace").noOp()
	}
	return rollOut(in, primary, container, running, want)
}

// handled returns the reason against a push that needs no further evaluation.
func handled(d draft) (fleet.Decision, []fleet.Reason) {
	decision, why := d.noOp()
	decision.PushHandled = true
	return decision, why
}

// missed reports whether a sweep found a newer image without an event of its push. An
// image from before the running deployment is left alone, because something else was
// deployed since.
func missed(in Input) bool {
	primary, ok := in.Snapshot.Primary()
	scheduled := func(t *fleet.Trigger) bool { return route.Of(t.Kind).Scheduled }
	return ok && in.anyTrigger(scheduled) && in.Snapshot.Watched != nil &&
		!in.Snapshot.WatchedAt.IsZero() && in.Snapshot.WatchedAt.After(primary.CreatedAt)
}

func rollOut(in Input, primary fleet.Deployment, container string, running, want fleet.Image) (fleet.Decision, []fleet.Reason) {
	image := want.Pinned()
	image.Registry = running.Registry
	return fleet.Decision{
		Kind: fleet.Redeploy,
		Reasons: []fleet.Reason{
			because(reason.ImagePushed, "%s:%s is now %s, the service runs %s", want.Repository, in.Policy.Tag, fleet.ShortDigest(want.Digest), fleet.ShortDigest(running.Digest)).
				with(str("repository", want.Repository), str("tag", in.Policy.Tag), str("digest", want.Digest), str("running", running.Digest)).reason(),
		},
		Action: &fleet.Action{
			Kind:           fleet.RunRevision,
			Intent:         "redeploy " + want.Digest + " after " + primary.ID,
			TaskDefinition: in.Snapshot.TaskDefinition,
			Images:         []fleet.ContainerImage{{Name: container, Image: image}},
			Expect:         fleet.Expect{Deployment: primary.ID},
		},
	}, nil
}

// runs returns the container of the revision that runs the image's repository.
func runs(r fleet.Revision, want fleet.Image) (container string, running fleet.Image, ok bool) {
	for _, c := range r.Containers {
		if c.Image.Repository == want.Repository && (want.Registry == "" || c.Image.Registry == want.Registry) {
			return c.Name, c.Image, true
		}
	}
	return "", fleet.Image{}, false
}
