package policy

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryKeyIsComplete checks the promise of the guide "Add a policy key": one
// row is enough for all readers of the table.
func TestEveryKeyIsComplete(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	explained := map[string]string{}
	for _, s := range Default().Explain(fleet.ServiceRef{}, map[string]string{"homeostat:mode": ""}, "") {
		explained[s.Path] = s.Value
	}
	paths, fields := map[string]bool{}, map[any]string{}
	var e Effective
	for _, k := range newTable().rows {
		t.Run(k.name(), func(t *testing.T) {
			d := k.describe()
			assert.Regexp(t, `^([a-z]+\.)?[a-z][a-z_]*[a-z]$`, k.name())
			assert.False(t, paths[k.name()], "two rows have this path")
			assert.Empty(t, fields[k.value(&e)], "two rows have this field")
			assert.Regexp(t, `^[A-Z].*\.$`, d.help, "the help is in full sentences")
			for _, sentence := range strings.SplitAfter(d.help, ". ") {
				assert.LessOrEqual(t, len(strings.Fields(sentence)), 25, "at most 25 words: %s", sentence)
			}
			assert.NotEmpty(t, d.expected, "the kind describes its bounds")
			assert.Contains(t, string(text), "| `"+k.name()+"` | "+d.expected+" | ", "the page has the key: go test ./shared/core/policy -update")
			assert.Equal(t, d.initial, explained[k.name()], "explain prints the default")
			assert.Equal(t, d.help, schemaAt(Schema(), k.name())["description"], "the schema has the key")

			defaults := newTable().defaults
			c := &checker{policy: Default()}
			c.rules("$.", &rules{set: []row{k}, values: defaults})
			assert.Empty(t, c.problems, "the default is within the bounds")
			paths[k.name()], fields[k.value(&e)] = true, k.name()
		})
	}
}

func schemaAt(s map[string]any, path string) schema {
	at := schema(s)
	for name := range strings.SplitSeq(path, ".") {
		properties, ok := at["properties"].(schema)
		if !ok {
			return nil
		}
		at, _ = properties[name].(schema)
	}
	return at
}

// TestEveryEffectiveValueHasAKey counts the fields of Effective: a field without
// a row is set by the tags, by another key or by the service.
func TestEveryEffectiveValueHasAKey(t *testing.T) {
	computed := []string{"Enrolled", "ModeOrigin", "CPUExplicit", "Groups"}
	var e Effective
	byField := map[any]bool{}
	for _, row := range newTable().rows {
		byField[row.value(&e)] = true
	}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case f.Anonymous:
				walk(v.Field(i))
			case slices.Contains(computed, f.Name):
			default:
				assert.True(t, byField[v.Field(i).Addr().Interface()], "the field %s has no row in the table", f.Name)
			}
		}
	}
	walk(reflect.ValueOf(&e).Elem())
}

// TestEveryKeyRefusesAWrongType writes a mapping in the place of each value.
func TestEveryKeyRefusesAWrongType(t *testing.T) {
	for _, row := range newTable().rows {
		section, name, nested := strings.Cut(row.name(), ".")
		file := "version: 1\n" + section + ":\n  " + name + ": {unknown: 1}\n"
		want := "p.yaml:3:"
		if !nested {
			file, want = "version: 1\n"+section+": {unknown: 1}\n", "p.yaml:2:"
		}
		p, err := Parse("p.yaml", []byte(file))
		assert.Nil(t, p)
		assert.ErrorContains(t, err, want, row.name())
	}
}

// TestTheGuideToAddAKeyHolds checks CONTRIBUTING.md: the files of the guide exist,
// the example is the code, and the key of the example needs these files only.
func TestTheGuideToAddAKeyHolds(t *testing.T) {
	const root = "../../../"
	text, err := os.ReadFile(root + "CONTRIBUTING.md")
	require.NoError(t, err)
	_, guide, ok := strings.Cut(string(text), "\n## Add a policy key")
	require.True(t, ok, "CONTRIBUTING.md has no guide to add a policy key")
	guide, _, _ = strings.Cut(guide, "\n## ")

	files := regexp.MustCompile("`((?:shared|docs|tests)/[a-z0-9/_.]+\\.(?:go|md))`").FindAllStringSubmatch(guide, -1)
	require.NotEmpty(t, files)
	for _, file := range files {
		assert.FileExists(t, root+file[1])
	}

	example := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(guide)
	require.Len(t, example, 2)
	code, err := os.ReadFile("heal.go")
	require.NoError(t, err)
	written := squeeze(string(code))
	for line := range strings.SplitSeq(strings.TrimSpace(example[1]), "\n") {
		if line = squeeze(line); line != "" && !strings.HasPrefix(line, "//") {
			assert.Contains(t, written, line, "the example of the guide is not the code")
		}
	}

	path := regexp.MustCompile(`path: "([a-z_.]+)"`).FindStringSubmatch(example[1])
	require.Len(t, path, 2)
	var touched []string
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, source := range sources {
		code, err := os.ReadFile(source)
		require.NoError(t, err)
		if !strings.HasSuffix(source, "_test.go") && strings.Contains(string(code), path[1]) {
			touched = append(touched, source)
		}
	}
	assert.Equal(t, []string{"heal.go"}, touched, "a plain key is in one file, besides the generated page")
}

// squeeze returns text with single blanks.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
