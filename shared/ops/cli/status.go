package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

type statusVerb struct {
	output
	connectFlags
	Services []string `arg:"" optional:"" name:"service" help:"Select CLUSTER/SERVICE instead of every enrolled service."`
	Policy   string   `help:"Use this policy file instead of the policy of the functions." placeholder:"FILE"`
}

// statusLine is the current state of a service.
type statusLine struct {
	Cluster    string         `json:"cluster"`
	Service    string         `json:"service"`
	Mode       policy.Mode    `json:"mode"`
	ModeOrigin string         `json:"mode_origin"`
	Desired    int            `json:"desired"`
	Running    int            `json:"running"`
	Deploying  bool           `json:"deploying,omitempty"`
	Controller string         `json:"controller,omitempty"`
	Frozen     []fleet.Freeze `json:"frozen,omitempty"`
	Quarantine int            `json:"quarantine,omitempty"`
	Last       *lastLine      `json:"last,omitempty"`
}

// lastLine is the latest decision for a service.
type lastLine struct {
	Episode  string             `json:"episode"`
	At       time.Time          `json:"at"`
	Trigger  fleet.TriggerKind  `json:"trigger"`
	Decision fleet.DecisionKind `json:"decision"`
	Verdict  fleet.Outcome      `json:"verdict"`
	Result   string             `json:"result,omitempty"`
	Reasons  []fleet.Reason     `json:"reasons"`
}

// Run prints the mode, the tasks, the freezes and the last decision of each
// enrolled service.
func (v *statusVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	chosen, limit, err := d.policy(ctx, v.Policy)
	if err != nil {
		return err
	}
	freezes, err := d.store.Freezes(ctx, d.caller.Home)
	if err != nil {
		return userError(err)
	}
	services, err := v.services(ctx, d)
	if err != nil {
		return err
	}
	now := d.now()
	for _, service := range services {
		line, err := v.line(ctx, d, service)
		if err != nil {
			return userError(err)
		}
		e := chosen.For(service.Ref, service.Tags, limit)
		line.Mode, line.ModeOrigin = e.Mode, e.ModeOrigin
		line.Frozen = activeFreezes(freezes, fleet.ScopeService(service.Ref.Cluster, service.Ref.Service), now)
		if err := v.print(s.out, line, now); err != nil {
			return err
		}
	}
	if len(services) == 0 && v.Output == "text" {
		_, err = fmt.Fprintln(s.out, "no service is enrolled: tag one with homeostat:mode")
	}
	return err
}

func (v *statusVerb) services(ctx context.Context, d *installation) ([]fleet.Snapshot, error) {
	if len(v.Services) == 0 {
		all, err := d.observer.Enrolled(ctx, d.caller.Home)
		return all, userError(err)
	}
	var found []fleet.Snapshot
	for _, name := range v.Services {
		ref, err := d.ref(name)
		if err != nil {
			return nil, err
		}
		snapshot, err := d.observer.Snapshot(ctx, ref, fleet.Needs{}, d.now())
		if err != nil {
			return nil, userError(err)
		}
		if !snapshot.Found {
			return nil, fmt.Errorf("ECS has no service %s in account %s, region %s: check the name", name, ref.Account, ref.Region)
		}
		found = append(found, snapshot)
	}
	return found, nil
}

func (v *statusVerb) line(ctx context.Context, d *installation, service fleet.Snapshot) (statusLine, error) {
	line := statusLine{
		Cluster: service.Ref.Cluster, Service: service.Ref.Service, Desired: service.Desired, Running: service.Running, Deploying: service.Deploying(),
	}
	if service.Controller != "ECS" {
		line.Controller = service.Controller
	}
	memory, err := d.store.Memory(ctx, service.Ref)
	if err != nil {
		return line, err
	}
	line.Quarantine = len(memory.Quarantine)
	episodes, err := d.store.Episodes(ctx, service.Ref, 1)
	if err != nil || len(episodes) == 0 {
		return line, err
	}
	e := episodes[0]
	line.Last = &lastLine{
		Episode: e.ID, At: e.At, Trigger: e.Trigger.Kind, Decision: e.Decision.Kind, Verdict: e.Verdict.Outcome, Result: e.Result.Status, Reasons: e.Why(),
	}
	return line, nil
}

func (v *statusVerb) print(out io.Writer, l statusLine, now time.Time) error {
	if v.Output == "json" {
		return writeJSON(out, l)
	}
	parts := []string{fmt.Sprintf("%s/%s: %s (%s), %d of %d tasks run", l.Cluster, l.Service, l.Mode, l.ModeOrigin, l.Running, l.Desired)}
	if l.Deploying {
		parts = append(parts, "deploying")
	}
	if l.Controller != "" {
		parts = append(parts, "not managed: "+l.Controller+" deploys it")
	}
	if l.Quarantine > 0 {
		parts = append(parts, fmt.Sprintf("%d images in quarantine", l.Quarantine))
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
	for _, f := range l.Frozen {
		fmt.Fprintf(out, "  frozen: %s\n", describeFreeze(f))
	}
	if l.Last == nil {
		_, err := fmt.Fprintln(out, "  no decision yet")
		return err
	}
	_, err := fmt.Fprintf(out, "  %s ago: %s → %s, %s%s%s\n", now.Sub(l.Last.At).Round(time.Second), l.Last.Trigger, l.Last.Decision, l.Last.Verdict, inParentheses(l.Last.Result), firstReason(l.Last.Reasons))
	return err
}

// firstReason returns the first reason and its headline.
func firstReason(reasons []fleet.Reason) string {
	if len(reasons) == 0 {
		return ""
	}
	return ", because " + string(reasons[0].Name) + ": " + reasons[0].Text
}

// scopeName returns a scope without its kind.
func scopeName(scope string) string {
	_, name, _ := strings.Cut(scope, ":")
	return name
}
