package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"homeostat/shared/ops/doctor"
)

type doctorVerb struct {
	output
	cloud
}

// Run examines the installation and prints the findings. The exit code is 1 if a
// part needs a fix or is unreadable.
func (v *doctorVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	cfg, err := v.config(ctx)
	if err != nil {
		return err
	}
	from := reader(cfg)
	caller, err := from.Caller(ctx)
	if err != nil {
		return userError(err)
	}
	ahead := v.ahead(caller.Clock)
	now := time.Now().Add(-ahead)
	in, err := from.Read(ctx, v.Stack, now)
	if err != nil {
		return userError(err)
	}
	in.Clock.Own = ahead != 0
	findings := doctor.Examine(in, now)
	for _, f := range findings {
		if err := v.print(s.out, f); err != nil {
			return err
		}
	}
	if !doctor.Sound(findings) {
		return errFound
	}
	return nil
}

func (v *doctorVerb) print(out io.Writer, f doctor.Finding) error {
	if v.Output == "json" {
		return writeJSON(out, f)
	}
	subject := f.Subject
	if subject != "" {
		subject += ": "
	}
	if _, err := fmt.Fprintf(out, "%-8s %-14s %s%s\n", f.Severity, f.Check, subject, f.What); err != nil || f.Fix == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "%-8s %-14s → %s\n", "", "", f.Fix)
	return err
}
