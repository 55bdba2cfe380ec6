package whatif

import (
	"context"
	"fmt"
	"slices"
)

// Report is the result of a rehearsal. The JSON keys are stable; later versions may
// add keys.
type Report struct {
	Trace    string   `json:"trace"`
	About    string   `json:"about,omitempty"`
	Service  string   `json:"service,omitempty"`
	Days     float64  `json:"days"`
	Requests float64  `json:"requests"`
	Assumed  Assumed  `json:"assumed"`
	Task     Task     `json:"task"`
	Seeds    int      `json:"seeds"`
	Notes    []string `json:"notes,omitempty"`
	// RecordedTaskHours are the task-hours of the recording. 0 means unknown.
	RecordedTaskHours float64 `json:"recorded_task_hours,omitempty"`
	// Plans holds the outcomes. The first one belongs to the policy.
	Plans       []Outcome    `json:"plans"`
	Differences []Difference `json:"differences"`
}

// Assumed holds the assumptions of the model about a task.
type Assumed struct {
	// RequestsPerTask is the capacity of a busy task in requests/s.
	RequestsPerTask float64 `json:"requests_per_task"`
	Source          string  `json:"source"`
	AtOnce          int     `json:"at_once"`
	StartUpS        float64 `json:"start_up_s"`
}

// Answer plays all plans and compares the first one with the others.
func Answer(ctx context.Context, c Case, assumed Assumed, plans []Plan) (Report, error) {
	outcomes, err := Play(ctx, c, plans)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Trace: c.Recording.Name, About: c.Recording.About, Service: c.Recording.Service, Days: c.Days(), Assumed: assumed, Task: c.Task, Seeds: c.Seeds,
		RecordedTaskHours: c.Recording.TaskHours, Plans: outcomes, Notes: slices.Clone(c.Recording.Notes),
	}
	for _, n := range c.Recording.Requests {
		r.Requests += n
	}
	r.Differences = []Difference{}
	for _, o := range outcomes[1:] {
		r.Differences = append(r.Differences, Compare(outcomes[0], o))
	}
	for i, o := range outcomes {
		r.Notes = append(r.Notes, plans[i].Notes...)
		// A fixed fleet has no maximum to raise.
		if o.MinutesAtMax >= 1 && plans[i].Min < plans[i].Max {
			r.Notes = append(r.Notes, fmt.Sprintf("%s had too few tasks for %s minutes because of its maximum of %d: a higher one would reduce violations", o.Plan, figure(o.MinutesAtMax), o.Max))
		}
	}
	return r, nil
}
