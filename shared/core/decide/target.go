package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// statusActive is the status of a task definition that a service can be updated to
// (Amazon ECS developer guide, "Amazon ECS task definition states").
const statusActive = "ACTIVE"

// candidate is a possible target of a rollback.
type candidate struct {
	fleet.Revision
	// lived is true if tasks of it are known to have run for minLife or longer.
	lived bool
	// doubt is the text about an image whose state is unknown; empty for none.
	doubt string
	// byECS is true if a stop of the running deployment leads to it.
	byECS bool
}

// rank orders the candidates: a lower rank is better. A proven revision comes before
// another one, and a known image before an unknown one.
func (c candidate) rank() int {
	rank := 0
	if !c.lived {
		rank += 2
	}
	if c.doubt != "" {
		rank++
	}
	return rank
}

// targets is the result of the search for a target.
type targets struct {
	// best is the best candidate; nil without one.
	best *candidate
	// archived is the newest candidate whose only obstacle is an archived image; nil
	// without one.
	archived *candidate
	// obstacle is the text about the obstacles of all candidates.
	obstacle string
	// lost is the text about the candidates with a good past that can no longer be
	// restored; empty for none.
	lost string
}

// rollbackTarget returns the best revision to go back to. Of equally good ones it is
// the newest.
func rollbackTarget(in Input, bad fleet.Revision) (found targets) {
	var obstacles, lost []string
	for i, r := range in.Snapshot.History {
		if r.Status != "SUCCESSFUL" || r.Target.TaskDefinition == "" || sameContent(r.Target, bad) {
			continue
		}
		c := candidate{Revision: r.Target, lived: lived(in, i), doubt: doubtOf(in, r.Target, bad), byECS: stopLeadsTo(in.Snapshot, r.Target, bad)}
		o, archived := obstacleOf(in, c)
		switch {
		case o == "" && (found.best == nil || c.rank() < found.best.rank()):
			found.best = &c
		case archived && found.archived == nil:
			found.archived = &c
		}
		if o != "" {
			obstacles = addObstacle(obstacles, r.Target.TaskDefinition+" "+o)
		}
		if o != "" && r.Target.Status != "" && unfit(in, c) == "" {
			lost = addObstacle(lost, r.Target.TaskDefinition+" "+o)
		}
	}
	found.lost = strings.Join(lost, "; ")
	if found.obstacle = strings.Join(obstacles, "; "); found.obstacle == "" {
		found.obstacle = "no earlier deployment completed"
	}
	return found
}

// deploysAsWritten reports whether its task definition can be deployed without a pin.
func (c candidate) deploysAsWritten() bool { return c.Status == statusActive && c.AsWritten }

// addObstacle adds an obstacle, once, up to the bound of a reason.
func addObstacle(obstacles []string, text string) []string {
	if len(obstacles) == maxObstacles || slices.Contains(obstacles, text) {
		return obstacles
	}
	return append(obstacles, text)
}

// sameContent reports whether a rollback from one revision to the other changes
// nothing.
func sameContent(target, bad fleet.Revision) bool {
	if target.Definition != nil && bad.Definition != nil {
		return fleet.Same(target, bad)
	}
	return target.TaskDefinition == bad.TaskDefinition && len(badImages(target, bad)) == 0
}

// stopLeadsTo reports whether ECS rolls back to the revision when the running
// deployment is stopped. ECS takes the newest completed one (Amazon ECS developer
// guide, "Stopping Amazon ECS service deployments").
func stopLeadsTo(s fleet.Snapshot, r, bad fleet.Revision) bool {
	if latest, ok := s.Latest(); !ok || !latest.InProgress() {
		return false
	}
	for _, other := range s.History {
		if other.Status == "SUCCESSFUL" && !sameContent(other.Target, bad) {
			return sameContent(other.Target, r)
		}
	}
	return false
}

// lived reports whether tasks of the target of a rollout ran for minLife or longer. The
// recorded tasks decide. Without enough of them, the time in service does: from the end
// of the rollout to the begin of the next one. The status of a rollout decides
// nothing, because it may be successful early.
func lived(in Input, n int) bool {
	r := in.Snapshot.History[n]
	life := in.Memory.LifeOf(r.Target, in.Now)
	switch {
	case life.Longest >= minLife:
		return true
	case life.Tasks >= leastTasks:
		return false
	}
	from := r.FinishedAt
	if from.IsZero() {
		from = r.CreatedAt
	}
	return n > 0 && !from.IsZero() && in.Snapshot.History[n-1].CreatedAt.Sub(from) >= minLife
}

// doubtOf returns a text about an image of the revision with an unknown state; empty
// for none. Tasks of the running revision pulled its images lately, so those are known.
func doubtOf(in Input, r, running fleet.Revision) string {
	life := in.Memory.LifeOf(running, in.Now)
	for _, i := range r.Images {
		pulled := life.Longest > 0 && slices.Contains(running.Digests(), i.Image.Digest)
		if i.State == fleet.ImageUnknown && !pulled {
			return "the state of its image " + i.Image.String() + " is unknown: " + i.Why
		}
	}
	return ""
}

// obstacleOf returns the obstacle to a rollback to a candidate; empty for none.
// archived is true if it is an archived image and nothing else.
func obstacleOf(in Input, c candidate) (obstacle string, archived bool) {
	if o := unfit(in, c); o != "" {
		return o, false
	}
	if o := unavailable(in, c); o != "" {
		return o, false
	}
	if i, ok := c.Obstructed(); ok {
		return "needs " + stateText(i.State) + " image: " + i.Image.String(), i.State != fleet.ImageGone
	}
	return "", false
}

// unfit returns the obstacle in the past of a candidate; empty for none.
func unfit(in Input, c candidate) string {
	life := in.Memory.LifeOf(c.Revision, in.Now)
	switch {
	case in.Memory.RolledBackFrom(c.Revision):
		return "was rolled back before"
	case !life.MarkedFailed.IsZero():
		return "was marked failed at " + life.MarkedFailed.UTC().Format(time.RFC3339)
	case life.AllFailed():
		return fmt.Sprintf("lost all of its %d known tasks", life.Tasks)
	case !c.Pinned():
		return "has no recorded digest, so its tag may lead to the bad image"
	}
	for _, container := range c.Containers {
		if _, bad := in.Memory.Quarantines(container.Image.Digest); bad {
			return "runs a quarantined image: " + container.Image.Digest
		}
	}
	return ""
}

// unavailable returns the obstacle in the task definition of a candidate; empty for
// none. An inactive or deleted one is registered again, so that needs the permission.
func unavailable(in Input, c candidate) string {
	kept := slices.Contains(in.Memory.Definitions, c.TaskDefinition)
	switch {
	case c.Status == "" && c.Unread != "":
		return "could not be read: " + c.Unread
	case c.Status == "":
		return "could not be read"
	case c.Status == fleet.Deleted && !kept:
		return "is a deleted task definition, and no copy of it is stored"
	case c.byECS || in.NoRegistration == "" || c.deploysAsWritten():
		return ""
	case c.Status == statusActive:
		return "cannot be pinned (" + in.NoRegistration + "), and its tag points to another image"
	}
	return "is an inactive task definition and cannot be registered again: " + in.NoRegistration
}

// stateText returns the state of an image that cannot be pulled, with an article.
func stateText(s fleet.ImageState) string {
	switch s {
	case fleet.ImageArchived:
		return "an archived"
	case fleet.ImageActivating:
		return "an archived (activating)"
	}
	return "a missing"
}
