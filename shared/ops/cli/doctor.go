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

// Run reads the installation, and prints what is to be said of it. Exit code 1
// says that something is to be mended or could not be read.
func (v *doctorVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	cfg, err := v.config(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	in, err := reader(cfg).Read(ctx, v.Stack, now)
	if err != nil {
		return userError(err)
	}
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
	if _, err := fmt.Fprintf(out, "%-8s %-14s %s%s\n", f.Severity, f.Check, subject, f.What); err != nil || f.Cure == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "%-8s %-14s → %s\n", "", "", f.Cure)
	return err
}
