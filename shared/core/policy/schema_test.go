package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := json.Marshal(policy.Schema())
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("homeostat.schema.json", document))
	s, err := c.Compile("homeostat.schema.json")
	require.NoError(t, err)
	return s
}

// asJSON converts a policy file into the values of a JSON document.
func asJSON(t *testing.T, file string) any {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(file))
	require.NoError(t, err, file)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	require.NoError(t, err, file)
	return document
}

func TestTheSchemaAcceptsValidPolicies(t *testing.T) {
	s := compiledSchema(t)
	text, err := os.ReadFile("../../../docs/policy.md")
	require.NoError(t, err)
	files := []string{full, scaling, office}
	for _, example := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		files = append(files, "version: 1\n"+strings.TrimPrefix(example[1], "version: 1\n"))
	}
	stored, err := filepath.Glob("testdata/compiled/*.yaml")
	require.NoError(t, err)
	for _, name := range stored {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		if !strings.Contains(string(data), "null") { // Parse accepts empty values; the schema of an editor does not
			files = append(files, string(data))
		}
	}
	for _, file := range files {
		assert.NoError(t, s.Validate(asJSON(t, file)), file)
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	s := compiledSchema(t)
	for name, file := range map[string]string{
		"no version":                    "mode: act\n",
		"another version":               "version: 2\n",
		"an unknown section":            "version: 1\nscael: {min: 1}\n",
		"an unknown key":                "version: 1\nscale: {mni: 1}\n",
		"an unknown mode":               "version: 1\nmode: on\n",
		"a number with a unit":          "version: 1\nscale: {min: 3 tasks}\n",
		"a number for a duration":       "version: 1\nheal: {suspect_for: 30}\n",
		"a target group by its name":    "version: 1\nscale: {target_group: web}\n",
		"an empty match":                "version: 1\nservices: [{match: {}, mode: act}]\n",
		"an entry without a match":      "version: 1\nservices: [{mode: act}]\n",
		"a schedule that sets no bound": "version: 1\nscale: {schedules: [{cron: \"0 8 * * *\", for: 1h}]}\n",
		"a metric without a name":       "version: 1\nscale: {metric: {expression: m1, metrics: {m1: {namespace: A}}}}\n",
		"an alarm without a name":       "version: 1\nscale: {wake: [\"\"]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			assert.Error(t, s.Validate(asJSON(t, file)))
			_, err := policy.Parse("p.yaml", []byte(file))
			assert.Error(t, err)
		})
	}
}

// TestTheSchemaHasTheBoundsOfTheCheck compares both for each key with a number.
func TestTheSchemaHasTheBoundsOfTheCheck(t *testing.T) {
	s := compiledSchema(t)
	values := []string{"-1", "0", "0.0005", "0.5", "0.51", "1", "1.5", "24", "25", "50", "51", "60", "61", "100", "101", "511", "512", "5000", "5001", "122880", "122881", "1000000"}
	compared := 0
	for _, key := range policy.Default().Explain(fixture.Web(), nil, "") {
		section, name, nested := strings.Cut(key.Path, ".")
		if !nested || !regexp.MustCompile(`^[0-9.]+$`).MatchString(key.Value) {
			continue
		}
		for _, value := range values {
			file := fmt.Sprintf("version: 1\n%s: {%s: %s}\n", section, name, value)
			_, err := policy.Parse("p.yaml", []byte(file))
			if err != nil && !regexp.MustCompile(`expected (\d|a |the )|cannot unmarshal`).MatchString(err.Error()) || name == "min" && value == "0" {
				err = nil // a rule about several keys, which the schema does not have
			}
			refused := s.Validate(asJSON(t, file))
			if err == nil && refused != nil && strings.Contains(value, ".") && strings.Contains(refused.Error(), "want integer") {
				continue // the YAML library cuts 1.5 to 1, and the schema refuses it
			}
			assert.Equal(t, err == nil, refused == nil, "%s: %v, %v", file, err, refused)
			compared++
		}
	}
	assert.Greater(t, compared, 200)
}
