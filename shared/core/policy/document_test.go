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

// TestTheExamplesOfThePageAreValid parses each example of docs/policy.md.
func TestTheExamplesOfThePageAreValid(t *testing.T) {
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
