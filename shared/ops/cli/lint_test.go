package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLint(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good, never, bad := write("good.yaml", "version: 1\n"), write("never.yaml", "version: 1\nheal: {rollback: false}\n"), write("bad.yaml", "version: 1\nscale: {min: -1, cpu: 0}\n")
	for name, c := range map[string]struct {
		args []string
		code int
		out  string
	}{
		"a valid file":                   {[]string{"lint", good}, exitOK, good + ": fine\n" + good + ": note: " + noteOfRollbacks + "\n"},
		"a policy without rollbacks":     {[]string{"lint", never}, exitOK, never + ": fine\n"},
		"the note as JSON":               {[]string{"lint", "--output", "json", good}, exitOK, `{"file":"` + good + `","note":"` + noteOfRollbacks + "\"}\n"},
		"each problem with its position": {[]string{"lint", bad}, exitFindings, bad + ":2:14: scale.min is -1, expected 1 to 5000, or 0 with scale.to_zero\n" + bad + ":2:23: scale.cpu is 0, expected a percentage from 1 to 100\n"},
		"neither a file nor --schema":    {[]string{"lint"}, exitUsage, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, c.code, Run(t.Context(), c.args, nil, &out, &errs), errs.String())
			assert.Equal(t, c.out, out.String())
		})
	}
}

func TestLintPrintsTheSchema(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, exitOK, Run(t.Context(), []string{"lint", "--schema"}, nil, &out, &errs), errs.String())
	var schema struct {
		Schema     string `json:"$schema"`
		Properties map[string]any
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &schema))
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema.Schema)
	assert.Contains(t, schema.Properties, "scale")
}
