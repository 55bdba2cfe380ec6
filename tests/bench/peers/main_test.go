package peers

import (
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/util/runtime"
)

// TestMain silences what the controller reports of its errors: that would make
// it wait until a millisecond after the last report of any run, by a clock that
// each run has of its own. Horizontal.blind counts them instead.
func TestMain(m *testing.M) {
	runtime.ErrorHandlers = nil
	os.Exit(m.Run())
}
