package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guideOf returns the section of CONTRIBUTING.md under a heading.
func guideOf(t *testing.T, heading string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "\n## "+heading+"\n")
	require.True(t, found, "CONTRIBUTING.md has no section %q", heading)
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// steps returns the numbered steps of a guide, without the text after them.
func steps(guide string) []string {
	parts := regexp.MustCompile(`(?m)^\d\. `).Split(guide, -1)[1:]
	last := len(parts) - 1
	parts[last], _, _ = strings.Cut(parts[last], "\n\n")
	return parts
}

var namedFile = regexp.MustCompile("`((?:shared|docs|tests|events|infra)/[\\w./-]+\\.\\w+)`")

func TestTheGuideToAnEventKindTouchesSixFilesThatExist(t *testing.T) {
	guide := guideOf(t, "Add an event kind")
	touched := map[string]bool{}
	for _, m := range namedFile.FindAllStringSubmatch(guide, -1) {
		touched[m[1]] = true
		assert.FileExists(t, filepath.Join(root, m[1]))
	}
	assert.LessOrEqual(t, len(touched), 6, "%v", touched)
	assert.Len(t, steps(guide), 6)
}

// The example is code of the repository, word by word, so it is compiled.
func TestTheExampleOfTheGuideToAnEventKindIsCode(t *testing.T) {
	guide := guideOf(t, "Add an event kind")
	var code string
	for _, m := range namedFile.FindAllStringSubmatch(guide, -1) {
		raw, err := os.ReadFile(filepath.Join(root, m[1]))
		require.NoError(t, err)
		code += string(raw)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(strings.ReplaceAll(guide, "\n   ", "\n"), -1)
	require.Len(t, blocks, 3)
	for _, block := range blocks {
		assert.Contains(t, code, block[1])
	}
}

func TestTheGuidesNameFilesThatExist(t *testing.T) {
	for _, heading := range []string{"Add a cause", "Add an AWS call", "Add a policy key", "Add an ecssim operation"} {
		t.Run(heading, func(t *testing.T) {
			named := namedFile.FindAllStringSubmatch(guideOf(t, heading), -1)
			require.NotEmpty(t, named)
			for _, m := range named {
				assert.FileExists(t, filepath.Join(root, m[1]))
			}
		})
	}
}
