package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/fleet"
	"homeostat/shared/judge"

	"github.com/stretchr/testify/assert"
)

func TestLateDeathsConvictAsQuicklyAsEarlyOnes(t *testing.T) {
	long := times(10, func(i int) fleet.TaskLife { return alive(5*time.Hour + time.Duration(i)*time.Minute) })
	check(t, map[string]caseOf{
		"three deaths after hours of health convict": {
			suspect: arm(long, times(3, func(i int) fleet.TaskLife { return late(fleet.OutOfMemory, time.Duration(i+1)*time.Minute) })),
			want:    judge.BadRevision, deaths: 3, survivals: 13, score: 3*death - 10*survival*2/60, // ten lived through two minutes of deaths
			text: "3 tasks of 16 died, 0 of 0 others in the same time: evidence 9.4, needed 6.9",
		},
		"two deaths after hours of health do not": {
			suspect: arm(long, times(2, func(i int) fleet.TaskLife { return late(fleet.OutOfMemory, time.Duration(i+1)*time.Minute) })),
			want:    judge.NotEnoughEvidence, deaths: 2, survivals: 12, score: 2*death - 10*survival/60,
			text: "2 tasks of 14 died, 0 of 0 others in the same time: evidence 6.3, needed 6.9",
		},
		"survivals after the deaths take the conviction back": {
			suspect: arm(times(3, func(i int) fleet.TaskLife { return crash(fleet.AppExit, 30*time.Minute+time.Duration(i)*time.Second) }),
				times(5, func(i int) fleet.TaskLife { return alive(20*time.Minute + time.Duration(i)*time.Second) })),
			want: judge.NotEnoughEvidence, deaths: 3, survivals: 5, score: 3*death - 5*survival,
			text: "3 tasks of 8 died, 0 of 0 others in the same time: evidence 6.3, needed 6.9",
		},
	})
}

func TestEvidenceOlderThanTheWindowDoesNotCount(t *testing.T) {
	check(t, map[string]caseOf{
		"deaths of more than an hour ago are forgotten": {
			suspect: arm(times(9, func(int) fleet.TaskLife { return crash(fleet.AppExit, time.Hour+time.Second) })),
			want:    judge.NotEnoughEvidence, text: "no task of this deployment died of a cause that could be its own",
		},
		"deaths of an hour ago still count": {
			suspect: arm(times(3, func(int) fleet.TaskLife { return crash(fleet.AppExit, time.Hour) })),
			want:    judge.BadRevision, deaths: 3, score: 3 * death,
			text: "3 tasks of 3 died, 0 of 0 others in the same time: evidence 9.7, needed 6.9",
		},
		"an old death does not help two new ones": {
			suspect: arm(crashes(2, fleet.AppExit), []fleet.TaskLife{crash(fleet.AppExit, 2*time.Hour)}),
			want:    judge.NotEnoughEvidence, deaths: 2, score: 2 * death,
			text: "2 tasks of 2 died, 0 of 0 others in the same time: evidence 6.4, needed 6.9",
		},
	})
}

func TestADeathIsKnownOnlyWithAnEndAndACause(t *testing.T) {
	for name, life := range map[string]fleet.TaskLife{
		"a task that is not known to have stopped": {StartedAt: ago(time.Minute), Cause: fleet.AppExit},
		"a task whose cause is not known":          {StartedAt: ago(time.Minute), StoppedAt: ago(time.Second)},
		"a task that is known by nothing":          {},
	} {
		t.Run(name+" is no death", func(t *testing.T) {
			got := judge.Weigh(arm(times(9, func(int) fleet.TaskLife { return life })), nil, alpha, noon())
			assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
			assert.Zero(t, got.Deaths)
			assert.Zero(t, got.Survivals)
			assert.Zero(t, got.Score)
		})
	}
	t.Run("a task that never ran may die and never lives", func(t *testing.T) {
		dead := fleet.TaskLife{StoppedAt: ago(time.Minute), Cause: fleet.ImageMissing}
		got := judge.Weigh(arm(times(3, func(int) fleet.TaskLife { return dead })), nil, alpha, noon())
		assert.Equal(t, judge.BadRevision, got.Outcome)
		assert.Equal(t, 3, got.Deaths)
		assert.Zero(t, got.Survivals)
		assert.Equal(t, ago(time.Minute), got.FirstDeath)
	})
}

func TestTheFalseAlarmShareSetsHowManyStraightDeathsConvict(t *testing.T) {
	for name, c := range map[string]struct {
		falseAlarm float64
		deaths     int
	}{
		"one in two calls for one death":            {0.5, 1},
		"one in a hundred calls for two":            {0.01, 2},
		"one in a thousand calls for three":         {0.001, 3},
		"one in a hundred thousand calls for four":  {0.00001, 4},
		"one in a hundred million calls for six":    {0.00000001, 6},
		"none at all calls for more than there are": {0, 201},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range min(c.deaths, 200) {
				got := judge.Weigh(arm(crashes(n, fleet.AppExit)), nil, c.falseAlarm, noon())
				assert.Equal(t, judge.NotEnoughEvidence, got.Outcome, "%d deaths", n)
			}
			if c.deaths <= 200 {
				got := judge.Weigh(arm(crashes(c.deaths, fleet.AppExit)), nil, c.falseAlarm, noon())
				assert.Equal(t, judge.BadRevision, got.Outcome, "%d deaths", c.deaths)
			}
		})
	}
}

func TestManyTasksAtOnceAreNotConvictedByAFewDeaths(t *testing.T) {
	check(t, map[string]caseOf{
		"three deaths of a hundred that started at once are nothing": {
			suspect: arm(times(3, func(int) fleet.TaskLife { return crash(fleet.AppExit, 10*time.Second) }),
				times(97, func(int) fleet.TaskLife { return alive(time.Minute) })),
			want: judge.NotEnoughEvidence, deaths: 3, survivals: 97, score: 0,
			text: "3 tasks of 100 died, 0 of 0 others in the same time: evidence 0.0, needed 6.9",
		},
		"thirty of a hundred are a verdict": {
			suspect: arm(times(30, func(int) fleet.TaskLife { return crash(fleet.AppExit, 10*time.Second) }),
				times(70, func(int) fleet.TaskLife { return alive(time.Minute) })),
			want: judge.BadRevision, deaths: 30, survivals: 70, score: 30*death - 70*survival,
			text: "30 tasks of 100 died, 0 of 0 others in the same time: evidence 49.5, needed 6.9",
		},
	})
}

func TestAnOldBigServiceMayLoseATaskNowAndThen(t *testing.T) {
	old := times(90, func(int) fleet.TaskLife { return alive(100 * time.Hour) })
	spread := times(3, func(i int) fleet.TaskLife { return late(fleet.AppExit, time.Duration(i*25+5)*time.Minute) })
	found := judge.Weigh(arm(old, spread), nil, 0.001, noon())
	assert.Equal(t, judge.NotEnoughEvidence, found.Outcome, "three in an hour among ninety: %s", found.Text)
	burst := times(3, func(i int) fleet.TaskLife { return late(fleet.AppExit, time.Duration(i+1)*10*time.Second) })
	found = judge.Weigh(arm(old, burst), nil, 0.001, noon())
	assert.Equal(t, judge.BadRevision, found.Outcome, "three in half a minute among ninety: %s", found.Text)
}
