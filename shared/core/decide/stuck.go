package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// stuckFor is how long tasks must have been seen not to come up: one that was
// started a moment ago, after ECS could start none for long, is no evidence.
const stuckFor = 10 * time.Minute

// stuck decides about a rolling deployment that ECS would wait for for ever: it
// has no circuit breaker, is not done, and nothing but the revision explains it.
func stuck(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	age := in.Now.Sub(primary.CreatedAt)
	if !ok || !unattended(in.Snapshot, primary) || in.Policy.StuckAfter == 0 || age < in.Policy.StuckAfter {
		return fleet.Decision{}, nil
	}
	text := fmt.Sprintf("the deployment of %s is not done after %s, %d of %d tasks run, and it has no circuit breaker",
		primary.TaskDefinition, age.Round(time.Minute), primary.Running, primary.Desired)
	c, waits := waitingFor(in)
	dying := polling.RecentFailure(in.Memory, in.Now)
	switch since := in.Memory.PendingSince; {
	case waits:
		return notify(reason.DeploymentWaits, text+"; it waits for "+c+", which a rollback would not cure")
	case primary.Running >= primary.Desired:
		return notify(reason.DeploymentStuck, text+"; its tasks run, so older ones do not go: a person should look")
	case primary.Pending == 0 && !dying:
		return notify(reason.DeploymentWaits, text+"; ECS starts no task of it, which is no revision's fault")
	case !dying && (since.IsZero() || in.Now.Sub(since) < stuckFor):
		d, why := nothing(reason.DeploymentSlow, text+"; its tasks are given another "+stuckFor.String())
		d.RequeueAfter = stuckFor
		return d, why
	case judge.Evaluate(caseOf(in, primary)).Outcome == judge.CommonCause:
		return fleet.Decision{}, nil // said already
	}
	return rollback(in, primary, text, reason.DeploymentStuck)
}

// unattended reports whether a rolling deployment is under way that ECS itself
// will never end.
func unattended(s fleet.Snapshot, primary fleet.Deployment) bool {
	latest, ok := s.Latest()
	return ok && !s.Breaker.Enabled && rolling(s) && primary.RolloutState == "IN_PROGRESS" && latest.InProgress() && !latest.RollingBack()
}

func rolling(s fleet.Snapshot) bool { return s.Strategy == "" || s.Strategy == "ROLLING" }

// waitingFor is what keeps tasks from starting that no revision is to blame for.
func waitingFor(in Input) (what string, ok bool) {
	excused := notAtFault(in)
	for _, c := range fleet.Causes() {
		family := c.Family()
		if _, not := excused[c]; !not && family != fleet.FamilyCapacity && family != fleet.FamilyTransient {
			continue
		}
		if _, lately := in.Memory.Lately(c, in.Policy.StuckAfter, in.Now); lately {
			return string(c), true
		}
	}
	return "", false
}

// unwatched reports a deployment whose alarms ECS does not watch: one of them
// was in ALARM when it began, which turns the watching off without a word.
func unwatched(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	if !ok || primary.RolloutState != "IN_PROGRESS" {
		return fleet.Decision{}, nil
	}
	for _, a := range in.Snapshot.Alarms {
		if a.OfDeployment && a.State == "ALARM" && !a.Since.IsZero() && a.Since.Before(primary.CreatedAt) {
			return notify(reason.AlarmsUnwatched, fmt.Sprintf(
				"the alarm %s was in ALARM before the deployment of %s began, so ECS watches no alarm during it", a.Name, primary.TaskDefinition))
		}
	}
	return fleet.Decision{}, nil
}
