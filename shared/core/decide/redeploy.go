package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// redeploy rolls out the newest image that was pushed under the watched tag.
func redeploy(in Input) (fleet.Decision, []fleet.Reason) {
	_, waits := in.Memory.PushOf(in.Policy.Tag)
	switch {
	case in.Policy.Tag == "" && len(in.Memory.Pushes) > 0:
		return nothing(reason.NoTagWatched, "the policy watches no tag for this service")
	case !waits && len(in.Memory.Pushes) > 0:
		return nothing(reason.TagNotWatched, fmt.Sprintf("the push was of tag %q, the policy watches %q", in.Memory.Pushes[0].Image.Tag, in.Policy.Tag))
	case !waits && !missed(in):
		return fleet.Decision{}, nil
	}
	for _, part := range []string{"revisions", "watched"} {
		if why, unread := in.Snapshot.Unread[part]; unread {
			return nothing(reason.Unread, "the image could not be checked: "+why)
		}
	}
	current, ok := in.Snapshot.Current()
	if !ok || in.Snapshot.Watched == nil {
		return nothing(reason.Unread, "ECS lists no revision of the service, or the registry no such tag")
	}
	// The tag may have moved again since: what it points to now is rolled out.
	return compare(in, current, *in.Snapshot.Watched)
}

// compare asks whether what the watched tag points to is to replace what runs.
func compare(in Input, current fleet.Revision, want fleet.Image) (fleet.Decision, []fleet.Reason) {
	container, running, ok := runs(current, want)
	switch {
	case !ok:
		return handled(reason.NotThisImage, fmt.Sprintf("no container of the service runs %s", want.Repository))
	case running.Digest == want.Digest:
		return handled(reason.AlreadyRunning, "the service already runs "+short(want.Digest))
	}
	if q, bad := in.Memory.Quarantines(want.Digest); bad {
		return handled(reason.Quarantined, fmt.Sprintf("%s is quarantined since %s: %s", short(want.Digest), q.At.UTC().Format(time.RFC3339), q.Why))
	}
	if in.Snapshot.Deploying() {
		decision, why := nothing(reason.Deploying, "a deployment is in progress; the newest push follows when it has ended")
		decision.RequeueAfter = time.Minute
		return decision, why
	}
	primary, ok := in.Snapshot.Primary()
	if !ok {
		return nothing(reason.NoDeployment, "the service has no deployment to replace")
	}
	return rollOut(in, primary, container, running, want)
}

// handled says why nothing is to be done about the push, now or later.
func handled(name reason.Name, text string) (fleet.Decision, []fleet.Reason) {
	d, why := nothing(name, text)
	d.PushHandled = true
	return d, why
}

// missed reports whether a sweep found an image that was pushed after the
// running deployment began, and of which no event told. An older one is left
// alone: somebody has deployed something else since, on purpose.
func missed(in Input) bool {
	primary, ok := in.Snapshot.Primary()
	return ok && route.Of(in.Trigger.Kind).Scheduled && in.Snapshot.Watched != nil &&
		!in.Snapshot.WatchedAt.IsZero() && in.Snapshot.WatchedAt.After(primary.CreatedAt)
}

func rollOut(in Input, primary fleet.Deployment, container string, running, want fleet.Image) (fleet.Decision, []fleet.Reason) {
	image := want.Pinned()
	image.Registry = running.Registry
	return fleet.Decision{
		Kind: fleet.Redeploy,
		Reasons: []fleet.Reason{{
			Name: reason.ImagePushed,
			Text: fmt.Sprintf("%s:%s now is %s, the service runs %s", want.Repository, in.Policy.Tag, short(want.Digest), short(running.Digest)),
		}},
		Action: &fleet.Action{
			Kind:           fleet.RunRevision,
			Intent:         "redeploy " + want.Digest + " after " + primary.ID,
			TaskDefinition: in.Snapshot.TaskDefinition,
			Images:         []fleet.ContainerImage{{Name: container, Image: image}},
			Expect:         fleet.Expect{Deployment: primary.ID},
		},
	}, nil
}

// runs is the container of the revision that runs the image's repository.
func runs(r fleet.Revision, want fleet.Image) (container string, running fleet.Image, ok bool) {
	for _, c := range r.Containers {
		if c.Image.Repository == want.Repository && (want.Registry == "" || c.Image.Registry == want.Registry) {
			return c.Name, c.Image, true
		}
	}
	return "", fleet.Image{}, false
}

// short is a digest as people quote it.
func short(digest string) string {
	_, hex, ok := strings.Cut(digest, ":")
	if !ok || len(hex) < 12 {
		if digest == "" {
			return "an unknown digest"
		}
		return digest
	}
	return hex[:12]
}
