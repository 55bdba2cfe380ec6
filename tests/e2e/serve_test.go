//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheCommandLineAgainstAServedAccount serves the simulated account by the real binary,
// and calls the operator commands of the same binary by the environment alone.
func TestTheCommandLineAgainstAServedAccount(t *testing.T) {
	binary, err := filepath.Abs(filepath.Join(root, "bin", "homeostat"))
	require.NoError(t, err)
	served := start(t, "serve", "/_homeostat/now", os.Environ(), func(port string) []string {
		return []string{binary, "serve", "--listen", "127.0.0.1:" + port, "--speed", "0"}
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, served.url+"/_homeostat/advance?d=3h", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	var state struct{ Now, Error string }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&state))
	require.NoError(t, answer.Body.Close())
	assert.Empty(t, state.Error)

	environment := append(os.Environ(), "AWS_ENDPOINT_URL="+served.url, "AWS_ACCESS_KEY_ID=ecssim", "AWS_SECRET_ACCESS_KEY=ecssim", "AWS_REGION=eu-central-1")
	for _, c := range []struct{ command, want string }{
		{"doctor", "4 functions are active"},
		{"status", "shop/web: act (tag homeostat:mode)"},
		{"history --since 4h", "demand-above-count"},
		{"explain shop/web", "heal.rollback"},
		{"quarantine", "no image is in quarantine"},
		{"freeze shop/web --why drill --for 1h", "because drill"},
		{"unfreeze shop/web", "service:shop/web is unfrozen"},
	} {
		command := exec.CommandContext(t.Context(), binary, strings.Fields(c.command)...)
		command.Env = environment
		out, err := command.CombinedOutput()
		require.NoError(t, err, "homeostat %s: %s", c.command, out)
		assert.Contains(t, string(out), c.want, c.command)
	}
}
