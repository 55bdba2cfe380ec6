package runtimeapi

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// MaxMemory is the most resident memory that the running process has had, in
// bytes; 0 once it has ended, and where there is no Linux to ask. The kernel's
// account to the parent (rusage) would not do: it begins with the parent's own.
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
