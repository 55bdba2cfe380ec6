package style

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommitSubjectsHaveAnAreaAndAVerb(t *testing.T) {
	const form = `expected "area: what it does", with an area of lower-case letters, digits, commas, slashes and dashes`
	const verb = `begin with a verb after the colon, such as "add", "fix", "move"`
	for name, c := range map[string]struct {
		subject string
		want    []string
	}{
		"an area and a verb":                {"workload: smooth count traces before scoring", nil},
		"two areas with a slash and a dash": {"sim/ecssim,docs-2: move the clock", nil},
		"a verb before a comma":             {"cli: add, but do not show, a flag", nil},
		"no area":                           {"Fix the clock", []string{form}},
		"an area with a capital":            {"CLI: fix the clock", []string{form}},
		"an area without a subject":         {"cli: ", []string{form}},
		"no verb":                           {"bench: a trace of counts is smoothed", []string{verb}},
		"a verb in another form":            {"bench: adds a trace", []string{verb}},
		"a verb with a capital":             {"bench: Add a trace", []string{verb}},
		"80 characters":                     {"cli: add " + strings.Repeat("é", 71), nil},
		"81 characters":                     {"cli: add " + strings.Repeat("é", 72), []string{"81 characters, expected at most 80"}},
		"a banned word":                     {"sweep: read the roster", []string{`word "roster": write "inventory"`}},
		"all at once":                       {"The roster " + strings.Repeat("x", 70), []string{form, "81 characters, expected at most 80", `word "roster": write "inventory"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, problem := range c.want {
				want = append(want, "commit 0123456 "+quote(c.subject)+": "+problem)
			}
			assert.Equal(t, want, rules(t).CheckSubjects([]Commit{{Hash: "0123456789", Subject: c.subject}}))
		})
	}
}

func TestACommitCanBeAnException(t *testing.T) {
	r, err := newRules("roster\tinventory", "read", "0123456\troster\tthe commit renames it\n7654321\t*\ta revert")
	require.NoError(t, err)
	assert.Empty(t, r.CheckSubjects([]Commit{{"0123456789", "sweep: read the roster"}, {"7654321000", "Revert this"}}))
	assert.Len(t, r.CheckSubjects([]Commit{{"1111111111", "sweep: read the roster"}}), 1)
}

// history makes a repository of commits that each add a file of their name.
func history(t *testing.T, subjects ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	root := t.TempDir()
	do(t, root, "init", "--quiet")
	for _, subject := range subjects {
		file := filepath.Join(root, strings.TrimPrefix(subject, "docs: add "))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(subject), 0o600))
		do(t, root, "add", ".")
		do(t, root, "commit", "--quiet", "--message", subject)
	}
	return root
}

func do(t *testing.T, root string, args ...string) {
	t.Helper()
	settings := []string{"-C", root, "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"}
	out, err := exec.Command("git", append(settings, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestSubjectsAreReadAfterTheGlossaryWasAdded(t *testing.T) {
	root := history(t, "old", "docs: add docs/glossary.md", "docs: add one", "docs: add two")
	commits, note := Log(t.Context(), root)
	require.Empty(t, note)
	require.Len(t, commits, 2)
	assert.Equal(t, "docs: add two", commits[0].Subject)
	assert.Equal(t, "docs: add one", commits[1].Subject)
	assert.Len(t, commits[0].Hash, 40)
}

func TestSubjectsAreLeftOutWithANote(t *testing.T) {
	t.Run("without a glossary", func(t *testing.T) {
		commits, note := Log(t.Context(), history(t, "old"))
		assert.Empty(t, commits)
		assert.Equal(t, "commit subjects are not checked: no commit adds docs/glossary.md", note)
	})
	t.Run("in a shallow clone", func(t *testing.T) {
		root := history(t, "docs: add docs/glossary.md", "docs: add one")
		clone := filepath.Join(t.TempDir(), "clone")
		do(t, root, "clone", "--quiet", "--depth", "1", "file://"+root, clone)
		_, note := Log(t.Context(), clone)
		assert.Equal(t, "commit subjects are not checked: the clone is shallow", note)
	})
	t.Run("outside of a repository", func(t *testing.T) {
		_, note := Log(t.Context(), t.TempDir())
		assert.Equal(t, "commit subjects are not checked: this is no git repository, or git is not installed", note)
	})
}

func TestFilesAreTheTrackedOnes(t *testing.T) {
	root := history(t, "one", "dir/two", "gone")
	require.NoError(t, os.WriteFile(filepath.Join(root, "untracked"), nil, 0o600))
	require.NoError(t, os.Remove(filepath.Join(root, "gone")))
	files, err := Files(t.Context(), root)
	require.NoError(t, err)
	assert.Equal(t, []string{"dir/two", "one"}, files)
}

func TestWithoutGitFilesAreThoseOutsideOfBuiltFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"one", "dir/two", ".hidden/three", "dist/four"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o600))
	}
	files, err := Files(t.Context(), root)
	require.NoError(t, err)
	assert.Equal(t, []string{"dir/two", "one"}, files)
}
