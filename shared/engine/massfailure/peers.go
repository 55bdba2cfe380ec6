package massfailure

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/core/reason"
)

// Peers holds the failures of other services at the time of one evaluation.
type Peers struct {
	// own is the report of the evaluated service; zero if none of its tasks failed
	// lately.
	own fleet.FailureReport
	// freezes are all freezes of the account and region; valid if read is true.
	freezes []fleet.Freeze
	read    bool
	// reasons describe a mass failure that froze nothing.
	reasons []fleet.Reason
}

// Scopes returns the scopes that cover the service beside its own three.
func (p Peers) Scopes(in decide.Input) []string {
	return massfailure.Scopes(p.own, in.Policy.DependsOn)
}

// CoveringFreezes returns the freezes that cover the service. read is false if the
// freezes were not read.
func (p Peers) CoveringFreezes(in decide.Input) (covering []fleet.Freeze, read bool) {
	scopes := append(in.Snapshot.Ref.Scopes(), p.Scopes(in)...)
	for _, s := range p.freezes {
		if slices.Contains(scopes, s.Scope) {
			covering = append(covering, s)
		}
	}
	return covering, p.read
}

// SuppressNotification drops the notification of one service if a mass-failure
// freeze already sent one for all services, or may send one soon.
func (p Peers) SuppressNotification(d fleet.Decision, in decide.Input) fleet.Decision {
	d.Reasons = append(d.Reasons, p.reasons...)
	if d.Notify == "" || d.Action != nil {
		return d
	}
	covering, _ := p.CoveringFreezes(in)
	for _, s := range covering {
		if s.Who == massfailure.Homeostat && s.Active(in.Now) {
			d.Notify = ""
			d.Reasons = append(d.Reasons, fleet.Reason{
				Name: reason.CoveredByMassFailure, Text: fmt.Sprintf("the mass failure of %s was reported once for all: %s", s.Scope, s.Why),
			})
			return d
		}
	}
	wait := p.own.First.Add(peerWait).Sub(in.Now)
	if len(in.PeerReports) == 0 || wait <= 0 {
		return d
	}
	d.Notify = ""
	d.Reasons = append(d.Reasons, fleet.Reason{
		Name: reason.WaitingForPeers,
		Text: fmt.Sprintf("%d other services fail: notification waits %d s for a mass failure", len(in.PeerReports), wait.Round(time.Second)/time.Second),
	})
	if d.RequeueAfter == 0 || d.RequeueAfter > wait {
		d.RequeueAfter = wait
	}
	return d
}
