package cli

import "errors"

type benchScaleVerb struct {
	recordFlags
	Out string `help:"Where to write to." placeholder:"PATH"`
}

// Run records a service's own traffic.
func (v *benchScaleVerb) Run(s *session) error {
	if v.Record == "" {
		return usageError{errors.New("nothing to do: give --record CLUSTER/SERVICE")}
	}
	return v.write(s, v.Out)
}
