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
	b.WriteString(agentsHead)
	for _, a := range cause.Agents() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s ([source](%s)) |\n", a.ID, named(a), list(a.Images), a.Note, a.Source)
	}
	return b.String()
}

func named(a cause.Agent) string {
	if a.Prefix {
		return list(a.Names) + ", at the beginning"
	}
	return list(a.Names)
}

func list(words string) string {
	if words == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(words, "|", "`, `") + "`"
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
		{"HTTP status", r.Status},
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

const agentsHead = `
## Several containers

A task has one cause, also with several containers. The pipeline reads the task definition. Then the essential containers decide, and the others are notes: their
reasons and exit codes change no cause. A note is kept in the evidence, and in the diagnostics of a failure.

The command ` + "`homeostat decode`" + ` sees the event alone, and an event does not say which containers are essential. Then the containers of this table are notes. The same holds
for a container that the definition does not name, and if the definition cannot be read. Of the other containers the order is:

1. a text of ECS about the task or a container, such as out of memory
2. a non-zero exit code other than 137 and 143
3. 137, unless the stop lasted a stop timeout (30 s)
4. 0
5. 143, the signal of the stop itself

A container that never ran did not end a task whose containers exited. If the essential containers and ECS said nothing about a failed start, the containers in
their ` + "`dependsOn`" + ` decide, and the text names both. A failed container health check names the essential container that ECS describes as unhealthy,
else each essential container with a health check. A container with a restart policy is restarted
within its task, and ECS sends no event: the diagnostics and ` + "`homeostat doctor`" + ` say so.

A word of the name begins with one of the names, or the image has one of the parts:

| row | names | images | note |
|---|---|---|---|
`

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
