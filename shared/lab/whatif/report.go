package whatif

import (
	"context"
	"fmt"
	"slices"
)

// Report is the whole answer. Its JSON is stable; more keys may follow.
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
	// RecordedTaskHours are those of the tasks that really ran; 0 is not known.
	RecordedTaskHours float64 `json:"recorded_task_hours,omitempty"`
	// Plans are the outcomes: the policy's first, then what it is held against.
	Plans       []Outcome    `json:"plans"`
	Differences []Difference `json:"differences"`
}

// Assumed is what the model takes for granted of a task.
type Assumed struct {
	// RequestsPerTask is how many requests a second a busy task serves.
	RequestsPerTask float64 `json:"requests_per_task"`
	Source          string  `json:"source"`
	AtOnce          int     `json:"at_once"`
	StartUpS        float64 `json:"start_up_s"`
}

// Answer plays the first plan and the others, and compares them.
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
		// A fleet that never changes has no maximum to raise.
		if o.MinutesAtMax >= 1 && plans[i].Min < plans[i].Max {
			r.Notes = append(r.Notes, fmt.Sprintf("%s had too few tasks for %s minutes because of its maximum of %d: a higher one would serve better", o.Plan, figure(o.MinutesAtMax), o.Max))
		}
	}
	return r, nil
}
