package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
)

// recently is how far back other changes are told of.
const recently = time.Hour

// RecentChanges are what else changed for the service in the last hour, in
// words: rollouts, what was done to it, and who fails beside it.
func RecentChanges(in Input) []string {
	var out []string
	for _, r := range in.Snapshot.History {
		if in.Now.Sub(r.CreatedAt) < recently {
			out = append(out, fmt.Sprintf("%s: the deployment of %s began, it is %s", clock(r.CreatedAt), r.Target.TaskDefinition, r.Status))
		}
	}
	for _, a := range in.Memory.Actions {
		if in.Now.Sub(a.At) < recently {
			out = append(out, fmt.Sprintf("%s: %s, %s", clock(a.At), a.Kind, a.Status))
		}
	}
	for _, p := range in.PeerReports {
		if p.Ref.Key() != in.Snapshot.Ref.Key() {
			out = append(out, fmt.Sprintf("%s: %d of %d tasks of %s have died", clock(p.Last), p.Failures, p.Tasks, p.Ref))
		}
	}
	const most = 20
	return out[:min(len(out), most)]
}

// Culprit is the container that ended the task, as far as its exits tell: the
// first that failed, else the first. It is the zero ContainerExit where ECS
// told of none.
func Culprit(s *fleet.Stop) fleet.ContainerExit {
	if s == nil || len(s.Containers) == 0 {
		return fleet.ContainerExit{}
	}
	for _, c := range s.Containers {
		if c.ExitCode != nil && *c.ExitCode != 0 || c.Reason != "" {
			return c
		}
	}
	return s.Containers[0]
}

// DefinitionOf is what a task definition says, where the snapshot holds it;
// else nil.
func DefinitionOf(s fleet.Snapshot, definition string) *fleet.Definition {
	for _, r := range s.History {
		if r.Target.TaskDefinition == definition && r.Target.Definition != nil {
			return r.Target.Definition
		}
	}
	return nil
}
