package decide_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// checkReasons checks the form of all reasons of a decision. It repeats the check with
// a family of 20 and of 255 characters, the longest one of ECS.
func checkReasons(t assert.TestingT, in decide.Input, d fleet.Decision) {
	checkForm(t, d)
	usual := decide.Plan(renamed(in, "checkout-service"))
	checkForm(t, usual)
	checkForm(t, decide.Plan(renamed(in, strings.Repeat("family-", 36)+"end")))
	for _, r := range usual.Reasons {
		assert.NotContains(t, r.Text, "…", "a name of 20 characters fits")
	}
}

// checkForm checks the form of the reasons and of the alert.
func checkForm(t assert.TestingT, d fleet.Decision) {
	key := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	assert.NotEmpty(t, d.Reasons)
	for _, r := range d.Reasons {
		known := slices.ContainsFunc(reason.All(), func(e reason.Entry) bool { return e.Name == r.Name })
		assert.True(t, known, "%s is in the table of reasons", r.Name)
		assert.NotEmpty(t, r.Text, r.Name)
		assert.LessOrEqual(t, utf8.RuneCountInString(r.Text), 80, r.Text)
		assert.NotContains(t, r.Text, "\n")
		assert.False(t, strings.HasSuffix(r.Text, "."), r.Text)
		assert.LessOrEqual(t, len(r.Fields), 5, r.Name)
		for k, v := range fieldsOf(r) {
			assert.Regexp(t, key, k)
			assert.NotEmpty(t, v, "%s: %s", r.Name, k)
		}
	}
	if d.Notify != "" {
		assert.Regexp(t, `[.…]$`, d.Notify)
		assert.NotRegexp(t, `rolled back to|was given|is stopped`, d.Notify, "an alert claims no result")
	}
}

// renamed returns the input with another family of task definitions than web.
func renamed(in decide.Input, family string) decide.Input {
	name := func(definition string) string {
		number, ok := strings.CutPrefix(definition, "web:")
		if !ok {
			return definition
		}
		return family + ":" + strings.Repeat("0", max(0, 3-len(number))) + number
	}
	in.Memory = in.Memory.Clone()
	s := &in.Snapshot
	s.TaskDefinition, s.Deployments, s.History = name(s.TaskDefinition), slices.Clone(s.Deployments), slices.Clone(s.History)
	for i := range s.Deployments {
		s.Deployments[i].TaskDefinition = name(s.Deployments[i].TaskDefinition)
	}
	for i := range s.History {
		s.History[i].Target.TaskDefinition = name(s.History[i].Target.TaskDefinition)
	}
	for i := range in.Memory.Rollbacks {
		r := &in.Memory.Rollbacks[i]
		r.FromDefinition, r.ToDefinition = name(r.FromDefinition), name(r.ToDefinition)
	}
	return in
}

func TestReasonsHaveAHeadlineOfOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { planned(t, anyInput(t)) })
}

func TestALongHeadlineIsCutAfterAClause(t *testing.T) {
	long := strings.Repeat("throttled ", 20)
	for name, c := range map[string]struct{ why, text, detail string }{
		"a short text stays":                {"throttled.", "the service could not be read: throttled", ""},
		"a line break becomes a space":      {"one\n two", "the service could not be read: one two", ""},
		"the rest after a clause is detail": {"listing tasks: " + long, "the service could not be read: listing tasks", strings.TrimSpace(long)},
		"a clause is cut before words":      {long, "the service could not be read", strings.TrimSpace(long)},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"service": c.why} })
			assert.Equal(t, c.text, d.Reasons[0].Text)
			assert.Equal(t, c.detail, d.Reasons[0].Detail)
		})
	}
	d := decide.Plan(inputAfter(pushed(8), func(in *decide.Input) { in.Snapshot.Watched.Repository = strings.Repeat("team/", 30) }))
	checkForm(t, d)
	assert.Equal(t, "no container of the service runs…", d.Reasons[0].Text, "without a clause, after a word")
	assert.Equal(t, "no container of the service runs "+strings.Repeat("team/", 30), d.Reasons[0].Detail)
}
