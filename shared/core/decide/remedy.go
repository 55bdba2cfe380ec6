package decide

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// The capacity providers of Fargate.
const (
	onDemand = "FARGATE"
	spot     = "FARGATE_SPOT"
)

const (
	// spotPatience is how long Spot is waited for: ECS tries again by itself.
	spotPatience = 2 * time.Minute
	// addressPause and pullPause are how long no task is added to a subnet
	// without addresses, and to a registry that throttles.
	addressPause = 15 * time.Minute
	pullPause    = 10 * time.Minute
	// troubleFresh is how old a trouble may be to be acted on.
	troubleFresh = 5 * time.Minute
)

// remedy is what is done about causes that no rollback cures.
func remedy(in Input) (fleet.Decision, []fleet.Reason) {
	for _, cure := range []decider{imageGone, returnToSpot, fallBack, suppressScaleOut, growMemory} {
		if d, why := cure(in); d.Kind != "" || len(why) > 0 {
			return d, why
		}
	}
	return persists(in)
}

// tellAfter failed starts of a transient cause within its bout a person is told.
const tellAfter = 3

// persists tells of a transient cause that does not pass.
func persists(in Input) (fleet.Decision, []fleet.Reason) {
	t, ok := in.Memory.Lately(in.Cause, troubleFresh, in.Now)
	if !ok || in.Cause.Family() != fleet.FamilyTransient || t.Count < tellAfter {
		return fleet.Decision{}, nil
	}
	return notify(reason.TransientPersists, fmt.Sprintf("%s %d times since %s: it does not pass by itself", in.Cause, t.Count, clock(t.First)))
}

// fallBack gives a service on-demand capacity where Spot cannot be had.
func fallBack(in Input) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	if !in.Policy.SpotFallback || in.Memory.SpotFallback != nil || s.Running >= s.Desired || !hasWeight(s.Providers, spot) {
		return fleet.Decision{}, nil
	}
	trouble, ok := in.Memory.Lately(fleet.NoCapacity, troubleFresh, in.Now)
	if !ok {
		return fleet.Decision{}, nil
	}
	text := fmt.Sprintf("Spot cannot be had since %s, %d of %d tasks run", in.Now.Sub(trouble.First).Round(time.Second), s.Running, s.Desired)
	if in.Now.Sub(trouble.First) < spotPatience && trouble.Count < 2 {
		d, why := nothing(reason.SpotWait, text+"; ECS tries again")
		d.RequeueAfter = time.Minute
		return d, why
	}
	return fleet.Decision{
		Kind: fleet.FallBack,
		Reasons: []fleet.Reason{{
			Name: reason.SpotUnavailable, Text: text + fmt.Sprintf(": new tasks run on demand until Spot was quiet for %s", in.Policy.SpotReturnAfter),
		}},
		Action: &fleet.Action{
			Kind: fleet.SetProviders, Intent: "on demand since " + trouble.First.UTC().Format(time.RFC3339),
			Providers: onlyOnDemand(s.Providers),
		},
		Notify:       text + ": it was given on-demand capacity",
		RequeueAfter: 10 * time.Minute,
	}, nil
}

// onlyOnDemand is the strategy with Spot's share given to on-demand capacity.
// The base stays where it was, or moves with Spot.
func onlyOnDemand(strategy []fleet.ProviderWeight) []fleet.ProviderWeight {
	moved, base := 0, 0
	for _, p := range strategy {
		if p.Provider == spot {
			moved, base = moved+p.Weight, base+p.Base
		}
	}
	out := []fleet.ProviderWeight{{Provider: onDemand, Weight: moved, Base: base}, {Provider: spot}}
	for _, p := range strategy {
		switch p.Provider {
		case onDemand:
			out[0].Weight += p.Weight
			out[0].Base += p.Base
		case spot:
		default:
			out = append(out, p)
		}
	}
	out[0].Weight = max(1, out[0].Weight)
	return out
}

func hasWeight(strategy []fleet.ProviderWeight, provider string) bool {
	return slices.ContainsFunc(strategy, func(p fleet.ProviderWeight) bool {
		return p.Provider == provider && (p.Weight > 0 || p.Base > 0)
	})
}

// returnToSpot gives the service its own strategy back once Spot was quiet.
func returnToSpot(in Input) (fleet.Decision, []fleet.Reason) {
	fell := in.Memory.SpotFallback
	if fell == nil {
		return fleet.Decision{}, nil
	}
	quiet := in.Now.Sub(fell.At)
	for _, c := range []fleet.Cause{fleet.NoCapacity, fleet.SpotInterruption} {
		if t, ok := in.Memory.Troubles[c]; ok {
			quiet = min(quiet, in.Now.Sub(t.Last))
		}
	}
	if quiet < in.Policy.SpotReturnAfter {
		return fleet.Decision{RequeueAfter: in.Policy.SpotReturnAfter - quiet}, []fleet.Reason{{
			Name: reason.OnDemandFallback, Text: "new tasks run on demand since " + clock(fell.At) + ", until Spot was quiet for " + in.Policy.SpotReturnAfter.String(),
		}}
	}
	return fleet.Decision{
		Kind:    fleet.ReturnToSpot,
		Reasons: []fleet.Reason{{Name: reason.SpotRestored, Text: fmt.Sprintf("no trouble with capacity for %s: new tasks may use Spot again", quiet.Round(time.Minute))}},
		Action: &fleet.Action{
			Kind: fleet.SetProviders, Intent: "back to Spot after " + fell.At.UTC().Format(time.RFC3339), Providers: fell.Was,
		},
	}, nil
}

// suppressScaleOut stops adding tasks where that makes it worse.
func suppressScaleOut(in Input) (fleet.Decision, []fleet.Reason) {
	if in.Cause == "" {
		return fleet.Decision{}, nil
	}
	if t, ok := in.Memory.Lately(fleet.SubnetFull, troubleFresh, in.Now); ok && in.Cause == fleet.SubnetFull {
		text := "the subnet has no addresses left: no task is added before " + clock(t.Last.Add(addressPause))
		return fleet.Decision{
			Kind: fleet.Notify, Notify: text, Reasons: []fleet.Reason{{Name: reason.SubnetFull, Text: text}},
			Effects: fleet.Effects{Blocks: []fleet.Block{{
				Kind: fleet.ScaleOut, Until: t.Last.Add(addressPause), Why: "the subnet has no addresses left",
			}}},
		}, nil
	}
	if t, ok := in.Memory.Lately(fleet.PullThrottled, troubleFresh, in.Now); ok && in.Cause == fleet.PullThrottled {
		until := t.Last.Add(pullPause)
		text := "the registry throttles pulls: no task is added before " + clock(until) + "; a pull-through cache would end this"
		holds := []fleet.Block{
			{Kind: fleet.ScaleOut, Until: until, Why: "the registry throttles pulls"},
			{Kind: fleet.Redeploy, Until: until, Why: "the registry throttles pulls"},
		}
		return fleet.Decision{Effects: fleet.Effects{Blocks: holds}}, []fleet.Reason{{Name: reason.PullThrottled, Text: text}}
	}
	return fleet.Decision{}, nil
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }

// imageGone redeploys a revision that was good and whose pinned image the
// registry no longer holds, with one that exists.
func imageGone(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	current, known := in.Snapshot.Current()
	latest, _ := in.Snapshot.Latest()
	if !ok || !known || len(current.Missing) == 0 || latest.InProgress() {
		return fleet.Decision{}, nil
	}
	text := fmt.Sprintf("%s needs %s, which the registry no longer holds: no task of it can start", current.TaskDefinition, current.Missing[0])
	if d, ok := pinTagged(in, primary, current, text); ok {
		return d, nil
	}
	target, why := fit(in, current)
	if target == nil {
		return notify(reason.ImageGone, text+", and there is nothing to run instead: "+why)
	}
	return fleet.Decision{
		Kind:    fleet.Redeploy,
		Reasons: []fleet.Reason{{Name: reason.ImageGone, Text: text + "; " + target.TaskDefinition + " can run"}},
		Action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "instead of the missing image of " + primary.ID, TaskDefinition: target.TaskDefinition,
			Images: pins(*target), Expect: fleet.Expect{Deployment: primary.ID},
		},
		Notify: text + ": it runs " + target.TaskDefinition + " instead", RequeueAfter: state.AfterCheck,
	}, nil
}

// pinTagged redeploys with what the watched tag points to, where it watches one.
func pinTagged(in Input, primary fleet.Deployment, current fleet.Revision, text string) (fleet.Decision, bool) {
	want := in.Snapshot.Watched
	if want == nil || want.Digest == "" {
		return fleet.Decision{}, false
	}
	container, running, ok := runs(current, *want)
	_, bad := in.Memory.Quarantines(want.Digest)
	if !ok || bad || running.Digest == want.Digest {
		return fleet.Decision{}, false
	}
	d, _ := rollOut(in, primary, container, running, *want)
	d.Reasons = append([]fleet.Reason{{Name: reason.ImageGone, Text: text}}, d.Reasons...)
	d.Notify, d.RequeueAfter = text+": it runs the image of the watched tag instead", state.AfterCheck
	return d, true
}

// moveAway asks ECS to move tasks from a place that fails; ok is false where
// there is nothing to ask.
func moveAway(in Input, found judge.Finding, text string) (fleet.Decision, bool) {
	primary, _ := in.Snapshot.Primary()
	d := fleet.Decision{Kind: fleet.Move, Reasons: []fleet.Reason{{Name: reason.OnePlace, Text: text}}, Notify: text}
	switch host, zone := found.Host(), found.Zone(); {
	case host != "" && in.Policy.DrainHosts:
		d.Action = &fleet.Action{Kind: fleet.DrainHost, Intent: "drain " + host, Host: host}
	case zone != "" && in.Snapshot.Rebalancing == "DISABLED":
		d.Action = &fleet.Action{Kind: fleet.Rebalance, Intent: "rebalance " + primary.ID, Expect: fleet.Expect{Deployment: primary.ID}}
	default:
		return d, false
	}
	return d, true
}
