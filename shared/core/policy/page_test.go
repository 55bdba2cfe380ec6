package policy

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of keys into docs/policy.md")

const (
	page      = "../../../docs/policy.md"
	pageBegin = "<!-- keys -->\n"
	pageEnd   = "<!-- end of keys -->\n"
)

func TestThePageHasTheTableOfKeys(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(text), pageBegin)
	require.True(t, ok, "the page lost its marker %q", pageBegin)
	_, tail, ok := strings.Cut(rest, pageEnd)
	require.True(t, ok, "the page lost its marker %q", pageEnd)
	want := head + pageBegin + pageTable() + pageEnd + tail
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "the table of keys is stale: go test ./shared/core/policy -update writes it")
}

// pageTable returns one line for each key.
func pageTable() string {
	var b strings.Builder
	b.WriteString("| key | values | default | meaning |\n|---|---|---|---|\n")
	for _, row := range newTable().rows {
		d := row.describe()
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.name(), d.expected, pageDefault(d.initial), linked(d.help))
	}
	return b.String()
}

// pageDefault returns a default as a user writes it.
func pageDefault(value string) string {
	switch value {
	case "[]", `""`, "none":
		return "none"
	}
	value = regexp.MustCompile(`^(\d+h)0m0s$`).ReplaceAllString(value, "$1")
	return "`" + regexp.MustCompile(`^(\d+m)0s$`).ReplaceAllString(value, "$1") + "`"
}

// linked replaces the names of pages and sections by links.
func linked(help string) string {
	help = regexp.MustCompile(`\b([a-z-]+\.md)\b`).ReplaceAllString(help, "[$1]($1)")
	help = strings.ReplaceAll(help, "the section Any metric", "[Any metric](#any-metric)")
	return strings.ReplaceAll(help, "the section Schedules", "[Schedules](#schedules)")
}
