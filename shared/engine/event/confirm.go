package event

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

// confirm compares each reported end of a task with ECS's own description of the task,
// because anybody who may send a message can report one. The description replaces the
// facts of the report. A report that ECS does not confirm counts for nothing. The error
// is a failed read that may succeed later.
func (p *Pipeline) confirm(ctx context.Context, ref fleet.ServiceRef, fresh []fleet.Evidence) ([]fleet.Evidence, error) {
	var described map[string]*fleet.DescribedTask
	var err error
	if tasks := reportedEnds(fresh); len(tasks) > 0 {
		described, err = p.Observer.Described(ctx, ref, tasks)
	}
	if err != nil && fault.ClassOf(err) == fault.Retry {
		return nil, err
	}
	out := slices.Clone(fresh)
	for i := range out {
		if reportsEnd(out[i].Trigger) {
			out[i] = confirmed(out[i], ref, described[out[i].Trigger.Task], err)
		}
	}
	return out, nil
}

// reportedEnds returns the ids of the tasks whose end the evidence reports.
func reportedEnds(fresh []fleet.Evidence) []string {
	var tasks []string
	for i := range fresh {
		if t := &fresh[i].Trigger; reportsEnd(*t) && isTaskID(t.Task) && !slices.Contains(tasks, t.Task) {
			tasks = append(tasks, t.Task)
		}
	}
	return tasks
}

// reportsEnd reports whether the trigger says that a task ended or is being stopped.
func reportsEnd(t fleet.Trigger) bool {
	return t.Task != "" && (t.Kind == fleet.TaskStopped || t.Kind == fleet.TaskStopping)
}

// isTaskID reports whether the text has the form of a task id: 32 hexadecimal digits, or
// 36 with hyphens. ECS refuses a whole request for one other text (Amazon ECS API,
// DescribeTasks).
func isTaskID(id string) bool {
	return (len(id) == 32 || len(id) == 36) && strings.Trim(id, "0123456789abcdefABCDEF-") == ""
}

// confirmed returns the evidence with the facts of the description, or with the reason
// for which it does not count. err is the error of the read; nil for none.
func confirmed(e fleet.Evidence, ref fleet.ServiceRef, d *fleet.DescribedTask, err error) fleet.Evidence {
	t := &e.Trigger
	switch {
	case err != nil && isTaskID(t.Task):
		e.Unread, e.Unconfirmed = true, fmt.Sprintf("task %s could not be read: %v", t.Task, err)
	case d == nil:
		e.Unconfirmed = fmt.Sprintf("ECS does not know task %s", t.Task)
	case d.Stop.Group != "service:"+ref.Service || differs(t.Deployment, d.Deployment) || differs(t.TaskDefinition, d.TaskDefinition):
		e.Unconfirmed = fmt.Sprintf("ECS describes task %s otherwise: as a task of %s, %s, %s", t.Task, d.Stop.Group, d.Deployment, d.TaskDefinition)
	case d.Stop.DesiredStatus != statusStopped && d.Stop.LastStatus != statusStopped:
		e.Unconfirmed = fmt.Sprintf("ECS describes task %s as %s", t.Task, d.Stop.LastStatus)
	}
	if e.Unconfirmed != "" {
		e.Cause, e.Family, e.Why = "", "", ""
		return e
	}
	t.Stop, t.Deployment, t.TaskDefinition = &d.Stop, d.Deployment, d.TaskDefinition
	return evidenceOf(*t)
}

// differs reports whether a report names another value than the description. A report
// without the value differs from nothing.
func differs(reported, described string) bool { return reported != "" && reported != described }

// counted returns the evidence that counts: all but the unconfirmed.
func counted(fresh []fleet.Evidence) []fleet.Evidence {
	var out []fleet.Evidence
	for i := range fresh {
		if fresh[i].Unconfirmed == "" {
			out = append(out, fresh[i])
		}
	}
	return out
}
