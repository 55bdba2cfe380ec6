package artefact_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"

	"homeostat/tests/artefact"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestArtefact starts the deployed binaries, built with the flags of the
// deployment, against the Runtime API and an ecssim over sockets.
func TestArtefact(t *testing.T) {
	if testing.Short() {
		t.Skip("building the functions takes a while")
	}
	// Without a deadline: a build takes as long as the machine needs.
	binaries, err := artefact.Build(t.Context(), t.TempDir(), runtime.GOARCH)
	require.NoError(t, err)
	for function, path := range binaries {
		code, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.False(t, bytes.Contains(code, []byte("goccy/go-yaml/parser.Parse")), "%s reads YAML: it is to read the compiled policy only", function)
		assert.True(t, bytes.Contains(code, []byte("homeostat/shared/core/policy.ReadCompiled")), function)
	}
	for _, c := range behaviours() {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, binaries, ours)) })
	}
	t.Run("an environment that lacks something is named in one line", func(t *testing.T) { badEnvironments(t, binaries) })
}

func TestTheMakefileBuildsWithTheSameFlags(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	assert.Contains(t, string(makefile), "\nLAMBDA_FLAGS := "+artefact.Flags+"\n")
	for variable := range strings.FieldsSeq(artefact.Environment) {
		assert.Contains(t, string(makefile), variable)
	}
}

// behaviour is a tested behaviour of a deployed function.
type behaviour struct {
	name string
	test func(t *testing.T, w *world)
}

func behaviours() []behaviour {
	return []behaviour{
		{"an alarm on CPU makes the service grow", growsOnAlarm},
		{"the task failures of a bad revision stop its deployment and quarantine its image", rollsBack},
		{"a revision that fails after its deployment is rolled back too", rollsBackLate},
		{"a push of the watched tag is rolled out, pinned by its digest", redeploys},
		{"a sweep of idle services changes nothing", ticksQuietly},
		{"the sample events alone touch nothing", samplesTouchNothing},
		{"one broken message does not bring its neighbours back", brokenMessage},
		{"only messages that met an unreachable AWS come again", unreachable},
		{"a direct invocation that met an unreachable AWS is an error", unreachableDirectly},
		{"a function whose policy is broken says so and touches nothing", brokenPolicy},
		{"a service without the tag is not touched", notEnrolled},
		{"the mode of the environment caps that of the service", cappedMode},
	}
}
