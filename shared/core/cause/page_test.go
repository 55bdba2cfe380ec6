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

var update = flag.Bool("update", false, "write docs/causes.md")

const pagePath = "../../../docs/causes.md"

func TestThePageOfCausesMatchesTheTable(t *testing.T) {
	want := page()
	if *update {
		require.NoError(t, os.WriteFile(pagePath, []byte(want), 0o644))
	}
	got, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./shared/core/cause -update")
}

// page returns the text of docs/causes.md, with the families and every row.
func page() string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, c := range fleet.Causes() {
		fmt.Fprintf(&b, "\n### %s\n\nFamily `%s`.\n\n| row | place | condition | note |\n|---|---|---|---|\n", c, c.Family())
		for _, r := range cause.Rows() {
			if r.Cause == c {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s (%s) |\n", r.ID, place(r), conditions(r), cell(r.Note), source(r))
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

func conditions(r cause.Row) string {
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

This page lists the causes of stopped tasks and of failed service actions. The words are stable, and ` + "`homeostat decode`" + ` prints them. The page is generated from the
table in shared/core/cause (` + "`go test ./shared/core/cause -update`" + `). The first match from top to bottom counts: the stop code first, the text second and the exit
code last.

| family | default remedy |
|---|---|
| ` + "`normal`" + ` | none; it never counts against a revision, even with exit code 137 or 143 |
| ` + "`capacity`" + ` | ECS replaces the task; never a rollback |
| ` + "`transient`" + ` | ECS retries |
| ` + "`start`" + ` | it counts against the revision if no older revision shows the same cause |
| ` + "`runtime`" + ` | it counts; [the judge](judge.md) decides |
| ` + "`unknown`" + ` | evidence only |
`
