//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// await asks until it is so, and fails where it is not in time.
func await(t *testing.T, within time.Duration, isSo func() bool, what string, args ...any) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if isSo() {
			return
		}
	}
	require.Failf(t, "it did not happen within "+within.String(), what, args...)
}
