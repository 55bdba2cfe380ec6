package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

const (
	// loopFailures of the last hour, with no task that lives, are a crash loop.
	loopFailures = 10
	// calm is how long a task must live until a capped count is given back.
	calm = 5 * time.Minute
	// recycleEvery is the pause between two recycled tasks.
	recycleEvery = 10 * time.Minute
)

// longLived is what follows where a revision fails that ran well for long:
// something else changed. No rollback; restarts are capped if the policy says so.
func longLived(in Input, primary fleet.Deployment, verdict string, age time.Duration) (fleet.Decision, []fleet.Reason) {
	text := fmt.Sprintf("%s; but it ran well for %s, so something else changed: no rollback", verdict, age.Round(time.Hour))
	d := fleet.Decision{Kind: fleet.Notify, Notify: text, Reasons: []fleet.Reason{{Name: reason.LongLived, Text: text}}}
	deaths, lives := bout(in.Memory.Cohorts[primary.ID], in.Now)
	low := max(1, in.Policy.Min) // where a service may go to zero, it is for want of load and not for its deaths
	if !in.Policy.CapRestarts || in.Memory.RestartCap != nil || lives > 0 || deaths < loopFailures || in.Snapshot.Desired <= low {
		return d, nil
	}
	capped := setDesired(in, fleet.ScaleIn, low, fleet.Reason{
		Name: reason.RestartCap, Text: fmt.Sprintf("%d deaths within the hour and no task that lives: restarts are capped to %d at a time", deaths, low),
	})
	capped.Reasons = append(d.Reasons, capped.Reasons...)
	capped.CapsRestarts = true
	capped.Notify, capped.Action.Intent = text, "cap restarts of "+primary.ID
	return capped, nil
}

// uncap gives the desired count back once tasks live again.
func uncap(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	c := in.Memory.RestartCap
	if c == nil || !ok || in.Snapshot.Desired >= c.Was {
		return fleet.Decision{}, nil
	}
	if _, lives := bout(in.Memory.Cohorts[primary.ID], in.Now); lives == 0 {
		return fleet.Decision{RequeueAfter: calm}, []fleet.Reason{{Name: reason.RestartCap, Text: fmt.Sprintf(
			"restarts are capped since %s; no task has lived for %s yet", c.At.UTC().Format(time.RFC3339), calm)}}
	}
	d := setDesired(in, fleet.ScaleOut, c.Was, fleet.Reason{
		Name: reason.RestartCapLifted, Text: fmt.Sprintf("a task has lived for %s: the count of %d is given back", calm, c.Was),
	})
	d.LiftsCap = true
	d.Action.Intent = "lift the cap of " + c.At.UTC().Format(time.RFC3339)
	return d, nil
}

// bout are the deaths of the last hour, and the tasks that live for a while and
// after whose start none has died.
func bout(arm *fleet.TaskCohort, now time.Time) (deaths, lives int) {
	for _, life := range cohortTasks(arm) {
		switch {
		case life.Cause.BlamesRevision() && !life.StoppedAt.IsZero() && now.Sub(life.StoppedAt) < polling.EventStaleAfter:
			deaths++
		case !life.StartedAt.IsZero() && life.EndedAt.IsZero() && life.StoppedAt.IsZero() && now.Sub(life.StartedAt) >= calm:
			lives++
		}
	}
	return deaths, lives
}

// recycle stops one task that is older than the policy wants, while the
// service is whole and at rest.
func recycle(in Input) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	atRest := !s.Deploying() && s.Running == s.Desired && s.Pending == 0 && !polling.RecentFailure(in.Memory, in.Now)
	if in.Policy.MaxTaskAge == 0 || !atRest {
		return fleet.Decision{}, nil
	}
	if why, unread := s.Unread["tasks"]; unread {
		return nothing(reason.Unread, "the tasks could not be read: "+why)
	}
	oldest := oldestOf(s.Tasks)
	age := in.Now.Sub(oldest.StartedAt)
	last, before := in.Memory.Last(fleet.Recycle)
	switch {
	case oldest.ID == "" || age < in.Policy.MaxTaskAge || before && in.Now.Sub(last.At) < recycleEvery:
		return fleet.Decision{}, nil
	case s.Desired < 2:
		return nothing(reason.RecycleAlone, fmt.Sprintf("the only task is %s old; stopping it would interrupt the service", age.Round(time.Hour)))
	}
	return fleet.Decision{
		Kind: fleet.Recycle,
		Reasons: []fleet.Reason{{
			Name: reason.TaskAge, Text: fmt.Sprintf("the task %s is %s old, the policy wants at most %s", oldest.ID, age.Round(time.Hour), in.Policy.MaxTaskAge),
		}},
		Action:       &fleet.Action{Kind: fleet.StopTask, Intent: "recycle " + oldest.ID, Task: oldest.ID},
		RequeueAfter: recycleEvery,
	}, nil
}

// oldestOf is the task that runs longest of those that may be stopped; the zero
// RunningTask where there is none.
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
