package pipeline

import (
	"context"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
)

// evaluateMassFailure freezes and thaws what the pulses ask for, and returns the switches as
// they are then.
func (p *Pipeline) evaluateMassFailure(ctx context.Context, account fleet.ServiceRef, t fleet.Trigger, pulses []fleet.FailureReport, census fleet.ServiceCounts, limit float64) (
	switches []fleet.Freeze, said []fleet.Reason, err error,
) {
	if switches, err = p.FreezeStore.Freezes(ctx, account); err != nil {
		return nil, nil, err
	}
	in := massfailure.Case{Reports: pulses, Counts: census, Limit: limit, Freezes: switches, Now: p.Now()}
	changes, said := massfailure.Evaluate(in)
	if len(changes) == 0 {
		return switches, said, nil
	}
	if err := p.setFreezes(ctx, account, t, changes, in.Now); err != nil {
		return nil, nil, err
	}
	// Somebody else may have been quicker: what holds is what the table says.
	switches, err = p.FreezeStore.Freezes(ctx, account)
	return switches, said, err
}

// setFreezes makes the changes that nobody else made first. Who makes one records
// it and tells a person: so that is done once, however many services fail.
func (p *Pipeline) setFreezes(ctx context.Context, account fleet.ServiceRef, t fleet.Trigger, changes []massfailure.Change, now time.Time) error {
	for _, c := range changes {
		changed, err := p.FreezeStore.ChangeFreeze(ctx, account, c.Was, c.Is)
		if err != nil {
			return err
		}
		if !changed || !c.Notify {
			continue
		}
		if err := p.notifyForAll(ctx, account, t, c, now); err != nil {
			return err
		}
	}
	return nil
}

// notifyForAll records a freeze or its end as an episode of all services that it
// covers.
func (p *Pipeline) notifyForAll(ctx context.Context, account fleet.ServiceRef, t fleet.Trigger, c massfailure.Change, now time.Time) error {
	kind, name, _ := strings.Cut(c.Is.Scope, ":")
	ref := fleet.ServiceRef{Partition: account.Partition, Account: account.Account, Region: account.Region, Cluster: "*", Service: "*"}
	if kind == "cluster" {
		ref.Cluster = name
	}
	text := c.Reason.Text
	if c.Is.Frozen {
		p.Metrics.Count(contract.MetricFrozen, kind, map[string]string{"Scope": c.Is.Scope}, now)
		text += ". Nothing is done in " + c.Is.Scope + " until " + c.Is.Until.UTC().Format(time.RFC3339) + ", and longer while it lasts"
	}
	named := t
	named.ID += " " + c.Is.Scope
	e := fleet.Episode{
		ID: episodeID(ref, named, now.Unix()), At: now, Ref: ref, Function: p.Function, Trigger: t,
		Decision: fleet.Decision{Kind: fleet.Notify, Reasons: []fleet.Reason{{Name: c.Reason.Name, Text: text}}, Notify: text},
		Verdict:  fleet.Verdict{Outcome: fleet.Idle},
	}
	if err := p.Journal.Journal(ctx, e); err != nil {
		return err
	}
	p.Log.WarnContext(ctx, "mass failure", "scope", c.Is.Scope, "frozen", c.Is.Frozen, "why", c.Is.Why, "episode", e.ID)
	if p.OnEpisode != nil {
		p.OnEpisode(e)
	}
	return p.Notifier.Notify(ctx, e)
}
