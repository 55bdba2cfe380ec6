package policy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"homeostat/shared/core/policy"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheDocumentSaysEveryKeyAndItsDefault compares the table of docs/policy.md
// with what an empty policy comes to, in both directions.
func TestTheDocumentSaysEveryKeyAndItsDefault(t *testing.T) {
	text, err := os.ReadFile("../../../docs/policy.md")
	require.NoError(t, err)
	said := map[string]string{}
	key := regexp.MustCompile("`([a-z_.]+)`")
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		defaults, section := strings.Split(strings.TrimSpace(cells[2]), ", "), ""
		keys := key.FindAllStringSubmatch(cells[1], -1)
		require.True(t, len(defaults) == len(keys) || len(defaults) == 1, line)
		for i, k := range keys {
			name, value := k[1], defaults[min(i, len(defaults)-1)]
			if before, _, found := strings.Cut(name, "."); found {
				section = before + "."
			} else if section != "" {
				name = section + name
			}
			assert.NotContains(t, said, name, "said twice")
			said[name] = strings.Trim(value, "`")
		}
	}
	held := map[string]string{}
	for _, s := range policy.Default().Explain(web("web"), map[string]string{"homeostat:mode": ""}, "") {
		held[s.Path] = plain(s.Value)
	}
	assert.Equal(t, held, said)
}

// plain is a value as a person writes it.
func plain(value string) string {
	switch value {
	case "[]", `""`:
		return "none"
	}
	value = regexp.MustCompile(`^(\d+h)0m0s$`).ReplaceAllString(value, "$1")
	return regexp.MustCompile(`^(\d+m)0s$`).ReplaceAllString(value, "$1")
}

// TestTheDocumentsExamplesAreTaken parses each example of docs/policy.md.
func TestTheDocumentsExamplesAreTaken(t *testing.T) {
	text, err := os.ReadFile("../../../docs/policy.md")
	require.NoError(t, err)
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, examples, 4)
	for _, example := range examples {
		file := example[1]
		if !strings.HasPrefix(file, "version:") {
			file = "version: 1\n" + file
		}
		_, err := policy.Parse("docs/policy.md", []byte(file))
		assert.NoError(t, err)
	}
}
