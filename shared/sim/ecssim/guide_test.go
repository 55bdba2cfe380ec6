package ecssim

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const repository = "../../.."

// guide returns the section "Add an ecssim operation" of CONTRIBUTING.md.
func guide(t *testing.T) string {
	raw, err := os.ReadFile(filepath.Join(repository, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "\n## Add an ecssim operation\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

func TestTheGuideToAnOperationNamesFourFilesThatExist(t *testing.T) {
	steps := regexp.MustCompile(`(?m)^\d\. `).Split(guide(t), -1)[1:]
	require.Len(t, steps, 4)
	last, beyond, _ := strings.Cut(steps[3], "\n\n")
	steps[3] = last
	files := regexp.MustCompile("`((?:shared|docs|tests)/[\\w./]+\\.\\w+)`")
	for i, step := range steps {
		named := files.FindAllStringSubmatch(step, -1)
		require.Len(t, named, 1, "step %d touches one file", i+1)
		assert.FileExists(t, filepath.Join(repository, named[0][1]))
	}
	for _, named := range files.FindAllStringSubmatch(beyond, -1) {
		assert.FileExists(t, filepath.Join(repository, named[1]))
	}
}

// The example of the guide is compiled and tested code. The files that the guide
// names have the same text.
func TestTheGuidesExampleIsTheCodeInTheRepository(t *testing.T) {
	text := strings.ReplaceAll(guide(t), "\n   ", "\n")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(text, -1)
	require.Len(t, blocks, 3)
	var code string
	for _, name := range []string{"ops.go", "ops_test.go"} {
		raw, err := os.ReadFile(filepath.Join("cloudwatchlogs", name))
		require.NoError(t, err)
		code += string(raw)
	}
	for _, block := range blocks {
		assert.Contains(t, code, block[1])
	}
}
