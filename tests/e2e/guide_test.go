//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guideFor is how long the commands of the page may take together.
const guideFor = 20 * time.Minute

// notRun returns the blocks of docs/install.md that the page marks as not run.
func notRun() []string {
	return []string{
		"git clone REPOSITORY homeostat && cd homeostat",
		"git pull",
		"npx --yes aws-cdk@2.1148.1 destroy",
		"aws dynamodb update-table --table-name \"$TABLE\" --no-deletion-protection-enabled\naws dynamodb delete-table --table-name \"$TABLE\"",
	}
}

// One shell follows the page word by word, in a copy of the repository.
func TestTheInstallGuideWordByWord(t *testing.T) {
	t.Parallel()
	run, skipped := blocks(t, filepath.Join(root, "docs", "install.md"))
	assert.Equal(t, notRun(), skipped, "blocks that are not run are listed, here and at the end of the page")
	require.GreaterOrEqual(t, len(run), 8)

	c := newCloud(t)
	c.makeService(t, "web", "", registry+"/shop/web@"+digest("web"))
	c.measure(t, "web", 95)
	minuteOver()
	clone := copyOf(t)
	script := "set -euo pipefail\n"
	for _, block := range run {
		script += "cat <<'OF_THE_PAGE'\n$ " + block + "\nOF_THE_PAGE\n" + block + "\n"
	}
	ctx, cancel := context.WithTimeout(t.Context(), guideFor)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script)
	shell.Dir, shell.Env = clone, c.reader(t)
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	err := shell.Run()
	t.Log(out.String())
	require.NoError(t, err, "a command of docs/install.md failed: the last one above")

	assert.Regexp(t, `shop/web.*scale-out`, out.String(), "the first decision")
	assert.Contains(t, out.String(), "observe")
	assert.EqualValues(t, 2, c.service(t, "web").DesiredCount, "and nothing was touched")
}

// blocks returns the fenced blocks of a page: those to run, and those to skip.
func blocks(t *testing.T, path string) (run, skipped []string) {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, found := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)\n```$").FindAllStringSubmatch(string(page), -1) {
		switch found[1] {
		case "sh":
			run = append(run, found[2])
		case "console":
			skipped = append(skipped, found[2])
		default:
			require.Fail(t, "a block of the page is neither run nor said not to be", found[0])
		}
	}
	return run, skipped
}

// copyOf returns a folder with the content of a clone and with the build output,
// so that the page's commands write nothing into the repository.
func copyOf(t *testing.T) string {
	t.Helper()
	into := t.TempDir()
	command := exec.Command("bash", "-c", `{ git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' f; do [ -e "$f" ] && printf '%s\0' "$f"; done
		find bin dist -type f -print0; } | tar --null -cf - -T - | tar -xf - -C "$0"`, into)
	command.Dir = root
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return into
}

// reader returns the environment of a reader who follows the page, with additions
// for an emulator: the CDK reads the context from the home folder, asks no
// questions, and makes no change set (see upgrade).
func (c *cloud) reader(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	settings, err := json.Marshal(object{"context": object{"x86": "true", "endpoint": c.url + ",application-auto-scaling=" + c.scaling}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, ".cdk.json"), settings, 0o600))
	out := append(c.environment(c.endpoints()...), "HOME="+home, "CDK_REQUIRE_APPROVAL=never", "CDK_METHOD=direct",
		"PATH="+filepath.Dir(tool(t, "python/bin/aws"))+":"+os.Getenv("PATH"))
	for name, ask := range map[string][]string{
		"GOPATH": {"go", "env", "GOPATH"}, "GOCACHE": {"go", "env", "GOCACHE"}, "GOMODCACHE": {"go", "env", "GOMODCACHE"},
		"GOFLAGS": {"go", "env", "GOFLAGS"}, "GOPROXY": {"go", "env", "GOPROXY"}, "npm_config_cache": {"npm", "config", "get", "cache"},
	} {
		answer, err := exec.Command(ask[0], ask[1:]...).Output()
		require.NoError(t, err, "%s", ask)
		out = append(out, name+"="+strings.TrimSpace(string(answer)))
	}
	return out
}
