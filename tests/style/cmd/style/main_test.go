package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree makes a small tree with one page of docs.
func tree(t *testing.T, page string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"tests/style/words.txt": "roster\tinventory\n",
		"tests/style/verbs.txt": "print\n",
		"tests/style/allow.txt": "",
		"docs/page.md":          page,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	return root
}

// command runs the command and returns its exit code and output.
func command(t *testing.T, root string, args ...string) (int, string) {
	t.Helper()
	var out strings.Builder
	code := run(t.Context(), append([]string{"-root", root}, args...), &out, &out)
	return code, out.String()
}

func TestTheCommandFailsForEachFinding(t *testing.T) {
	root := tree(t, "The roster and the roster.\n")
	code, out := command(t, root)
	assert.Equal(t, findings, code)
	assert.Equal(t, 2, strings.Count(out, "docs/page.md:1: word \"roster\": write \"inventory\"\n"))

	require.NoError(t, os.WriteFile(filepath.Join(root, "docs/page.md"), []byte("The inventory of the service.\n"), 0o600))
	code, out = command(t, root)
	assert.Equal(t, clean, code)
	assert.Contains(t, out, "docs: 1 sentences")
}

func TestTheListNamesPlacesOfFolders(t *testing.T) {
	root := tree(t, "# The roster\n\nWhere it is, there is more.\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"all findings":            {[]string{"-list", "findings"}, "docs/page.md:1: word \"roster\": write \"inventory\"\n"},
		"findings of a folder":    {[]string{"-list", "findings", "./docs/"}, "docs/page.md:1: word \"roster\": write \"inventory\"\n"},
		"findings of a file":      {[]string{"-list", "findings", "docs/page.md"}, "docs/page.md:1: word \"roster\": write \"inventory\"\n"},
		"findings of another one": {[]string{"-list", "findings", "doc"}, ""},
		"relative clauses":        {[]string{"-list", "relative"}, "docs/page.md:3: Where it is, there is more.\n"},
		"beginnings":              {[]string{"-list", "begin", "docs"}, "docs/page.md:3: Where it is, there is more.\n"},
		"long sentences":          {[]string{"-list", "long"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := command(t, root, c.args...)
			assert.Equal(t, clean, code)
			assert.Equal(t, c.want, out)
		})
	}
}

func TestExitCodesOfErrors(t *testing.T) {
	root := tree(t, "")
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"an unknown flag":         {[]string{"-unknown"}, usage},
		"an unknown list":         {[]string{"-list", "all"}, usage},
		"a folder without a list": {[]string{"docs"}, usage},
		"a folder without lists":  {[]string{"-root", t.TempDir()}, failed},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := command(t, root, c.args...)
			assert.Equal(t, c.want, code)
			assert.NotEmpty(t, out)
		})
	}
}
