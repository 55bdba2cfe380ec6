package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

type freezeVerb struct {
	output
	connectFlags
	Scope string        `arg:"" help:"Select account, cluster:NAME, zone:NAME, dependency:WORD or CLUSTER/SERVICE."`
	Why   string        `required:"" help:"Record the reason for other operators." placeholder:"TEXT"`
	Until string        `help:"End the freeze at this time (RFC 3339)." placeholder:"TIME" xor:"end"`
	For   time.Duration `help:"End the freeze after this duration. Without --for and --until it lasts until unfreeze." placeholder:"DURATION" xor:"end"`
}

// Run freezes the scope. From the next decision on, Homeostat changes nothing in
// it.
func (v *freezeVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	if _, err := v.end(time.Time{}); err != nil {
		return err
	}
	scope, err := parseScope(v.Scope)
	if err != nil {
		return err
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	until, err := v.end(d.now())
	if err != nil {
		return err
	}
	// A misspelt name would freeze nothing without notice. But an operator may
	// freeze because ECS does not answer.
	found, err := d.exists(ctx, scope)
	if err != nil {
		fmt.Fprintf(s.err, "homeostat: cannot check that %s exists: %v\n", scope, userError(err))
	} else if !found {
		return fmt.Errorf("ECS has no %s in account %s, region %s, so nothing was frozen: check the name", scope, d.caller.Home.ID, d.caller.Home.Region)
	}
	return storeFreeze(ctx, s, d, v.Output, fleet.Freeze{Scope: scope, Frozen: true, Who: d.caller.ARN, Why: v.Why, Until: until, At: d.now()})
}

// end returns the end of the freeze; the zero time means none. With a zero now it checks
// the form of the flags only.
func (v *freezeVerb) end(now time.Time) (time.Time, error) {
	until := time.Time{}
	switch {
	case v.For < 0:
		return until, usageError{fmt.Errorf("--for is %s, expected a positive duration", v.For)}
	case v.For > 0:
		until = now.Add(v.For).UTC().Truncate(time.Second)
	case v.Until != "":
		var err error
		if until, err = time.Parse(time.RFC3339, v.Until); err != nil {
			return until, usageError{fmt.Errorf("--until is %q, expected a time such as 2026-11-02T08:00:00Z", v.Until)}
		}
		if !until.After(now) {
			return until, usageError{fmt.Errorf("--until is %s, expected a time in the future", v.Until)}
		}
	}
	return until, nil
}

type unfreezeVerb struct {
	output
	connectFlags
	Scope string `arg:"" help:"Select account, cluster:NAME, zone:NAME, dependency:WORD or CLUSTER/SERVICE."`
	Why   string `help:"Record the reason." placeholder:"TEXT"`
}

// Run ends the freeze of the scope. The exit code is 1 if a wider freeze still
// covers it.
func (v *unfreezeVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	scope, err := parseScope(v.Scope)
	if err != nil {
		return err
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	if err := storeFreeze(ctx, s, d, v.Output, fleet.Freeze{Scope: scope, Who: d.caller.ARN, Why: v.Why, At: d.now()}); err != nil {
		return err
	}
	freezes, err := d.store.Freezes(ctx, d.caller.Home)
	if err != nil {
		return userError(err)
	}
	for _, f := range activeFreezes(freezes, scope, d.now()) {
		fmt.Fprintf(s.err, "homeostat: %s is still frozen by %s: unfreeze that too\n", scope, describeFreeze(f))
		err = errFound
	}
	return err
}

// storeFreeze stores the freeze and prints it.
func storeFreeze(ctx context.Context, s *session, d *installation, form string, f fleet.Freeze) error {
	if d.caller.ARN == "" {
		return errors.New("AWS returned no identity of the caller, so nothing was changed")
	}
	if err := d.store.SetFreeze(ctx, d.caller.Home, f); err != nil {
		return userError(err)
	}
	if form == "json" {
		return writeJSON(s.out, f)
	}
	return printFreeze(s.out, f)
}

func printFreeze(out io.Writer, f fleet.Freeze) error {
	if !f.Frozen {
		_, err := fmt.Fprintf(out, "%s is unfrozen by %s\n", f.Scope, f.Who)
		return err
	}
	_, err := fmt.Fprintf(out, "frozen: %s\nend it with: homeostat unfreeze %s\n", describeFreeze(f), f.Scope)
	return err
}

// describeFreeze returns the scope, the end, the author and the reason of a
// freeze.
func describeFreeze(f fleet.Freeze) string {
	text := f.Scope
	if !f.Until.IsZero() {
		text += " until " + f.Until.UTC().Format(time.RFC3339)
	}
	if f.Who != "" {
		text += " by " + f.Who
	}
	if f.Why != "" {
		text += ", because " + f.Why
	}
	return text
}

// activeFreezes returns the active freezes that cover a scope, widest first.
func activeFreezes(freezes []fleet.Freeze, scope string, now time.Time) (found []fleet.Freeze) {
	scopes := []string{fleet.ScopeAccount, scope}
	if ref, err := named(fleet.Account{}, scopeName(scope)); err == nil {
		scopes = ref.Scopes()
	}
	for _, f := range freezes {
		if f.Active(now) && slices.Contains(scopes, f.Scope) {
			found = append(found, f)
		}
	}
	return found
}
