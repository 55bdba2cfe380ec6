package cause_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
)

var update = flag.Bool("update", false, "write docs/causes.md anew")

const pagePath = "../../../docs/causes.md"

func TestThePageOfCausesSaysWhatTheTableSays(t *testing.T) {
	want := page()
	if *update {
		require.NoError(t, os.WriteFile(pagePath, []byte(want), 0o644))
	}
	got, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "go test ./shared/core/cause -update writes the page anew")
}

// page is docs/causes.md: the families with their remedies, then every row.
func page() string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, c := range fleet.Causes() {
		fmt.Fprintf(&b, "\n### %s\n\nFamily `%s`.\n\n| row | where | what is looked for | note |\n|---|---|---|---|\n", c, c.Family())
		for _, r := range cause.Rows() {
			if r.Cause == c {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s (%s) |\n", r.ID, place(r), looks(r), cell(r.Note), source(r))
			}
		}
	}
	return b.String()
}

func place(r cause.Row) string {
	if r.Place == cause.Anywhere {
		return "anywhere"
	}
	return string(r.Place)
}

func source(r cause.Row) string {
	if strings.HasPrefix(r.Source, "https://") {
		return "[source](" + r.Source + ")"
	}
	return r.Source
}

func looks(r cause.Row) string {
	var parts []string
	for _, part := range [][2]string{
		{"stop code", r.Codes},
		{"about", r.About},
		{"all of", r.All},
		{"any of", r.Any},
		{"none of", r.None},
		{"launch type", r.Launch},
		{"exit code", r.Exit},
	} {
		if part[1] != "" {
			parts = append(parts, part[0]+" `"+cell(strings.ReplaceAll(part[1], "|", "`, `"))+"`")
		}
	}
	if len(parts) == 0 {
		return "anything else"
	}
	return strings.Join(parts, "; ")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

const pageHead = `# Causes

Why a task stopped, or an action of a service failed. The words are stable: ` + "`homeostat decode`" + ` prints them. This page is written from the
table in shared/core/cause (` + "`go test ./shared/core/cause -update`" + `), which is tried from top to bottom: the stop code first, the text second, the exit
code last.

| family | what is done by default |
|---|---|
| ` + "`normal`" + ` | nothing; never counted against a revision, even with exit code 137 or 143 |
| ` + "`capacity`" + ` | ECS replaces the task; never a rollback |
| ` + "`transient`" + ` | ECS tries again |
| ` + "`start`" + ` | counts against the revision where no older revision shows the same |
| ` + "`runtime`" + ` | counts; [the judge](judge.md) decides |
| ` + "`unknown`" + ` | evidence only |
`
