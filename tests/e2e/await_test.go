//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// await polls until the condition holds, and fails at the end of the time.
func await(t *testing.T, within time.Duration, isSo func() bool, what string, args ...any) {
	t.Helper()
	if !happens(within, isSo) {
		require.Failf(t, "it did not happen within "+within.String(), what, args...)
	}
}

// happens polls until the condition holds, and reports whether it held in time.
func happens(within time.Duration, isSo func() bool) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if isSo() {
			return true
		}
	}
	return false
}
