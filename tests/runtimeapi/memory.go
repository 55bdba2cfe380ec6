package runtimeapi

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// MaxMemory returns the largest resident memory of the running process, in bytes.
// It returns 0 after the end of the process, and on systems without /proc. The
// kernel's figure for a parent (rusage) is unusable: it begins with the memory of
// the parent.
func (f *Function) MaxMemory() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if !ok {
		return 0
	}
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(kib, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
