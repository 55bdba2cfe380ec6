package strictyaml_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/strictyaml"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type document struct {
	Name  string        `yaml:"name"`
	Wait  time.Duration `yaml:"wait"`
	Parts []part        `yaml:"parts"`
}

type part struct {
	Count int `yaml:"count"`
}

func TestDecodeReadsADocumentAndKeepsThePositions(t *testing.T) {
	var got document
	lines, err := strictyaml.Decode("a.yaml", []byte("name: web\nwait: 5m\nparts:\n  - count: 3\n  - {count: 4}\n"), &got)
	require.NoError(t, err)
	assert.Equal(t, document{Name: "web", Wait: 5 * time.Minute, Parts: []part{{3}, {4}}}, got)
	assert.Equal(t, strictyaml.Position{Line: 5, Column: 13}, lines.Position("$.parts[1].count"))
	assert.Equal(t, "a.yaml:5:13: too many", lines.Problem("$.parts[1].count", "too many").Error())
	assert.Equal(t, "a.yaml:1:7: no such value", lines.Problem("$.name.first", "no such value").Error(), "the nearest value around it")
	assert.Equal(t, "a.yaml: nothing", strictyaml.Lines{File: "a.yaml"}.Problem("$.name", "nothing").Error())
}

func TestDecodeOfAnEmptyFileLeavesTheZeroValue(t *testing.T) {
	var got document
	lines, err := strictyaml.Decode("a.yaml", nil, &got)
	require.NoError(t, err)
	assert.Zero(t, got)
	assert.Empty(t, lines.At)
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"an unknown key":            {"name: web\nnaem: web\n", `a.yaml:2:1: unknown field "naem"`},
		"an unknown key in a list":  {"parts:\n  - {cuont: 1}\n", `a.yaml:2:6: unknown field "cuont"`},
		"a duplicate key":           {"name: a\nname: b\n", "a.yaml:2:1: "},
		"a wrong type":              {"parts:\n  - count: many\n", "a.yaml:2:12: "},
		"a duration that is a word": {"# soon\nwait: soon\n", "a.yaml:2:7: expected a time with its unit, such as 30s, 5m or 12h"},
		"a duration without unit":   {"wait: 5\n", "a.yaml:1:7: expected a time with its unit, such as 30s, 5m or 12h"},
		"an anchor":                 {"name: &a web\n", "a.yaml:1:7: anchors, aliases, merge keys and tags are not supported"},
		"an alias":                  {"name: *a\n", "a.yaml:1:"},
		"a tag":                     {"name: !!str web\n", "a.yaml:1:7: anchors, aliases, merge keys and tags are not supported"},
		"two documents":             {"name: a\n---\nname: b\n", "a.yaml:1:1: expected one document, got several"},
		"broken syntax":             {"parts: [1\n", "a.yaml:1:"},
		"33 levels of brackets":     {"name: " + strings.Repeat("[", 33) + "\n", "a.yaml:1:1: nested too deeply, expected at most 32 levels"},
		"an indent of 129 spaces":   {strings.Repeat(" ", 129) + "name: a\n", "a.yaml:1:1: nested too deeply"},
		"more than a megabyte":      {strings.Repeat("#", 1<<20+1), "a.yaml: the file has 1048577 bytes, expected at most 1048576"},
	} {
		t.Run(name, func(t *testing.T) {
			var got document
			_, err := strictyaml.Decode("a.yaml", []byte(c.yaml), &got)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.ErrorAs(t, err, new(strictyaml.Problem))
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: web\nwait: 5m\nparts: [{count: 3}]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("{{{{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got document
		if _, err := strictyaml.Decode("a.yaml", data, &got); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Fatal("an error without a message")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := []byte("parts:\n" + strings.Repeat("  - {count: 3}\n", 1000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var got document
		if _, err := strictyaml.Decode("a.yaml", data, &got); err != nil {
			b.Fatal(err)
		}
	}
}

func TestReadVisitsADocumentWithoutAStruct(t *testing.T) {
	var seen []string
	var count int
	var wait *time.Duration
	lines, err := strictyaml.Read("a.yaml", []byte("count: 3\nwait: 5m\nnothing:\nparts:\n  - {a: 1}\n  - ~\n"), func(root strictyaml.Node) error {
		return root.Fields(func(key string, value strictyaml.Node) (bool, error) {
			seen = append(seen, key)
			switch key {
			case "count":
				return true, value.Decode(&count)
			case "wait":
				return true, value.Decode(&wait)
			case "nothing":
				assert.True(t, value.Empty())
				return true, value.Fields(nil)
			}
			return key == "parts", value.Items(func(i int, item strictyaml.Node) error {
				seen = append(seen, fmt.Sprintf("%d %t", i, item.Empty()))
				return nil
			})
		})
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"count", "wait", "nothing", "parts", "0 false", "1 true"}, seen)
	assert.Equal(t, 3, count)
	assert.Equal(t, 5*time.Minute, *wait)
	assert.Equal(t, strictyaml.Position{Line: 2, Column: 7}, lines.At["$.wait"])
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"an unknown key":            {"count: 1\nother: 2\n", `a.yaml:2:1: unknown field "other"`},
		"a key that is no string":   {"count: 1\n1.5: 2\n", `a.yaml:2:1: unknown field "1.5"`},
		"a list instead of keys":    {"- 1\n", "a.yaml:1:1: expected a mapping, got sequence"},
		"a value instead of a list": {"parts: 1\n", "a.yaml:1:8: expected a list, got int"},
		"a wrong type":              {"count: many\n", "a.yaml:1:8: cannot unmarshal string into Go value of type int"},
		"a broken duration":         {"wait: 5 minutes\n", "a.yaml:1:7: expected a time with its unit, such as 30s, 5m or 12h"},
		"an anchor":                 {"count: &a 1\n", "a.yaml:1:8: anchors"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := strictyaml.Read("a.yaml", []byte(c.yaml), func(root strictyaml.Node) error {
				return root.Fields(func(key string, value strictyaml.Node) (bool, error) {
					var count int
					var wait time.Duration
					switch key {
					case "count":
						return true, value.Decode(&count)
					case "wait":
						return true, value.Decode(&wait)
					case "parts":
						return true, value.Items(nil)
					}
					return false, nil
				})
			})
			require.ErrorContains(t, err, c.want)
			assert.ErrorAs(t, err, new(strictyaml.Problem))
		})
	}
}
