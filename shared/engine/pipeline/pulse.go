package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// peers is what a look knows of the services around its own.
type peers struct {
	// own is the looked-at service's pulse; zero where none of its tasks died of
	// late.
	own fleet.FailureReport
	// freezes are all of the account and region, where they were looked at.
	freezes []fleet.Freeze
	looked  bool
	// reasons is what there is to say of a mass failure that froze nothing.
	reasons []fleet.Reason
}

// readPeers reads which other services fail, where tasks of this one died of
// late, and lets them see that. A look at any other service costs no call.
func (p *Pipeline) readPeers(ctx context.Context, in *decide.Input, fresh []fleet.Evidence) (near peers, err error) {
	if !in.Snapshot.Found || p.Policy == nil {
		return near, nil
	}
	own, dying := massfailure.Own(in.Memory, in.Snapshot, in.Policy.DependsOn, in.Now)
	if !dying {
		return near, nil
	}
	near.own = own
	seen, census, err := p.FailureReports.FailureReports(ctx, own.Ref, in.Now.Add(-massfailure.Window))
	if err != nil {
		return near, err
	}
	if slices.ContainsFunc(fresh, isTaskFailure) && massfailure.ReportChanged(seen, own) {
		if err := p.FailureReports.SaveFailureReport(ctx, own, in.Now); err != nil {
			return near, err
		}
	}
	in.PeerReports, in.Counts = massfailure.Others(seen, own.Ref, in.Now), census
	all := append(slices.Clone(in.PeerReports), own)
	if len(all) < massfailure.Least {
		return near, nil
	}
	near.freezes, near.reasons, err = p.evaluateMassFailure(ctx, own.Ref, in.Trigger, all, census, in.Policy.MassFailure)
	near.looked = err == nil
	return near, err
}

func isTaskFailure(e fleet.Evidence) bool {
	return route.Of(e.Trigger.Kind).Cause == route.CauseOfStop && massfailure.Blames(e.Cause)
}

// scopes are those that cover the service beside its own three.
func (n peers) scopes(in decide.Input) []string {
	return massfailure.Scopes(n.own, in.Policy.DependsOn)
}

// coveringFreezes are the switches that were looked at and cover the service.
func (n peers) coveringFreezes(in decide.Input) []fleet.Freeze {
	scopes := append(in.Snapshot.Ref.Scopes(), n.scopes(in)...)
	var out []fleet.Freeze
	for _, s := range n.freezes {
		if slices.Contains(scopes, s.Scope) {
			out = append(out, s)
		}
	}
	return out
}

// togetherFor is how long a service that does not fail alone keeps its news to
// itself: by then either all of them were frozen and told of as one, or not.
const togetherFor = time.Minute

// suppressNotification is the decision, without telling a person of this one service what a
// freeze has told of all, or is about to.
func (n peers) suppressNotification(d fleet.Decision, in decide.Input) fleet.Decision {
	d.Reasons = append(d.Reasons, n.reasons...)
	if d.Notify == "" || d.Action != nil {
		return d
	}
	for _, s := range n.coveringFreezes(in) {
		if s.Who == massfailure.Homeostat && s.Active(in.Now) {
			d.Notify = ""
			d.Reasons = append(d.Reasons, fleet.Reason{
				Name: reason.CoveredByMassFailure, Text: fmt.Sprintf("a person was told of the mass failure in %s: %s", s.Scope, s.Why),
			})
			return d
		}
	}
	wait := n.own.First.Add(togetherFor).Sub(in.Now)
	if len(in.PeerReports) == 0 || wait <= 0 {
		return d
	}
	d.Notify = ""
	d.Reasons = append(d.Reasons, fleet.Reason{
		Name: reason.WaitingForPeers, Text: fmt.Sprintf("%d other services fail: a person is told in %s, unless it is of all at once", len(in.PeerReports), wait.Round(time.Second)),
	})
	if d.RequeueAfter == 0 || d.RequeueAfter > wait {
		d.RequeueAfter = wait
	}
	return d
}

// countServices counts the enrolled services for those that fail to know of how many
// they are, and ends what was frozen for a mass failure that is over.
func (p *Pipeline) countServices(ctx context.Context, t fleet.Trigger, all []fleet.Snapshot) error {
	if p.Policy == nil {
		return nil
	}
	now := p.Now()
	census := p.serviceCounts(all, now)
	if err := p.FailureReports.SaveServiceCounts(ctx, p.Home, census); err != nil {
		return err
	}
	switches, err := p.FreezeStore.Freezes(ctx, p.Home)
	if err != nil || !massfailure.Ours(switches) {
		return err
	}
	pulses, _, err := p.FailureReports.FailureReports(ctx, p.Home, now.Add(-massfailure.Window))
	if err != nil {
		return err
	}
	changes, _ := massfailure.Evaluate(massfailure.Case{
		Reports: pulses, Counts: census, Limit: p.effective(p.Home, nil).MassFailure, Freezes: switches, Now: now,
	})
	return p.setFreezes(ctx, p.Home, t, changes, now)
}

func (p *Pipeline) serviceCounts(all []fleet.Snapshot, now time.Time) fleet.ServiceCounts {
	census := fleet.ServiceCounts{At: now, Services: len(all), Clusters: map[string]int{}, Dependencies: map[string]int{}}
	for _, s := range all {
		census.Clusters[s.Ref.Cluster]++
		for _, word := range p.effective(s.Ref, s.Tags).DependsOn {
			census.Dependencies[word]++
		}
	}
	return census
}
