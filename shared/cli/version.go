package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionVerb struct{}

// Run prints the version that the build recorded.
func (versionVerb) Run(s *session) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintf(s.out, "homeostat %s %s\n", version, runtime.Version())
	return err
}
