package decide

import (
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
)

// caseOf is what the judge weighs.
func caseOf(in Input, primary fleet.Deployment) judge.Case {
	suspect := in.Memory.Cohorts[primary.ID]
	return judge.Case{
		Suspect: suspect, Since: primary.CreatedAt, Running: primary.Running, FullyRunning: primary.Running >= primary.Desired,
		Control: others(in.Memory, primary.ID), ControlRunning: olderRunning(in.Snapshot),
		Peers: peerFailures(in, suspect), Alarms: alarms(in), NotAtFault: notAtFault(in),
		Explained: in.Memory.Explained, FalseAlarm: in.Policy.FalseRollback, Now: in.Now,
	}
}

// others are the arms of all other deployments, in a fixed order. One that was
// rolled back for its deaths says nothing of what is common.
func others(m fleet.Memory, suspect string) []*fleet.TaskCohort {
	ids := make([]string, 0, len(m.Cohorts))
	for id, arm := range m.Cohorts {
		if id != suspect && !m.RolledBack(id, arm.TaskDefinition) {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	out := make([]*fleet.TaskCohort, 0, len(ids))
	for _, id := range ids {
		out = append(out, m.Cohorts[id])
	}
	return out
}

// olderRunning is how many tasks of older deployments still run.
func olderRunning(s fleet.Snapshot) int {
	n := 0
	for _, d := range s.Deployments {
		if d.Status != "PRIMARY" {
			n += d.Running
		}
	}
	return n
}

// alarms are those that count as evidence, as they were read. One that could
// not be read is none.
func alarms(in Input) []judge.Alarm {
	var out []judge.Alarm
	for _, a := range in.Snapshot.Alarms {
		if polling.Watches(in.Snapshot, in.Policy, a.Name) {
			out = append(out, judge.Alarm{Name: a.Name, Firing: a.State == "ALARM", Since: a.Since})
		}
	}
	return out
}

const (
	// peerLead is how long before our first death a neighbour's failures
	// speak of the same thing.
	peerLead = 10 * time.Minute
	// ownRollout is how long after its own rollout a neighbour's failures may be
	// that rollout's.
	ownRollout = time.Hour
	// leastPeers must fail where only a place is shared, which all services
	// of a cluster do.
	leastPeers = 2
)

// peerFailures are the services that fail in the same time and share a declared
// dependency with this one; or, several of them, a zone or capacity provider.
func peerFailures(in Input, suspect *fleet.TaskCohort) []judge.Peer {
	first, zones, providers := failuresOf(suspect, in.Now)
	if first.IsZero() {
		return nil
	}
	var near, around []judge.Peer
	for _, p := range in.PeerReports {
		if p.Last.Before(first.Add(-peerLead)) || p.Ref.Key() == in.Snapshot.Ref.Key() {
			continue
		}
		n := judge.Peer{Name: p.Ref.String(), Failures: p.Failures, Tasks: p.Tasks}
		own := !p.RolledOut.IsZero() && p.First.Sub(p.RolledOut) < ownRollout
		switch dependency, place := shared(in.Policy.DependsOn, p.DependsOn), shared(append(zones, providers...), append(p.Zones, p.Providers...)); {
		case dependency != "":
			n.Shares = "the dependency " + dependency
			near = append(near, n)
		case place != "" && !own:
			n.Shares = place
			around = append(around, n)
		}
	}
	if len(around) >= leastPeers {
		near = append(near, around...)
	}
	return near
}

// failuresOf is the first death of the last hour, and where all of them were.
func failuresOf(arm *fleet.TaskCohort, now time.Time) (first time.Time, zones, providers []string) {
	if arm == nil {
		return first, nil, nil
	}
	for _, life := range arm.Tasks {
		if !life.Cause.BlamesRevision() || life.StoppedAt.IsZero() || now.Sub(life.StoppedAt) > polling.EventStaleAfter {
			continue
		}
		if first.IsZero() || life.StoppedAt.Before(first) {
			first = life.StoppedAt
		}
		zones, providers = append(zones, life.Zone), append(providers, life.Provider)
	}
	return first, distinct(zones), distinct(providers)
}

func distinct(names []string) []string {
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

// shared is the first word that both lists hold; empty where there is none.
func shared(a, b []string) string {
	for _, word := range a {
		if word != "" && slices.Contains(b, word) {
			return word
		}
	}
	return ""
}

// notAtFault are the causes that the running revision cannot have brought about,
// by what it changed of the one before, with the reason in words. Where what it
// changed is not known, only what no revision brings about is excused.
func notAtFault(in Input) map[fleet.Cause]string {
	out := map[fleet.Cause]string{fleet.SubnetFull: "a subnet without addresses is no revision's fault"}
	changes, known := ChangesOf(in.Snapshot)
	if !known {
		return out
	}
	if len(changes) == 0 {
		for _, c := range fleet.Causes() {
			if c.BlamesRevision() && out[c] == "" {
				out[c] = "nothing differs from the revision before"
			}
		}
		return out
	}
	for _, b := range broughtAboutBy() {
		if !slices.ContainsFunc(changes, func(c fleet.Change) bool { return slices.Contains(b.by(), c.What) }) {
			out[b.cause] = b.why
		}
	}
	return out
}

// brought says which changes of a revision can bring a cause about.
type brought struct {
	cause fleet.Cause
	parts [4]string // empty where there are fewer
	why   string    // it did not, where none of them was changed
}

// by are the parts.
func (b *brought) by() []string {
	n := 0
	for n < len(b.parts) && b.parts[n] != "" {
		n++
	}
	return b.parts[:n]
}

// broughtAboutBy are the causes that not any change can bring about. It is asked at
// each look at a revision whose tasks die, so it makes neither a map nor a text.
func broughtAboutBy() [8]brought {
	return [...]brought{
		{fleet.ImageMissing, [4]string{fleet.ChangedImage, fleet.ChangedContainer}, "the revision changed no image and no container"},
		{fleet.PlatformMismatch, [4]string{fleet.ChangedImage, fleet.ChangedContainer}, "the revision changed no image and no container"},
		{fleet.PullDenied, [4]string{fleet.ChangedImage, fleet.ChangedContainer, fleet.ChangedExecutionRole}, "the revision changed no image and no container and no execution-role"},
		{fleet.SecretMissing, [4]string{fleet.ChangedSecret, fleet.ChangedContainer}, "the revision changed no secret and no container"},
		{fleet.SecretDenied, [4]string{fleet.ChangedSecret, fleet.ChangedContainer, fleet.ChangedExecutionRole}, "the revision changed no secret and no container and no execution-role"},
		{fleet.RoleUnusable, [4]string{fleet.ChangedTaskRole, fleet.ChangedExecutionRole}, "the revision changed no task-role and no execution-role"},
		{fleet.LogDriver, [4]string{fleet.ChangedLog, fleet.ChangedContainer, fleet.ChangedExecutionRole}, "the revision changed no log and no container and no execution-role"},
		{fleet.Volume, [4]string{fleet.ChangedVolume, fleet.ChangedContainer, fleet.ChangedTaskRole, fleet.ChangedExecutionRole}, "the revision changed no volume and no container and no task-role and no execution-role"},
	}
}

// ChangesOf is what the running revision changed of the one that ran before;
// known is false where one of them was not read.
func ChangesOf(s fleet.Snapshot) (changes []fleet.Change, known bool) {
	current, ok := s.Current()
	if !ok {
		return nil, false
	}
	for _, r := range s.History {
		if r.Status == "SUCCESSFUL" && r.Target.ARN != current.ARN && r.Target.Definition != nil {
			return fleet.Changes(r.Target, current)
		}
	}
	return nil, false
}
