package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// longLived returns the decision about a failing revision that was in service for
// long. Something else changed, so it is not rolled back. If the policy permits it,
// the restarts are capped.
func longLived(in Input, s subject, verdict draft) (fleet.Decision, []fleet.Reason) {
	primary := s.primary
	inService := fleet.DurationText(s.ran.Round(time.Hour))
	alert := fmt.Sprintf("%s No rollback: it was in service for %s, so something else changed.", verdict.sentence(), inService)
	d, _ := because(reason.LongLived, "no rollback of %s: in service for %s, something else changed", primary.TaskDefinition, inService).
		detail(verdict.full()).with(str("revision", primary.TaskDefinition), at("since", s.since), span("ran", s.ran.Round(time.Second)), span("limit", in.Policy.SuspectFor)).
		alert(alert)
	failures, stable := recentFailures(s.cohort, in.Now)
	low := max(1, in.Policy.Min) // a minimum of 0 is for lack of demand, not for failures
	if !in.Policy.CapRestarts || in.Memory.RestartCap != nil || stable > 0 || failures < loopFailures || in.Snapshot.Desired <= low {
		return d, nil
	}
	capped := setDesired(in, fleet.ScaleIn, low, because(reason.RestartCap, "%d task failures within 1h, no stable task: cap restarts to %d at a time", failures, low).
		with(num("failed", failures), num("desired", in.Snapshot.Desired), num("cap", low)))
	capped.Reasons = append(d.Reasons, capped.Reasons...)
	capped.CapsRestarts = true
	capped.Notify = alert + fmt.Sprintf(" Desired count %d → %d until a task runs for %s.", in.Snapshot.Desired, low, fleet.DurationText(stableTask))
	capped.Action.Intent = "cap restarts of " + primary.ID
	return capped, nil
}

// uncap restores the desired count from before a restart cap once a task is stable, or
// the time of the cap is over.
func uncap(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	c := in.Memory.RestartCap
	if c == nil || !ok || in.Snapshot.Desired >= c.Was {
		return fleet.Decision{}, nil
	}
	if in.Now.Before(c.Until) {
		return because(reason.RestartCap, "restarts are capped since %s, until %s", clock(c.At), clock(c.Until)).
			with(at("since", c.At), at("until", c.Until), num("desired", in.Snapshot.Desired), num("before", c.Was)).noOpFor(c.Until.Sub(in.Now))
	}
	if _, stable := recentFailures(in.Memory.Cohorts[primary.ID], in.Now); c.Until.IsZero() && stable == 0 {
		return because(reason.RestartCap, "restarts are capped since %s: no task has run for %s", clock(c.At), fleet.DurationText(stableTask)).
			with(at("since", c.At), num("desired", in.Snapshot.Desired), num("before", c.Was)).noOpFor(stableTask)
	}
	why := "a task has run for " + fleet.DurationText(stableTask)
	if !c.Until.IsZero() {
		why = "the restarts were capped until " + clock(c.Until)
	}
	d := setDesired(in, fleet.ScaleOut, c.Was, because(reason.RestartCapLifted, "%s: desired count back to %d", why, c.Was).
		with(at("since", c.At), num("desired", in.Snapshot.Desired), num("before", c.Was)))
	d.LiftsCap = true
	d.Action.Intent = "lift the cap of " + c.At.UTC().Format(time.RFC3339)
	return d, nil
}

// recentFailures returns the number of task failures within the last hour, and the
// number of stable tasks: running for stableTask or longer.
func recentFailures(cohort *fleet.TaskCohort, now time.Time) (failures, stable int) {
	for _, life := range cohortTasks(cohort) {
		switch {
		case life.Cause.BlamesRevision() && !life.StoppedAt.IsZero() && now.Sub(life.StoppedAt) < polling.EventStaleAfter:
			failures++
		case !life.StartedAt.IsZero() && life.EndedAt.IsZero() && life.StoppedAt.IsZero() && now.Sub(life.StartedAt) >= stableTask:
			stable++
		}
	}
	return failures, stable
}

// recycle stops one task above the maximum age, while the service runs fully and has
// no recent failure.
func recycle(in Input) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	undisturbed := !s.Deploying() && s.Running == s.Desired && s.Pending == 0 && !polling.RecentFailure(in.Memory, in.Now)
	if in.Policy.MaxTaskAge == 0 || !undisturbed {
		return fleet.Decision{}, nil
	}
	if why, unread := s.Unread["tasks"]; unread {
		return because(reason.Unread, "the tasks could not be read: %s", why).noOp()
	}
	oldest := oldestOf(s.Tasks)
	age := in.Now.Sub(oldest.StartedAt)
	last, before := in.Memory.Last(fleet.Recycle)
	switch {
	case oldest.ID == "" || age < in.Policy.MaxTaskAge || before && in.Now.Sub(last.At) < recycleEvery:
		return fleet.Decision{}, nil
	case s.Desired < 2:
		return because(reason.RecycleAlone, "the only task is %s old: a stop would interrupt the service", fleet.DurationText(age.Round(time.Hour))).
			with(str("task", oldest.ID), at("since", oldest.StartedAt), span("limit", in.Policy.MaxTaskAge)).noOp()
	}
	return fleet.Decision{
		Kind: fleet.Recycle,
		Reasons: []fleet.Reason{
			because(reason.TaskAge, "task %s is %s old, the maximum is %s", oldest.ID, fleet.DurationText(age.Round(time.Hour)), fleet.DurationText(in.Policy.MaxTaskAge)).
				with(str("task", oldest.ID), at("since", oldest.StartedAt), span("limit", in.Policy.MaxTaskAge)).reason(),
		},
		Action:       &fleet.Action{Kind: fleet.StopTask, Intent: "recycle " + oldest.ID, Task: oldest.ID},
		RequeueAfter: recycleEvery,
	}, nil
}

// oldestOf returns the oldest task without protection; zero for none.
func oldestOf(tasks []fleet.RunningTask) (oldest fleet.RunningTask) {
	for _, t := range tasks {
		if t.Protected || t.StartedAt.IsZero() {
			continue
		}
		if oldest.ID == "" || t.StartedAt.Before(oldest.StartedAt) || t.StartedAt.Equal(oldest.StartedAt) && t.ID < oldest.ID {
			oldest = t
		}
	}
	return oldest
}
