package ssm_test

import (
	"slices"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names returns the names of the parameters in an answer.
func names(out wire.Object) []string {
	var found []string
	for _, p := range out.Objects("Parameters") {
		found = append(found, p.String("Name"))
	}
	return found
}

// newSim returns an account with the named parameters, whose answers are checked.
func newSim(t *testing.T, parameters ...string) *ecssim.Sim {
	sim := ecssim.New(ecssim.Config{})
	sim.Server().Check(func(problem string) { t.Error(problem) })
	sim.Server().Warn(func(text string) { t.Error(text) })
	for _, name := range parameters {
		sim.ChangeSecret(name)
	}
	return sim
}

func filtered(key, option string, values ...any) wire.Object {
	filter := wire.Object{"Key": key, "Values": values}
	if option != "" {
		filter["Option"] = option
	}
	return wire.Object{"ParameterFilters": []any{filter}}
}

func TestParametersAreFilteredByNameAndPath(t *testing.T) {
	sim := newSim(t, "/shop/db", "/shop/mail", "/shop/eu/db", "/other")
	for name, c := range map[string]struct {
		in   wire.Object
		want []string
	}{
		"without a filter all are listed":         {wire.Object{}, []string{"/other", "/shop/db", "/shop/eu/db", "/shop/mail"}},
		"a name without an option is compared":    {filtered("Name", "", "/shop/db"), []string{"/shop/db"}},
		"one filter has several names":            {filtered("Name", "Equals", "/shop/mail", "/other", "/none"), []string{"/other", "/shop/mail"}},
		"a name can be compared by its beginning": {filtered("Name", "BeginsWith", "/shop/"), []string{"/shop/db", "/shop/eu/db", "/shop/mail"}},
		"a name can be compared by a part":        {filtered("Name", "Contains", "db"), []string{"/shop/db", "/shop/eu/db"}},
		"a path has one level":                    {filtered("Path", "", "/shop"), []string{"/shop/db", "/shop/mail"}},
		"a path can have all levels":              {filtered("Path", "Recursive", "/shop/"), []string{"/shop/db", "/shop/eu/db", "/shop/mail"}},
		"an unknown name is no error":             {filtered("Name", "Equals", "/none"), nil},
		"all filters must match": {
			wire.Object{"ParameterFilters": []any{
				wire.Object{"Key": "Path", "Option": "Recursive", "Values": []any{"/shop"}}, wire.Object{"Key": "Name", "Option": "Contains", "Values": []any{"mail"}},
			}},
			[]string{"/shop/mail"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := sim.Server().Invoke("ssm", "DescribeParameters", c.in)
			require.NoError(t, err)
			assert.Equal(t, c.want, names(out))
		})
	}
}

func TestWrongFiltersAreRefused(t *testing.T) {
	sim := newSim(t)
	for name, c := range map[string]struct {
		in   wire.Object
		want string
	}{
		"a label is no key of DescribeParameters": {filtered("Label", "Equals", "x"), "InvalidFilterKey"},
		"a tier is not modelled":                  {filtered("Tier", "Equals", "Standard"), "InvalidFilterKey: ecssim does not model the filter Tier"},
		"an unknown key breaks the pattern":       {filtered("Colour", "Equals", "x"), "ValidationException"},
		"a name has no levels":                    {filtered("Name", "Recursive", "x"), "InvalidFilterOption"},
		"a path is not compared":                  {filtered("Path", "Equals", "/x"), "InvalidFilterOption"},
		"a filter needs a value":                  {wire.Object{"ParameterFilters": []any{wire.Object{"Key": "Name"}}}, "InvalidFilterValue"},
		"a page has at most 50 parameters":        {wire.Object{"MaxResults": 51}, "ValidationException"},
		"a token is one of an answer":             {wire.Object{"NextToken": "x"}, "InvalidNextToken"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sim.Server().Invoke("ssm", "DescribeParameters", c.in)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestPagesOfParametersAreRead(t *testing.T) {
	sim := newSim(t, "/a", "/b", "/c")
	var found []string
	in := wire.Object{"MaxResults": 2}
	for {
		out, err := sim.Server().Invoke("ssm", "DescribeParameters", in)
		require.NoError(t, err)
		found = append(found, names(out)...)
		if in["NextToken"] = out.String("NextToken"); in["NextToken"] == "" {
			break
		}
	}
	assert.Equal(t, []string{"/a", "/b", "/c"}, found)
}

func TestAParameterHasItsChangeAndItsVersion(t *testing.T) {
	sim := newSim(t)
	arn, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "web", Containers: []ecssim.ContainerSpec{
		{Name: "app", Image: "web", Secrets: map[string]string{"DB": "/shop/db"}},
	}})
	require.NoError(t, err)
	require.NotEmpty(t, arn)
	described := func() wire.Object {
		out, err := sim.Server().Invoke("ssm", "DescribeParameters", wire.Object{})
		require.NoError(t, err)
		i := slices.IndexFunc(out.Objects("Parameters"), func(p wire.Object) bool { return p.String("Name") == "/shop/db" })
		require.GreaterOrEqual(t, i, 0)
		return out.Objects("Parameters")[i]
	}
	start := sim.Now()
	p := described()
	assert.Equal(t, "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db", p.String("ARN"))
	changed, _ := p.Time("LastModifiedDate")
	assert.Equal(t, start.AddDate(0, 0, -90), changed)
	version, _ := p.Int("Version")
	assert.Equal(t, 1, version)
	sim.RunUntil(start.Add(time.Hour))
	sim.ChangeSecret("/shop/db")
	sim.RunUntil(start.Add(2 * time.Hour))
	p = described()
	changed, _ = p.Time("LastModifiedDate")
	assert.Equal(t, start.Add(time.Hour), changed)
	version, _ = p.Int("Version")
	assert.Equal(t, 2, version)
}
