package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARenamedVerbNamesItsNewName(t *testing.T) {
	table := map[string]renamedVerb{"thaw": {name: "unfreeze", alias: true}, "simulate": {name: "rehearse"}}
	for name, c := range map[string]struct{ verb, note, problem string }{
		"an alias works with a note":           {"thaw", `the verb "thaw" is now "unfreeze"`, ""},
		"a removed name is a usage error":      {"simulate", "", `the verb "simulate" is now "rehearse"`},
		"a current name gives no note":         {"unfreeze", "", ""},
		"an unknown name is left to kong":      {"melt", "", ""},
		"a flag before the verb gives no note": {"--help", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			note, err := checkVerb(c.verb, table)
			assert.Equal(t, c.note, note)
			if c.problem == "" {
				assert.NoError(t, err)
				return
			}
			var errs bytes.Buffer
			assert.Equal(t, exitUsage, exitCode(err, &errs))
			assert.Equal(t, "homeostat: "+c.problem+"\n", errs.String())
		})
	}
}

func TestEachRenamedVerbHasACurrentName(t *testing.T) {
	for old, r := range renamedVerbs() {
		var out, errs bytes.Buffer
		assert.Equal(t, exitOK, Run(t.Context(), []string{r.name, "--help"}, strings.NewReader(""), &out, &errs), r.name)
		assert.Empty(t, errs.String())
		code := Run(t.Context(), []string{old, "--help"}, strings.NewReader(""), &out, &errs)
		assert.Equal(t, r.alias, code == exitOK, old)
		assert.Equal(t, 1, strings.Count(errs.String(), "\n"), "the note is printed once")
	}
}

func TestThawIsAnAliasOfUnfreeze(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, exitOK, Run(t.Context(), []string{"thaw", "--help"}, strings.NewReader(""), &out, &errs))
	assert.Contains(t, out.String(), "Usage: homeostat unfreeze")
	assert.Equal(t, "homeostat: the verb \"thaw\" is now \"unfreeze\"\n", errs.String())
}
