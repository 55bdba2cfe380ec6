package decide

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// caseOf returns the input of the judge for the running revision.
func caseOf(in Input, s subject) judge.Case {
	suspect := withoutTolerated(s.cohort, in)
	return judge.Case{
		Suspect: suspect, Since: s.exposed, Running: s.running, FullyRunning: s.primary.Running >= s.primary.Desired,
		Control: s.control, ControlRunning: s.olderRunning,
		Peers: peerFailures(in, suspect), Alarms: alarms(in), Traffic: trafficOf(in.Snapshot), NotAtFault: notAtFault(in),
		SourceChanges: in.Snapshot.SourceChanges, SharedSources: sharedSources(in.Snapshot),
		Explained: in.Memory.Explained, FalseAlarm: in.Policy.FalseRollback, Now: in.Now,
	}
}

// sharedSources returns the parameters and secrets that both the running revision and
// the newest completed one of other content read; nil if one of them was not read.
func sharedSources(s fleet.Snapshot) []string {
	current, ok := s.Current()
	if !ok || len(s.SourceChanges) == 0 {
		return nil
	}
	for _, r := range s.History {
		if r.Status == "SUCCESSFUL" && r.Target.Definition != nil && !fleet.Same(r.Target, current) {
			return slices.DeleteFunc(r.Target.Definition.SecretSources(), func(from string) bool {
				_, read := s.SourceChanges[from]
				return !read
			})
		}
	}
	return nil
}

// findingOf returns the judge's finding about the running revision as a reason, with
// the statistics as the detail. All texts with a finding are composed here.
func findingOf(primary fleet.Deployment, found judge.Finding) draft {
	d := becauseText(reason.Name(found.Outcome), primary.TaskDefinition+": "+found.Text).detail(found.Detail)
	switch {
	case found.Alarm != "":
		return d.with(str("revision", primary.TaskDefinition), str("alarm", found.Alarm), at("since", found.AlarmSince))
	case found.Tasks > 0:
		return d.with(str("revision", primary.TaskDefinition), num("failed", found.Failures), num("tasks", found.Tasks), num("older_failed", found.ControlFailures), num("older_tasks", found.ControlTasks))
	}
	return d.with(str("revision", primary.TaskDefinition))
}

// trafficOf returns the traffic of the running revision and of the older one; zero if a
// part is unknown.
func trafficOf(s fleet.Snapshot) (t judge.Traffic) {
	current, ok := s.Current()
	if !ok || len(s.Arms) != 2 {
		return t
	}
	for _, a := range s.Arms {
		if a.Revision == "" || !a.Requests.Known || !a.Errors.Known {
			return judge.Traffic{}
		}
		arm := judge.Arm{Requests: a.Requests.Value, Errors: a.Errors.Value, Erring: a.Erring, Share: a.Share.Value}
		if a.Latency.Known {
			arm.Latency = a.Latency.Value
		}
		if a.Revision == current.ARN {
			t.New = arm
		} else {
			t.Old = arm
		}
	}
	return t
}

// alarms returns the alarms that count as evidence. An alarm that could not be read
// is not among them.
func alarms(in Input) []judge.Alarm {
	var out []judge.Alarm
	if current, ok := in.Snapshot.Current(); ok && len(current.FailedRoutes) > 0 {
		return nil // the gateway does not route, and no revision is at fault
	}
	for _, a := range in.Snapshot.Alarms {
		if polling.Watches(in.Snapshot, in.Policy, a.Name) {
			out = append(out, judge.Alarm{Name: a.Name, Firing: a.State == "ALARM" && a.Doubt == "", Since: a.Since})
		}
	}
	return out
}

// peerFailures returns the services that fail at the same time and share a declared
// dependency with this service. Several services that share a zone or a capacity
// provider count too.
func peerFailures(in Input, suspect *fleet.TaskCohort) []judge.Peer {
	first, zones, providers := failuresOf(suspect, in.Now)
	if first.IsZero() {
		return nil
	}
	var peers, inPlace []judge.Peer
	for _, p := range in.PeerReports {
		if p.Last.Before(first.Add(-peerLead)) || p.Ref.Key() == in.Snapshot.Ref.Key() {
			continue
		}
		peer := judge.Peer{Name: p.Ref.String(), Failures: p.Failures, Tasks: p.Tasks}
		fromRollout := !p.RolledOut.IsZero() && p.First.Sub(p.RolledOut) < ownRollout
		switch dependency, place := shared(in.Policy.DependsOn, p.DependsOn), shared(append(zones, providers...), append(p.Zones, p.Providers...)); {
		case dependency != "":
			peer.Shares = "the dependency " + dependency
			peers = append(peers, peer)
		case place != "" && !fromRollout:
			peer.Shares = place
			inPlace = append(inPlace, peer)
		}
	}
	if len(inPlace) >= leastPeers {
		peers = append(peers, inPlace...)
	}
	return peers
}

// failuresOf returns the time of the first task failure of the last hour, with the
// zones and capacity providers of all.
func failuresOf(cohort *fleet.TaskCohort, now time.Time) (first time.Time, zones, providers []string) {
	if cohort == nil {
		return first, nil, nil
	}
	for _, life := range cohort.Tasks {
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

// shared returns the first name that both lists contain; empty for none.
func shared(a, b []string) string {
	for _, name := range a {
		if name != "" && slices.Contains(b, name) {
			return name
		}
	}
	return ""
}

// notAtFault returns the causes that do not follow from the changes of the running
// revision, with a text for each. If its changes are unknown, only a full subnet and the
// causes behind an open issue of AWS are among them.
func notAtFault(in Input) map[fleet.Cause]string {
	out := notAtFaultOf(ChangesOf(in.Snapshot))
	if current, ok := in.Snapshot.Current(); ok && len(current.FailedRoutes) > 0 {
		out[fleet.ELBHealth] = "route of the gateway failed: " + current.FailedRoutes[0]
	}
	for _, i := range in.Memory.OpenIssues(in.Now) {
		for _, c := range fleet.Causes() {
			if i.Explains(c) {
				out[c] = issueText(i)
			}
		}
	}
	return out
}

// notAtFaultOf returns the causes that do not follow from the changes.
func notAtFaultOf(changes []fleet.Change, known bool) map[fleet.Cause]string {
	out := map[fleet.Cause]string{fleet.SubnetFull: "no revision fills a subnet"}
	if !known {
		return out
	}
	if slices.ContainsFunc(changes, func(c fleet.Change) bool { return c.What == fleet.ChangedOther }) {
		return out // a part without a word may explain any cause
	}
	for _, o := range origins() {
		if !slices.ContainsFunc(changes, func(c fleet.Change) bool { return slices.Contains(o.changed(), c.What) }) {
			out[o.cause] = o.unchanged
		}
	}
	return out
}

// origin lists the parts of a revision that can lead to a cause when they change.
type origin struct {
	cause     fleet.Cause
	parts     [4]string // empty at the end
	unchanged string    // the text for a revision that changed no part
}

// changed returns the parts.
func (o *origin) changed() []string {
	n := 0
	for n < len(o.parts) && o.parts[n] != "" {
		n++
	}
	return o.parts[:n]
}

// origins returns the causes that follow from certain changes only. It allocates
// nothing, because each evaluation of a failing revision uses it.
func origins() [8]origin {
	const (
		image, container, secret = fleet.ChangedImage, fleet.ChangedContainer, fleet.ChangedSecret
		log, volume              = fleet.ChangedLog, fleet.ChangedVolume
		taskRole, executionRole  = fleet.ChangedTaskRole, fleet.ChangedExecutionRole
		noImage, noSecret        = "revision changed no image or container", "revision changed no secret or container"
		noPull                   = "revision changed no image, container or execution-role"
		noSecretAccess, noRole   = "revision changed no secret, container or execution-role", "revision changed no task-role or execution-role"
		noLog, noVolume          = "revision changed no log, container or execution-role", "revision changed no volume, container, task-role or execution-role"
	)
	return [...]origin{
		{fleet.ImageMissing, [4]string{image, container}, noImage},
		{fleet.PlatformMismatch, [4]string{image, container}, noImage},
		{fleet.PullDenied, [4]string{image, container, executionRole}, noPull},
		{fleet.SecretMissing, [4]string{secret, container}, noSecret},
		{fleet.SecretDenied, [4]string{secret, container, executionRole}, noSecretAccess},
		{fleet.RoleUnusable, [4]string{taskRole, executionRole}, noRole},
		{fleet.LogDriver, [4]string{log, container, executionRole}, noLog},
		{fleet.Volume, [4]string{volume, container, taskRole, executionRole}, noVolume},
	}
}

// ChangesOf returns the differences between the running revision and the newest
// completed one of other content. known is false if one is unread or missing.
func ChangesOf(s fleet.Snapshot) (changes []fleet.Change, known bool) {
	current, ok := s.Current()
	if !ok {
		return nil, false
	}
	for _, r := range s.History {
		if r.Status == "SUCCESSFUL" && r.Target.Definition != nil && !fleet.Same(r.Target, current) {
			return fleet.Changes(r.Target, current)
		}
	}
	return nil, false
}
