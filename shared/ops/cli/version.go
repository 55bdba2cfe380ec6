package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionVerb struct{ output }

// Run prints the version that the build recorded.
func (v *versionVerb) Run(s *session) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if v.Output == "json" {
		return writeJSON(s.out, map[string]string{"version": version, "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(s.out, "homeostat %s %s\n", version, runtime.Version())
	return err
}
