package app

import (
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFunctionReadsTheCompiledPolicyOnly(t *testing.T) {
	const file = "version: 1\nmode: act\n"
	p, err := policy.Parse("mine.yaml", []byte(file))
	require.NoError(t, err)
	compiled, err := p.Compiled()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "homeostat.json")
	for name, c := range map[string]struct{ data, fault string }{
		"what the stack bundles":       {string(compiled), ""},
		"the file that a person wrote": {file, "deploy the stack again"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, []byte(c.data), 0o600))
			read, err := readCompiled(path)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault)
				assert.Nil(t, read)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, explained(p), explained(read))
		})
	}
	t.Run("no policy is the default", func(t *testing.T) {
		read, err := readCompiled("")
		require.NoError(t, err)
		assert.Equal(t, explained(policy.Default()), explained(read))
	})
	t.Run("one that is not there permits nothing", func(t *testing.T) {
		read, err := readCompiled(filepath.Join(t.TempDir(), "gone.json"))
		require.ErrorContains(t, err, "reading the policy: open ")
		assert.Nil(t, read)
	})
}

// explained returns the values of an enrolled service with their origins.
func explained(p *policy.Policy) []policy.Setting {
	return p.Explain(fleet.ServiceRef{}, map[string]string{contract.TagMode: ""}, "")
}
