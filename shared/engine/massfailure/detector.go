// Package massfailure shares the failures of the services of an account with each
// other. It also sets and ends the freezes of a mass failure. The decision itself
// is pure and is made in core/massfailure.
package massfailure

import (
	"context"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/core/route"
	"homeostat/shared/engine/runtime"
)

// FailureReports stores the failures that each service shares with the other
// services of its account and region.
type FailureReports interface {
	FailureReports(ctx context.Context, account fleet.Account, since time.Time) ([]fleet.FailureReport, fleet.ServiceCounts, error)
	SaveFailureReport(ctx context.Context, p fleet.FailureReport, now time.Time) error
	SaveServiceCounts(ctx context.Context, account fleet.Account, c fleet.ServiceCounts) error
}

// FreezeStore holds all freezes of an account and region. ChangeFreeze changes
// nothing and returns false if the freeze is no longer as it was read.
type FreezeStore interface {
	Freezes(ctx context.Context, account fleet.Account) ([]fleet.Freeze, error)
	ChangeFreeze(ctx context.Context, account fleet.Account, was, is fleet.Freeze) (changed bool, err error)
}

// Store is the state that the detector reads and writes.
type Store interface {
	FailureReports
	FreezeStore
	runtime.Journal
}

// Detector detects mass failures.
type Detector struct {
	*runtime.Runtime
	Store    Store
	Notifier runtime.Notifier
}

// ReadPeers reads the failures of other services if tasks of this one failed
// lately, and shares its own. For any other service it makes no call.
func (d *Detector) ReadPeers(ctx context.Context, in *decide.Input, fresh []fleet.Evidence) (peers Peers, err error) {
	if !in.Snapshot.Found || d.Policy == nil {
		return peers, nil
	}
	own, failing := massfailure.Own(in.Memory, in.Snapshot, in.Policy.DependsOn, in.Now)
	if !failing {
		return peers, nil
	}
	peers.own = own
	reports, counts, err := d.Store.FailureReports(ctx, fleet.AccountOf(own.Ref), in.Now.Add(-massfailure.Window))
	if err != nil {
		return peers, err
	}
	if slices.ContainsFunc(fresh, isTaskFailure) && massfailure.ReportChanged(reports, own) {
		if err := d.Store.SaveFailureReport(ctx, own, in.Now); err != nil {
			return peers, err
		}
	}
	in.PeerReports, in.Counts = massfailure.Others(reports, own.Ref, in.Now), counts
	all := append(slices.Clone(in.PeerReports), own)
	if len(all) < massfailure.MinReports {
		return peers, nil
	}
	peers.freezes, peers.reasons, err = d.evaluate(ctx, fleet.AccountOf(own.Ref), in.Trigger, massfailure.Case{Reports: all, Counts: counts, Limit: in.Policy.MassFailure})
	peers.read = err == nil
	return peers, err
}

func isTaskFailure(e fleet.Evidence) bool {
	return route.Of(e.Trigger.Kind).Cause == route.CauseOfStop && massfailure.CountsAsFailure(e.Cause)
}

// evaluate sets and ends the freezes that the reports require. It returns all
// freezes as they are after that.
func (d *Detector) evaluate(ctx context.Context, account fleet.Account, t fleet.Trigger, in massfailure.Case) (freezes []fleet.Freeze, reasons []fleet.Reason, err error) {
	if freezes, err = d.Store.Freezes(ctx, account); err != nil {
		return nil, nil, err
	}
	in.Freezes, in.Now = freezes, d.Now()
	changes, reasons := massfailure.Evaluate(in)
	if len(changes) == 0 {
		return freezes, reasons, nil
	}
	if err := d.setFreezes(ctx, account, t, changes, in.Now); err != nil {
		return nil, nil, err
	}
	// Another invocation may have been faster: the table decides.
	freezes, err = d.Store.Freezes(ctx, account)
	return freezes, reasons, err
}

// Count saves the number of enrolled services, so that failing services can compute
// their share. It also ends the freezes of a mass failure that is over.
func (d *Detector) Count(ctx context.Context, t fleet.Trigger, all []fleet.Snapshot) error {
	if d.Policy == nil {
		return nil
	}
	now := d.Now()
	counts := d.serviceCounts(all, now)
	if err := d.Store.SaveServiceCounts(ctx, d.Home, counts); err != nil {
		return err
	}
	freezes, err := d.Store.Freezes(ctx, d.Home)
	if err != nil || !massfailure.Ours(freezes) {
		return err
	}
	reports, _, err := d.Store.FailureReports(ctx, d.Home, now.Add(-massfailure.Window))
	if err != nil {
		return err
	}
	changes, _ := massfailure.Evaluate(massfailure.Case{
		Reports: reports, Counts: counts, Limit: d.Effective(d.Home.Ref("", ""), nil).MassFailure, Freezes: freezes, Now: now,
	})
	return d.setFreezes(ctx, d.Home, t, changes, now)
}

func (d *Detector) serviceCounts(all []fleet.Snapshot, now time.Time) fleet.ServiceCounts {
	counts := fleet.ServiceCounts{At: now, Services: len(all), Clusters: map[string]int{}, Dependencies: map[string]int{}}
	for _, s := range all {
		counts.Clusters[s.Ref.Cluster]++
		for _, dependency := range d.Effective(s.Ref, s.Tags).DependsOn {
			counts.Dependencies[dependency]++
		}
	}
	return counts
}

// setFreezes makes the changes that no other invocation made first. Only the
// invocation that makes a change records it and alerts the operator. So the
// operator is alerted once, whatever the number of failing services.
func (d *Detector) setFreezes(ctx context.Context, account fleet.Account, t fleet.Trigger, changes []massfailure.Change, now time.Time) error {
	for _, c := range changes {
		changed, err := d.Store.ChangeFreeze(ctx, account, c.Was, c.Is)
		if err != nil {
			return err
		}
		if !changed || !c.Notify {
			continue
		}
		if err := d.record(ctx, account, t, c, now); err != nil {
			return err
		}
	}
	return nil
}

// record records a freeze or its end as one episode of all services in the scope.
func (d *Detector) record(ctx context.Context, account fleet.Account, t fleet.Trigger, c massfailure.Change, now time.Time) error {
	kind, name, _ := strings.Cut(c.Is.Scope, ":")
	ref := account.Ref("*", "*")
	if kind == "cluster" {
		ref.Cluster = name
	}
	text := c.Reason.Text
	if c.Is.Frozen {
		d.Metrics.Count(contract.MetricFrozen, kind, map[string]string{"Scope": c.Is.Scope}, now)
		text += "; no action in " + c.Is.Scope + " until " + c.Is.Until.UTC().Format(time.RFC3339) + ", longer while the failure lasts"
	}
	named := t
	named.ID += " " + c.Is.Scope
	e := fleet.Episode{
		ID: runtime.EpisodeID(ref, named, now.Unix()), At: now, Ref: ref, Function: d.Function, Trigger: t,
		Decision: fleet.Decision{Kind: fleet.Notify, Reasons: []fleet.Reason{{Name: c.Reason.Name, Text: text}}, Notify: text},
		Verdict:  fleet.Verdict{Outcome: fleet.Idle},
	}
	if err := d.Store.Journal(ctx, e); err != nil {
		return err
	}
	d.Log.WarnContext(ctx, "mass failure", "scope", c.Is.Scope, "frozen", c.Is.Frozen, "why", c.Is.Why, "episode", e.ID)
	d.Recorded(e)
	return d.Notifier.Notify(ctx, e)
}
