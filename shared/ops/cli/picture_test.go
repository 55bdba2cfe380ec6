package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePictureOfTheReadmeIsDrawnFromARun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.svg")
	var out, errs bytes.Buffer
	code := Run(t.Context(), []string{"run", "--headless", "--svg", file}, nil, &out, &errs)
	require.Zero(t, code, errs.String())
	drawn, err := os.ReadFile(file)
	require.NoError(t, err)
	shown, err := os.ReadFile("../../../docs/run.svg")
	require.NoError(t, err)
	assert.Equal(t, string(shown), string(drawn), "the picture is stale: make picture draws it anew")
}

func TestAPictureThatCannotBeWrittenIsAnError(t *testing.T) {
	var out, errs bytes.Buffer
	code := Run(t.Context(), []string{"run", "--headless", "--svg", filepath.Join(t.TempDir(), "missing", "run.svg")}, nil, &out, &errs)
	assert.NotZero(t, code)
	assert.Contains(t, errs.String(), "writing the picture")
}
