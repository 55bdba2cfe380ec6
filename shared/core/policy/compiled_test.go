package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestACompiledPolicyIsThePolicy(t *testing.T) {
	text, err := os.ReadFile("../../../docs/policy.md")
	require.NoError(t, err)
	files := map[string]string{
		"nothing but a version":     "version: 1\n",
		"every kind of rule":        full,
		"every way to scale":        scaling,
		"lists that are empty":      "version: 1\nheal: {depends_on: [], rollback_alarms: []}\nscale: {wake: [], schedules: []}\nservices: []\n",
		"keys without a value":      "version: 1\nheal:\n  depends_on:\nscale: {wake: null, schedules: ~, metric: null}\nservices:\n",
		"numbers that are no whole": "version: 1\nheal: {false_rollback: 0.1}\nlimits: {mass_failure: 0.30000000000000004}\nscale: {cpu: 33.333333333333336}\n",
		"signs that HTML knows":     "version: 1\nredeploy: {tag: \"<&>\\u2028\"}\n",
	}
	for i, example := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		name := "example " + string(rune('1'+i)) + " of the document"
		if files[name] = example[1]; !strings.Contains(example[1], "version:") {
			files[name] = "version: 1\n" + example[1]
		}
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("mine.yaml", []byte(file))
			require.NoError(t, err)
			data, err := p.Compiled()
			require.NoError(t, err)
			again, err := policy.ReadCompiled(data)
			require.NoError(t, err)
			tags := map[string]string{"homeostat:mode": ""}
			for _, service := range []string{"web", "worker", "api"} {
				assert.Equal(t, p.For(fixture.Ref(service), tags, ""), again.For(fixture.Ref(service), tags, ""))
				assert.Equal(t, p.Explain(fixture.Ref(service), tags, ""), again.Explain(fixture.Ref(service), tags, ""), "with the lines of the file")
			}
			repeated, err := again.Compiled()
			require.NoError(t, err)
			assert.Equal(t, string(data), string(repeated))
		})
	}
}

func TestACompiledPolicyKeepsItsSchedules(t *testing.T) {
	p, err := policy.Parse("mine.yaml", []byte("version: 1\nscale:\n  schedules:\n    - {cron: \"0 8 * * *\", zone: Europe/Berlin, for: 2h, min: 3}\n"))
	require.NoError(t, err)
	data, err := p.Compiled()
	require.NoError(t, err)
	again, err := policy.ReadCompiled(data)
	require.NoError(t, err)
	bounds := again.For(fixture.Web(), map[string]string{"homeostat:mode": ""}, "").BoundsAt(time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC))
	assert.Equal(t, 3, bounds.Min)
	assert.Contains(t, bounds.MinOf, "mine.yaml:4")
}

func TestReadCompiledRefuses(t *testing.T) {
	p, err := policy.Parse("mine.yaml", []byte("version: 1\nmode: act\n"))
	require.NoError(t, err)
	data, err := p.Compiled()
	require.NoError(t, err)
	good := string(data)
	for name, c := range map[string]struct{ data, want string }{
		"nothing":                      {"", "deploy the stack again: EOF"},
		"an object without a policy":   {"{}", "version is 0, expected 1"},
		"the file that a person wrote": {"version: 1\nmode: act\n", "deploy the stack again: invalid character"},
		"half of it":                   {good[:len(good)/2], "deploy the stack again: unexpected EOF"},
		"it twice":                     {good + good, "deploy the stack again: there is more data after its end"},
		"a key of another version":     {strings.Replace(good, `"Mode"`, `"Mood"`, 1), `deploy the stack again: json: unknown field "Mood"`},
		"a value that is not allowed":  {strings.Replace(good, `"act"`, `"akt"`, 1), `mine.yaml:2:7: mode is "akt", expected off, observe, propose or act`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.ReadCompiled([]byte(c.data))
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, p)
		})
	}
}

// TestEarlierCompiledPoliciesAreRead reads files in testdata/compiled. The
// version of design 0008 wrote them, and explain with them, from structs of keys.
func TestEarlierCompiledPoliciesAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/compiled/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			read := func(ending string) []byte {
				data, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ending)
				require.NoError(t, err)
				return data
			}
			p, err := policy.Parse("homeostat.yaml", read(".yaml"))
			require.NoError(t, err)
			earlier, err := policy.ReadCompiled(read(".json"))
			require.NoError(t, err)
			tags := map[string]string{"homeostat:mode": ""}
			for _, service := range []string{"web", "web-blue", "worker"} {
				assert.Equal(t, p.For(fixture.Ref(service), tags, ""), earlier.For(fixture.Ref(service), tags, ""))
				assert.Equal(t, p.Explain(fixture.Ref(service), tags, ""), earlier.Explain(fixture.Ref(service), tags, ""))
			}
			var explained []policy.Setting
			require.NoError(t, json.Unmarshal(read(".explain.json"), &explained))
			assert.Subset(t, p.Explain(fixture.Web(), tags, ""), explained, "later versions only add keys")
		})
	}
}

func FuzzCompiled(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(scaling))
	f.Add([]byte("version: 1\nservices: [{match: {service: x}, mode: act}]"))
	f.Add([]byte("version: 1\nredeploy: {tag: \"\\xff\\ud83d\"}"))
	f.Add([]byte("version: 1\nheal: {depends_on: ~}\nscale: {min: 0, to_zero: 15m, schedules: [{cron: \"*/5 1-3 29 2 SUN\", for: 1h, min: 2}]}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := policy.Parse("p.yaml", file)
		if err != nil || !utf8.Valid(file) {
			return
		}
		data, err := p.Compiled() // compares too
		if err != nil {
			t.Fatal(err)
		}
		if again, err := policy.ReadCompiled(data); err != nil || again == nil {
			t.Fatalf("the compiled policy cannot be read: %v", err)
		}
	})
}
