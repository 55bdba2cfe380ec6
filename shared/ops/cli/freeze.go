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
	Scope string        `arg:"" help:"account, cluster:NAME, zone:NAME, dependency:WORD or CLUSTER/SERVICE."`
	Why   string        `required:"" help:"Why, for whoever finds it frozen." placeholder:"TEXT"`
	Until string        `help:"When it ends by itself (RFC 3339)." placeholder:"TIME" xor:"end"`
	For   time.Duration `help:"After how long it ends by itself; without an end it lasts until it is thawed." placeholder:"DURATION" xor:"end"`
}

// Run freezes the scope: nothing in it is changed any more, from the next
// decision on.
func (v *freezeVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	until, err := v.end(time.Now())
	if err != nil {
		return err
	}
	scope, err := scopeOf(v.Scope)
	if err != nil {
		return err
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	// A misspelt name would freeze nothing, and its author would trust in it. But
	// a freeze may be wanted because ECS does not answer.
	found, err := d.exists(ctx, scope)
	if err != nil {
		fmt.Fprintf(s.err, "homeostat: whether %s exists could not be asked: %v\n", scope, userError(err))
	} else if !found {
		return fmt.Errorf("ECS knows no %s in account %s, region %s, so nothing was frozen: check the name", scope, d.caller.Home.Account, d.caller.Home.Region)
	}
	return write(ctx, s, d, v.Output, fleet.Freeze{Scope: scope, Frozen: true, Who: d.caller.ARN, Why: v.Why, Until: until, At: time.Now()})
}

func (v *freezeVerb) end(now time.Time) (time.Time, error) {
	until := time.Time{}
	switch {
	case v.For < 0:
		return until, usageError{fmt.Errorf("--for is %s, expected a time to come", v.For)}
	case v.For > 0:
		until = now.Add(v.For).UTC().Truncate(time.Second)
	case v.Until != "":
		var err error
		if until, err = time.Parse(time.RFC3339, v.Until); err != nil {
			return until, usageError{fmt.Errorf("--until is %q, expected a time such as 2026-11-02T08:00:00Z", v.Until)}
		}
		if !until.After(now) {
			return until, usageError{fmt.Errorf("--until is %s, which is past", v.Until)}
		}
	}
	return until, nil
}

type unfreezeVerb struct {
	output
	connectFlags
	Scope string `arg:"" help:"account, cluster:NAME, zone:NAME, dependency:WORD or CLUSTER/SERVICE."`
	Why   string `help:"Why." placeholder:"TEXT"`
}

// Run ends the freeze of the scope. Exit code 1 says that a wider one still
// holds.
func (v *unfreezeVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	scope, err := scopeOf(v.Scope)
	if err != nil {
		return err
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	if err := write(ctx, s, d, v.Output, fleet.Freeze{Scope: scope, Who: d.caller.ARN, Why: v.Why, At: time.Now()}); err != nil {
		return err
	}
	switches, err := d.store.Freezes(ctx, d.caller.Home)
	if err != nil {
		return userError(err)
	}
	for _, sw := range holding(switches, scope, time.Now()) {
		fmt.Fprintf(s.err, "homeostat: %s is still frozen by %s: thaw that too\n", scope, frozen(sw))
		err = errFound
	}
	return err
}

// write sets the switch and says what holds now.
func write(ctx context.Context, s *session, d *installation, form string, sw fleet.Freeze) error {
	if d.caller.ARN == "" {
		return errors.New("AWS did not say who is calling, so nothing was changed")
	}
	if err := d.store.SetFreeze(ctx, d.caller.Home, sw); err != nil {
		return userError(err)
	}
	if form == "json" {
		return writeJSON(s.out, sw)
	}
	return say(s.out, sw)
}

func say(out io.Writer, sw fleet.Freeze) error {
	if !sw.Frozen {
		_, err := fmt.Fprintf(out, "%s is thawed by %s\n", sw.Scope, sw.Who)
		return err
	}
	_, err := fmt.Fprintf(out, "frozen: %s\nthaw it with: homeostat thaw %s\n", frozen(sw), sw.Scope)
	return err
}

// frozen is a switch in words.
func frozen(sw fleet.Freeze) string {
	text := sw.Scope
	if !sw.Until.IsZero() {
		text += " until " + sw.Until.UTC().Format(time.RFC3339)
	}
	if sw.Who != "" {
		text += " by " + sw.Who
	}
	if sw.Why != "" {
		text += ", because " + sw.Why
	}
	return text
}

// holding are the switches that freeze what a scope names, widest first.
func holding(switches []fleet.Freeze, scope string, now time.Time) (found []fleet.Freeze) {
	scopes := []string{fleet.ScopeAccount, scope}
	if ref, err := named(fleet.ServiceRef{}, trim(scope)); err == nil {
		scopes = ref.Scopes()
	}
	for _, sw := range switches {
		if sw.Active(now) && slices.Contains(scopes, sw.Scope) {
			found = append(found, sw)
		}
	}
	return found
}
