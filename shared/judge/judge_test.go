package judge_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"homeostat/shared/fleet"
	"homeostat/shared/judge"

	"github.com/stretchr/testify/assert"
)

// alpha is the design's accepted share of good revisions that are rolled back.
const alpha = 0.001

// noon is when the judge is asked, unless a test says otherwise.
func noon() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) time.Time { return noon().Add(-d) }

// crash is a task that ran for a few seconds and died of cause, some time ago.
func crash(cause fleet.Cause, died time.Duration) fleet.TaskLife {
	return fleet.TaskLife{StartedAt: ago(died + 5*time.Second), StoppedAt: ago(died), Cause: cause}
}

// alive is a task that runs since then.
func alive(since time.Duration) fleet.TaskLife { return fleet.TaskLife{StartedAt: ago(since)} }

// late is a task that ran for long and then died of cause.
func late(cause fleet.Cause, died time.Duration) fleet.TaskLife {
	return fleet.TaskLife{StartedAt: ago(died + 5*time.Hour), StoppedAt: ago(died), Cause: cause}
}

func times(n int, life func(i int) fleet.TaskLife) []fleet.TaskLife {
	out := make([]fleet.TaskLife, n)
	for i := range out {
		out[i] = life(i)
	}
	return out
}

func crashes(n int, cause fleet.Cause) []fleet.TaskLife {
	return times(n, func(i int) fleet.TaskLife { return crash(cause, time.Duration(n-i)*30*time.Second) })
}

func arm(lives ...[]fleet.TaskLife) *fleet.Arm {
	a := &fleet.Arm{TaskDefinition: "web:7", Tasks: map[string]fleet.TaskLife{}}
	for _, group := range lives {
		for _, life := range group {
			a.Tasks[fmt.Sprintf("task-%03d", len(a.Tasks))] = life
		}
	}
	return a
}

func calm(n int) []fleet.TaskLife {
	return times(n, func(int) fleet.TaskLife { return alive(6 * time.Hour) })
}

type caseOf struct {
	suspect *fleet.Arm
	control []*fleet.Arm

	want                        judge.Outcome
	deaths, survivals           int
	controlDeaths, controlTasks int
	score                       float64
	text                        string
}

// The weights of one death and of one survival: 2 % against 50 %.
var (
	death    = math.Log(25)
	survival = math.Log(0.98 / 0.5)
)

func check(t *testing.T, cases map[string]caseOf) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := judge.Weigh(c.suspect, c.control, alpha, noon())
			assert.Equal(t, c.want, got.Outcome, got.Text)
			assert.Equal(t, c.deaths, got.Deaths, "deaths")
			assert.Equal(t, c.survivals, got.Survivals, "survivals")
			assert.Equal(t, c.controlDeaths, got.ControlDeaths, "deaths of the control")
			assert.Equal(t, c.controlTasks, got.ControlTasks, "tasks of the control")
			assert.InDelta(t, c.score, got.Score, 1e-9, "score")
			assert.InDelta(t, math.Log(990), got.Threshold, 1e-9, "threshold")
			assert.Equal(t, c.text, got.Text)
			assert.Equal(t, c.deaths == 0, got.FirstDeath.IsZero(), "first death")
		})
	}
}

func TestFewDeathsAreEnoughAndFewerAreNot(t *testing.T) {
	check(t, map[string]caseOf{
		"three straight deaths against a silent control convict": {
			suspect: arm(crashes(3, fleet.AppExit)), control: []*fleet.Arm{arm(calm(4))},
			want: judge.BadRevision, deaths: 3, controlTasks: 4, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 4 others in the same time: evidence 9.7, needed 6.9",
		},
		"three straight deaths without any control convict too": {
			suspect: arm(crashes(3, fleet.OutOfMemory)),
			want:    judge.BadRevision, deaths: 3, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 0 others in the same time: evidence 9.7, needed 6.9",
		},
		"two straight deaths do not": {
			suspect: arm(crashes(2, fleet.AppExit)), control: []*fleet.Arm{arm(calm(4))},
			want: judge.NotEnoughEvidence, deaths: 2, controlTasks: 4, score: 2 * death,
			text: "2 tasks of 2 died, 0 of 4 others in the same time: evidence 6.4, needed 6.9",
		},
		"one death among many that live does not": {
			suspect: arm(crashes(1, fleet.AppExit), calm(9)),
			want:    judge.NotEnoughEvidence, deaths: 1, survivals: 9, score: death,
			text: "1 task of 10 died, 0 of 0 others in the same time: evidence 3.2, needed 6.9",
		},
		"three deaths with four survivals among them still convict": {
			suspect: arm(spread(4)),
			want:    judge.BadRevision, deaths: 3, survivals: 4, score: 3*death - 4*survival,
			text: "3 tasks of 7 died, 0 of 0 others in the same time: evidence 7.0, needed 6.9",
		},
		"three deaths with five survivals among them do not": {
			suspect: arm(spread(5)),
			want:    judge.NotEnoughEvidence, deaths: 3, survivals: 5, score: 2 * death, // the first death is lived down
			text: "3 tasks of 8 died, 0 of 0 others in the same time: evidence 6.4, needed 6.9",
		},
		"a revision whose tasks live is healthy": {
			suspect: arm(calm(3)), control: []*fleet.Arm{arm(calm(2))},
			want: judge.Healthy, survivals: 3, controlTasks: 2,
			text: "3 tasks ran for 2m0s or longer, none died",
		},
		"one task that lives is one task": {
			suspect: arm(calm(1)), want: judge.Healthy, survivals: 1,
			text: "1 task ran for 2m0s or longer, none died",
		},
		"a revision whose tasks began a moment ago is not known yet": {
			suspect: arm(times(3, func(int) fleet.TaskLife { return alive(119 * time.Second) })),
			want:    judge.NotEnoughEvidence, text: "no task of this deployment died of a cause that could be its own",
		},
		"a deployment without tasks is not known yet": {
			suspect: arm(), want: judge.NotEnoughEvidence,
			text: "no task of this deployment died of a cause that could be its own",
		},
		"a deployment that was never seen is not known yet": {
			want: judge.NotEnoughEvidence, text: "no task of this deployment was seen yet",
		},
	})
}

// spread is a first death, then n survivals, then two more deaths.
func spread(n int) []fleet.TaskLife {
	lives := []fleet.TaskLife{crash(fleet.AppExit, 30*time.Minute), crash(fleet.AppExit, 2*time.Minute), crash(fleet.AppExit, time.Minute)}
	return append(lives, times(n, func(i int) fleet.TaskLife { return alive(20*time.Minute + time.Duration(i)*time.Second) })...)
}

func TestOnlyCausesThatMayBeTheRevisionsOwnCount(t *testing.T) {
	for _, cause := range fleet.Causes() {
		blamed := cause.Family() == fleet.FamilyRuntime || cause.Family() == fleet.FamilyStart
		verb := map[bool]string{true: "convict", false: "never count, however many there are"}[blamed]
		t.Run(fmt.Sprintf("stops for %s %s", cause, verb), func(t *testing.T) {
			got := judge.Weigh(arm(crashes(40, cause)), []*fleet.Arm{arm(calm(4))}, alpha, noon())
			want, deaths := judge.NotEnoughEvidence, 0
			if blamed {
				want, deaths = judge.BadRevision, 40
			}
			assert.Equal(t, want, got.Outcome, got.Text)
			assert.Equal(t, deaths, got.Deaths)
			assert.Zero(t, got.Survivals)
		})
	}
}

func TestACommonCauseIsNotTheRevisionsFault(t *testing.T) {
	dying := func(dead, living int) []*fleet.Arm {
		return []*fleet.Arm{arm(times(dead, func(i int) fleet.TaskLife { return late(fleet.AppExit, time.Duration(i)*time.Second) }), calm(living))}
	}
	check(t, map[string]caseOf{
		"three of three against five of ten is a common cause": {
			suspect: arm(crashes(3, fleet.AppExit)), control: dying(5, 5),
			want: judge.CommonCause, deaths: 3, controlDeaths: 5, controlTasks: 10, score: 3 * death,
			text: "3 tasks of 3 died, 5 of 10 others in the same time: older revisions die too, a rollback would not help",
		},
		"four of four against eight of ten is a common cause": {
			suspect: arm(crashes(4, fleet.AppExit)), control: dying(8, 2),
			want: judge.CommonCause, deaths: 4, controlDeaths: 8, controlTasks: 10, score: 4 * death,
			text: "4 tasks of 4 died, 8 of 10 others in the same time: older revisions die too, a rollback would not help",
		},
		"three of three against none of twenty is the revision's fault": {
			suspect: arm(crashes(3, fleet.AppExit)), control: dying(0, 20),
			want: judge.BadRevision, deaths: 3, controlTasks: 20, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 20 others in the same time: evidence 9.7, needed 6.9",
		},
		"three of three against one of ten is the revision's fault": {
			suspect: arm(crashes(3, fleet.AppExit)), control: dying(1, 9),
			want: judge.BadRevision, deaths: 3, controlDeaths: 1, controlTasks: 10, score: 3 * death,
			text: "3 tasks of 3 died, 1 of 10 others in the same time: evidence 9.7, needed 6.9",
		},
		"a control that dies while the suspect lives says nothing against it": {
			suspect: arm(calm(3)), control: dying(5, 5),
			want: judge.Healthy, survivals: 3, controlDeaths: 5, controlTasks: 10,
			text: "3 tasks ran for 2m0s or longer, none died",
		},
		"control deaths longer than ten minutes before the suspect's first do not count": {
			suspect: arm(crashes(3, fleet.AppExit)), control: []*fleet.Arm{arm(times(5, func(int) fleet.TaskLife { return late(fleet.AppExit, 12*time.Minute) }), calm(5))},
			want: judge.BadRevision, deaths: 3, controlTasks: 5, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 5 others in the same time: evidence 9.7, needed 6.9",
		},
		"control deaths within ten minutes before the suspect's first count": {
			suspect: arm(crashes(3, fleet.AppExit)), control: []*fleet.Arm{arm(times(5, func(int) fleet.TaskLife { return late(fleet.AppExit, 11*time.Minute) }), calm(5))},
			want: judge.CommonCause, deaths: 3, controlDeaths: 5, controlTasks: 10, score: 3 * death,
			text: "3 tasks of 3 died, 5 of 10 others in the same time: older revisions die too, a rollback would not help",
		},
		"a control that the rollout takes away is not dying": {
			suspect: arm(crashes(3, fleet.AppExit)), control: []*fleet.Arm{arm(times(6, func(int) fleet.TaskLife { return late(fleet.ScalingActivity, time.Minute) }))},
			want: judge.BadRevision, deaths: 3, controlTasks: 6, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 6 others in the same time: evidence 9.7, needed 6.9",
		},
	})
}

func TestStartCausesThatTheControlShowsTooDoNotCount(t *testing.T) {
	check(t, map[string]caseOf{
		"a secret that only the new revision lacks convicts it": {
			suspect: arm(crashes(3, fleet.SecretMissing)), control: []*fleet.Arm{arm(calm(4))},
			want: judge.BadRevision, deaths: 3, controlTasks: 4, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 4 others in the same time: evidence 9.7, needed 6.9",
		},
		"a secret that the old revision lacks too blames nobody": {
			suspect: arm(crashes(9, fleet.SecretMissing)), control: []*fleet.Arm{arm(calm(4), crashes(1, fleet.SecretMissing))},
			want: judge.NotEnoughEvidence, controlTasks: 5,
			text: "no task of this deployment died of a cause that could be its own",
		},
		"another start cause of the control takes nothing off": {
			suspect: arm(crashes(3, fleet.SecretMissing)), control: []*fleet.Arm{arm(crashes(1, fleet.ImageMissing))},
			want: judge.BadRevision, deaths: 3, controlTasks: 1, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 1 others in the same time: evidence 9.7, needed 6.9",
		},
		"a runtime cause that the control showed long ago still counts": {
			suspect: arm(crashes(3, fleet.AppExit)), control: []*fleet.Arm{arm([]fleet.TaskLife{late(fleet.AppExit, 5*time.Hour)})},
			want: judge.BadRevision, deaths: 3, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 0 others in the same time: evidence 9.7, needed 6.9",
		},
	})
}
