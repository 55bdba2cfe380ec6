package decide

import (
	"fmt"
	"slices"

	"homeostat/shared/core/fleet"
)

// RecentChanges returns the other changes of the last hour as texts: rollouts of
// the service, actions on it, and failures of other services.
func RecentChanges(in Input) []string {
	var out []string
	for _, r := range in.Snapshot.History {
		if in.Now.Sub(r.CreatedAt) < recentChanges {
			out = append(out, fmt.Sprintf("%s: deployment of %s started, status %s", clock(r.CreatedAt), r.Target.TaskDefinition, r.Status))
		}
	}
	for _, a := range in.Memory.Actions {
		if in.Now.Sub(a.At) < recentChanges {
			out = append(out, fmt.Sprintf("%s: %s, %s", clock(a.At), a.Kind, a.Status))
		}
	}
	for _, i := range in.Memory.OpenIssues(in.Now) {
		out = append(out, fmt.Sprintf("%s: %s of %s", clock(i.SeenAt), i.Code, issueOf(i)))
	}
	for _, p := range in.PeerReports {
		if p.Ref.Key() != in.Snapshot.Ref.Key() {
			out = append(out, fmt.Sprintf("%s: %d of %d tasks of %s failed", clock(p.Last), p.Failures, p.Tasks, p.Ref))
		}
	}
	return out[:min(len(out), maxRecentChanges)]
}

// Culprit returns the container that ended the task: the one that decided the cause, by
// its name, else the first failed container, else the first container. It is zero if
// ECS reported no container.
func Culprit(s *fleet.Stop, decided string) fleet.ContainerExit {
	if s == nil || len(s.Containers) == 0 {
		return fleet.ContainerExit{}
	}
	if at := slices.IndexFunc(s.Containers, func(c fleet.ContainerExit) bool { return c.Name == decided }); at >= 0 && decided != "" {
		return s.Containers[at]
	}
	for _, c := range s.Containers {
		if c.ExitCode != nil && *c.ExitCode != 0 || c.Reason != "" {
			return c
		}
	}
	return s.Containers[0]
}

// DefinitionOf returns the content of a task definition; nil if the snapshot does
// not hold it.
func DefinitionOf(s fleet.Snapshot, definition string) *fleet.Definition {
	for _, r := range s.History {
		if r.Target.TaskDefinition == definition && r.Target.Definition != nil {
			return r.Target.Definition
		}
	}
	return nil
}
