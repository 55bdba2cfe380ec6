package runtimeapi

import (
	"os"
	"syscall"
)

// maxMemory: Linux counts in KiB.
func maxMemory(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
