package whatif_test

import (
	"testing"

	"homeostat/shared/lab/whatif"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFollowingTheTrafficIsCheaperThanItsPeak(t *testing.T) {
	c := theCase(3)
	out, err := whatif.Play(t.Context(), c, plans(t, "target-tracking:60", "fixed:20", "fixed:4"))
	require.NoError(t, err)
	follows := out[0]
	assert.Less(t, follows.TaskHours, 0.8*out[1].TaskHours)
	assert.Greater(t, follows.ActionsPerDay, 4.0)

	d := whatif.Compare(follows, out[2])
	assert.Equal(t, whatif.MoreExpensiveAndBetter, d.Verdict)
	d = whatif.Compare(out[2], follows)
	assert.Equal(t, whatif.CheaperAndWorse, d.Verdict)
	assert.Equal(t, whatif.Alike, whatif.Compare(follows, follows).Verdict)
	require.Len(t, d.Words, 3)
	assert.Regexp(t, `^it would have cost \d+\.\d\d instead of \d+\.\d\d USD, \d+\.\d % less: 192 task-hours instead of \d+$`, d.Words[0])
}

func TestTheSameCaseGivesTheSameOutcomeOfAWS(t *testing.T) {
	first, err := whatif.Play(t.Context(), theCase(2), plans(t, "target-tracking-20:60", "step:60"))
	require.NoError(t, err)
	second, err := whatif.Play(t.Context(), theCase(2), plans(t, "target-tracking-20:60", "step:60"))
	require.NoError(t, err)
	assert.Equal(t, first, second)
}

func TestPlansOfAWSAreNamed(t *testing.T) {
	p, ok, err := whatif.ParsePlan("target-tracking:70,min=2,max=12", 1, 5)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, []int{2, 12}, []int{p.Min, p.Max})
	assert.Equal(t, "AWS target tracking at 70 % CPU on one-minute metrics, cooldowns of 300 s", p.About)

	for text, want := range map[string]string{
		"target-tracking:seventy":      `"target-tracking:seventy": "seventy" is no target in percent, expected 1 to 100`,
		"target-tracking:NaN":          `"NaN" is no target in percent`,
		"target-tracking:170":          `"170" is no target in percent`,
		"target-tracking:70,most=4":    `"most=4" is no bound, expected min=N or max=N with 0 to 5000 tasks`,
		"target-tracking:70,min=-1":    `"min=-1" is no bound`,
		"target-tracking:70,min=9":     `min is 9, above max, 5: raise max, or lower min`,
		"step:60,min=2,max=1000000000": `"max=1000000000" is no bound`,
	} {
		_, ok, err := whatif.ParsePlan(text, 1, 5)
		assert.True(t, ok, text)
		assert.ErrorContains(t, err, want)
	}
	for _, name := range whatif.PlanNames() {
		_, ok, err := whatif.ParsePlan(name, 1, 5)
		assert.NoError(t, err)
		assert.True(t, ok, name)
	}
}
