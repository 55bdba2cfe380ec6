package placement

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func hosts() []Host {
	return []Host{
		{ID: "i-1", Zone: "eu-central-1a", CPU: 1024, Memory: 4096, Group: 2, Attributes: map[string]string{"ecs.instance-type": "m7g.large"}},
		{ID: "i-2", Zone: "eu-central-1a", CPU: 512, Memory: 8192, Attributes: map[string]string{"ecs.instance-type": "t3.small", "stack": "prod"}},
		{ID: "i-3", Zone: "eu-central-1b", CPU: 2048, Memory: 1024, Group: 1, Attributes: map[string]string{"ecs.instance-type": "m7g.xlarge"}},
	}
}

func TestConstraintsPermitHosts(t *testing.T) {
	for _, c := range []struct {
		name string
		of   Constraint
		want []string
	}{
		{"distinct instances have no task of the group", Constraint{Type: "distinctInstance"}, []string{"i-2"}},
		{"a zone", member("attribute:ecs.availability-zone == eu-central-1b"), []string{"i-3"}},
		{"another zone", member("attribute:ecs.availability-zone != eu-central-1b"), []string{"i-1", "i-2"}},
		{"a list of values", member("attribute:ecs.instance-type in [t3.small, m7g.xlarge]"), []string{"i-2", "i-3"}},
		{"no value of a list", member("attribute:ecs.instance-type not_in [t3.small,m7g.xlarge]"), []string{"i-1"}},
		{"a pattern", member("attribute:ecs.instance-type =~ m7g.*"), []string{"i-1", "i-3"}},
		{"an attribute that exists", member("attribute:stack exists"), []string{"i-2"}},
		{"an attribute that does not exist", member("attribute:stack !exists"), []string{"i-1", "i-3"}},
		{"a host without the attribute differs from its value", member("attribute:stack != prod"), []string{"i-1", "i-3"}},
		{"and binds closer than or", member("ec2InstanceId == i-3 or attribute:stack exists and ec2InstanceId == i-1"), []string{"i-3"}},
		{"parentheses and not", member("not (ec2InstanceId == i-3 or attribute:stack exists)"), []string{"i-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := New([]Constraint{c.of}, nil)
			require.NoError(t, err)
			var got []string
			for _, h := range hosts() {
				if r.Allows(&h) {
					got = append(got, h.ID)
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func member(text string) Constraint { return Constraint{Type: "memberOf", Expression: text} }

func TestStrategiesChooseAHost(t *testing.T) {
	for _, c := range []struct {
		name  string
		order []Strategy
		want  string
	}{
		{"the zones are spread by default", nil, "i-3"},
		{"over instances", []Strategy{{"spread", "instanceId"}}, "i-2"},
		{"over zones, then the least CPU", []Strategy{{"spread", "attribute:ecs.availability-zone"}, {"binpack", "cpu"}}, "i-3"},
		{"the least CPU that is left", []Strategy{{"binpack", "cpu"}}, "i-2"},
		{"the least memory that is left", []Strategy{{"binpack", "memory"}}, "i-3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := New(nil, c.order)
			require.NoError(t, err)
			assert.Equal(t, c.want, hosts()[r.Choose(hosts(), nil)].ID)
		})
	}
}

func TestRandomReachesEveryHost(t *testing.T) {
	r, err := New(nil, []Strategy{{Type: "random"}})
	require.NoError(t, err)
	seen := map[int]bool{}
	chance := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		seen[r.Choose(hosts(), chance)] = true
	}
	assert.Len(t, seen, 3)
}

func TestNoHostIsChosenAgainstTheConstraints(t *testing.T) {
	r, err := New([]Constraint{member("ec2InstanceId == i-9")}, nil)
	require.NoError(t, err)
	assert.Equal(t, -1, r.Choose(hosts(), nil))
}

func TestRulesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		constraint Constraint
		strategy   Strategy
	}{
		"an unknown constraint":      {constraint: Constraint{Type: "near"}},
		"an unknown subject":         {constraint: member("weather == fine")},
		"an unknown operator":        {constraint: member("attribute:stack like prod")},
		"a missing value":            {constraint: member("attribute:stack ==")},
		"a list that is not closed":  {constraint: member("attribute:stack in [a")},
		"a parenthesis left open":    {constraint: member("(attribute:stack exists")},
		"two comparisons in a row":   {constraint: member("attribute:stack exists attribute:stack exists")},
		"an unknown strategy":        {strategy: Strategy{Type: "near"}},
		"binpack without its field":  {strategy: Strategy{Type: "binpack"}},
		"spread without its field":   {strategy: Strategy{Type: "spread"}},
		"a pattern that is no regex": {constraint: member("attribute:stack =~ [")},
	} {
		t.Run(name, func(t *testing.T) {
			var constraints []Constraint
			var strategies []Strategy
			if c.constraint.Type != "" {
				constraints = append(constraints, c.constraint)
			}
			if c.strategy.Type != "" {
				strategies = append(strategies, c.strategy)
			}
			_, err := New(constraints, strategies)
			assert.Error(t, err)
		})
	}
}

func FuzzExpressions(f *testing.F) {
	f.Add("attribute:a == b and not (ec2InstanceId in [x, y])")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := parse(text); err == nil {
			e.holds(&Host{})
		}
	})
}
