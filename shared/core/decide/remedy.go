package decide

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// The capacity providers of Fargate.
const (
	onDemand = "FARGATE"
	spot     = "FARGATE_SPOT"
)

// remedy decides about causes that a rollback does not fix.
func remedy(in Input) (fleet.Decision, []fleet.Reason) {
	issues := issueReasons(in)
	for _, one := range []decider{spotHost, failedRoute, gaveUp, missingImage, returnToSpot, fallBack, suppressScaleOut, growMemory, leak, outdated, persists} {
		if d, why := one(in); d.Kind != "" || len(why) > 0 {
			return d, append(issues, why...)
		}
	}
	return fleet.Decision{}, issues
}

// spotHost explains the end of a host that EC2 takes back. Nobody but EC2 can confirm the
// warning, so it causes no action. The ECS agent can drain the host itself.
func spotHost(in Input) (fleet.Decision, []fleet.Reason) {
	var warning *fleet.Trigger
	found := in.anyTrigger(func(t *fleet.Trigger) bool {
		warning = t
		return t.Kind == fleet.SpotWarning && t.Instance.Host != "" && !stale(t, in.Now)
	})
	if !found {
		return fleet.Decision{}, nil
	}
	instance := warning.Instance
	return because(reason.SpotHost, "EC2 takes the instance %s back in two minutes: %s", instance.ID, instance.Action).
		detail("ECS replaces its tasks after their end").
		with(str("instance", instance.ID), str("host", instance.Host), str("action", instance.Action)).noOp()
}

// failedRoute notifies the operator of a gateway that does not route to the service. It
// explains failed health checks, so they do not count after its repair either.
func failedRoute(in Input) (fleet.Decision, []fleet.Reason) {
	current, ok := in.Snapshot.Current()
	if !ok || len(current.FailedRoutes) == 0 {
		return fleet.Decision{}, nil
	}
	route := current.FailedRoutes[0]
	d, why := because(reason.RouteFailed, "the gateway does not route to the service: %s", route).detail("a rollback would not help").
		with(str("route", route)).
		alert(fmt.Sprintf("The gateway does not route to the service: %s. A rollback would not help.", route))
	primary, _ := in.Snapshot.Primary()
	d.CommonCause = onlyHealthFailures(in.Memory.Cohorts[primary.ID], time.Time{})
	return d, why
}

// persists notifies the operator of a transient cause that does not pass.
func persists(in Input) (fleet.Decision, []fleet.Reason) {
	for _, c := range in.causes() {
		t, ok := in.Memory.Lately(c, troubleFresh, in.Now)
		if !ok || c.Family() != fleet.FamilyTransient || t.Count < transientFailures {
			continue
		}
		return because(reason.TransientPersists, "%s: %d failures since %s, it does not pass", c, t.Count, clock(t.First)).
			with(str("cause", c), num("failed", t.Count), at("since", t.First)).
			alert(fmt.Sprintf("%s: %d failures since %s. It does not pass by itself.", c, t.Count, clock(t.First)))
	}
	return fleet.Decision{}, nil
}

// fallBack moves a service to on-demand capacity while Spot capacity is unavailable.
func fallBack(in Input) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	if !in.Policy.SpotFallback || in.Memory.SpotFallback != nil || s.Running >= s.Desired || !hasWeight(s.Providers, spot) {
		return fleet.Decision{}, nil
	}
	trouble, ok := in.Memory.Lately(fleet.NoCapacity, troubleFresh, in.Now)
	if !ok {
		return fleet.Decision{}, nil
	}
	unavailable := func(name reason.Name) draft {
		return because(name, "Spot capacity is unavailable for %s: %d of %d tasks run", fleet.DurationText(in.Now.Sub(trouble.First).Round(time.Second)), s.Running, s.Desired).
			with(at("since", trouble.First), num("failed", trouble.Count), num("running", s.Running), num("desired", s.Desired))
	}
	if in.Now.Sub(trouble.First) < spotPatience && trouble.Count < spotFailures {
		return unavailable(reason.SpotWait).detail("ECS retries").noOpFor(followUpIn)
	}
	why := unavailable(reason.SpotUnavailable).detail("on-demand capacity for new tasks until " + fleet.DurationText(in.Policy.SpotReturnAfter) + " pass without a capacity failure")
	return fleet.Decision{
		Kind:    fleet.FallBack,
		Reasons: []fleet.Reason{why.reason()},
		Action: &fleet.Action{
			Kind: fleet.SetProviders, Intent: "on demand since " + trouble.First.UTC().Format(time.RFC3339),
			Providers: onlyOnDemand(s.Providers),
		},
		Notify:       why.sentence() + " Fallback to on-demand capacity.",
		RequeueAfter: spotFollowUp,
	}, nil
}

// onlyOnDemand returns the strategy with the share of Spot moved to on-demand
// capacity. The base stays, or moves with Spot.
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

// returnToSpot restores the strategy of the service once Spot capacity had no failure
// for the time of the policy.
func returnToSpot(in Input) (fleet.Decision, []fleet.Reason) {
	fallback := in.Memory.SpotFallback
	if fallback == nil {
		return fleet.Decision{}, nil
	}
	quiet := in.Now.Sub(fallback.At)
	for _, c := range []fleet.Cause{fleet.NoCapacity, fleet.SpotInterruption} {
		if t, ok := in.Memory.Troubles[c]; ok {
			quiet = min(quiet, in.Now.Sub(t.Last))
		}
	}
	if quiet < in.Policy.SpotReturnAfter {
		return because(reason.OnDemandFallback, "on-demand capacity since %s, until %s pass without a capacity failure", clock(fallback.At), fleet.DurationText(in.Policy.SpotReturnAfter)).
			with(at("since", fallback.At), span("quiet", quiet.Round(time.Second)), span("needed", in.Policy.SpotReturnAfter)).noOpFor(in.Policy.SpotReturnAfter - quiet)
	}
	return fleet.Decision{
		Kind: fleet.ReturnToSpot,
		Reasons: []fleet.Reason{
			because(reason.SpotRestored, "no capacity failure for %s: new tasks may use Spot again", fleet.DurationText(quiet.Round(time.Minute))).
				with(at("since", fallback.At), span("quiet", quiet.Round(time.Second)), span("needed", in.Policy.SpotReturnAfter)).reason(),
		},
		Action: &fleet.Action{
			Kind: fleet.SetProviders, Intent: "back to Spot after " + fallback.At.UTC().Format(time.RFC3339), Providers: fallback.Was,
		},
	}, nil
}

// suppressScaleOut blocks new tasks for a while if they would make a failure worse.
func suppressScaleOut(in Input) (fleet.Decision, []fleet.Reason) {
	causes := in.causes()
	if t, ok := in.Memory.Lately(fleet.SubnetFull, troubleFresh, in.Now); ok && slices.Contains(causes, fleet.SubnetFull) {
		const why = "the subnet has no free addresses"
		until := t.Last.Add(addressPause)
		headline := because(reason.SubnetFull, "%s: no task is added before %s", why, clock(until)).with(str("cause", fleet.SubnetFull), at("since", t.First), at("until", until))
		d, _ := headline.alert("The subnet has no free addresses. No task is added before " + clock(until) + ".")
		d.Effects = fleet.Effects{Blocks: []fleet.Block{{Kind: fleet.ScaleOut, Until: until, Why: why}}}
		return d, nil
	}
	if t, ok := in.Memory.Lately(fleet.PullThrottled, troubleFresh, in.Now); ok && slices.Contains(causes, fleet.PullThrottled) {
		const why = "the registry throttles pulls"
		until := t.Last.Add(pullPause)
		d, reasons := because(reason.PullThrottled, "%s: no task is added before %s", why, clock(until)).
			detail("a pull-through cache avoids this").with(str("cause", fleet.PullThrottled), at("since", t.First), at("until", until)).noOp()
		d.Effects = fleet.Effects{Blocks: []fleet.Block{{Kind: fleet.ScaleOut, Until: until, Why: why}, {Kind: fleet.Redeploy, Until: until, Why: why}}}
		return d, reasons
	}
	return fleet.Decision{}, nil
}

// moveAway moves tasks away from a failing host or zone. ok is false if neither is
// possible.
func moveAway(in Input, found judge.Finding, why draft) (fleet.Decision, bool) {
	primary, _ := in.Snapshot.Primary()
	d := fleet.Decision{Kind: fleet.Move, Reasons: []fleet.Reason{why.reason()}}
	switch host, zone := found.Host(), found.Zone(); {
	case host != "" && in.Policy.DrainHosts:
		d.Notify = why.sentence() + " Drain of the host " + host + "."
		d.Action = &fleet.Action{Kind: fleet.DrainHost, Intent: "drain " + host, Host: host}
	case zone != "" && in.Snapshot.Rebalancing == "DISABLED":
		d.Notify = why.sentence() + " Rebalancing away from the zone " + zone + "."
		d.Action = &fleet.Action{Kind: fleet.Rebalance, Intent: "rebalance " + primary.ID, Expect: fleet.Expect{Deployment: primary.ID}}
	default:
		return d, false
	}
	return d, true
}

// missingImage replaces a proven revision if its image can no longer be pulled. An
// archived image is restored where the policy permits it.
func missingImage(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	current, known := in.Snapshot.Current()
	latest, _ := in.Snapshot.Latest()
	image, obstructed := current.Obstructed()
	if !ok || !known || !obstructed || latest.InProgress() {
		return fleet.Decision{}, nil
	}
	reference := image.Image.String()
	why := because(reason.ImageGone, "image of %s is missing in the registry: no task can start", current.TaskDefinition).
		detail(reference).with(str("revision", current.TaskDefinition), str("image", reference))
	alert := fmt.Sprintf("The registry does not have %s of %s any more, so no task can start.", reference, current.TaskDefinition)
	if image.State != fleet.ImageGone {
		why = because(reason.ImageArchived, "image of %s is archived in the registry: no task can start", current.TaskDefinition).
			detail(reference).with(str("revision", current.TaskDefinition), str("image", reference), str("state", image.State))
		alert = fmt.Sprintf("The registry archived %s of %s, so no task can start.", reference, current.TaskDefinition)
		if d, reasons, ok := restoreImage(in, primary, current, why, alert); ok {
			return d, reasons
		}
	}
	if !polling.RecentFailure(in.Memory, in.Now) {
		return fleet.Decision{}, nil // its tasks run: noWayBack warns
	}
	if d, ok := pinTagged(in, primary, current, why, alert); ok {
		return d, nil
	}
	found := rollbackTarget(in, current)
	if found.best == nil {
		return why.detail("no other revision can run: " + found.obstacle).alert(alert + " No other revision can run: " + found.obstacle + ".")
	}
	target := *found.best
	return fleet.Decision{
		Kind:    fleet.Redeploy,
		Reasons: []fleet.Reason{why.detail(target.TaskDefinition + " can run").detail(target.doubt).reason()},
		Action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "instead of the missing image of " + primary.ID, TaskDefinition: target.TaskDefinition,
			Images: pins(target.Revision), Expect: fleet.Expect{Deployment: primary.ID},
			AsWritten: target.deploysAsWritten(), Kept: target.Status == fleet.Deleted,
		},
		Notify: alert + " Redeployment of " + target.TaskDefinition + ".", RequeueAfter: state.AfterCheck,
	}, nil
}

// restoreImage returns the restoration of a revision's archived images, or the wait for
// it. It is not ok without the permission of the policy, or if an image is gone.
func restoreImage(in Input, primary fleet.Deployment, r fleet.Revision, why draft, alert string) (d fleet.Decision, reasons []fleet.Reason, ok bool) {
	gone := slices.ContainsFunc(r.Images, func(i fleet.CheckedImage) bool { return i.State == fleet.ImageGone })
	if !in.Policy.RestoreImages || gone {
		return d, nil, false
	}
	for _, i := range r.Images {
		if i.State != fleet.ImageArchived {
			continue
		}
		return fleet.Decision{
			Kind: fleet.Restore, Reasons: []fleet.Reason{why.reason()}, RequeueAfter: followUpIn,
			Action: &fleet.Action{
				Kind: fleet.RestoreImage, Intent: "restore " + i.Image.Digest + " for " + primary.ID,
				Images: []fleet.ContainerImage{{Image: i.Image}},
			},
			Notify: alert + " Restoration of the image.",
		}, nil, true
	}
	d, reasons = why.detail("its restoration is in progress").noOpFor(followUpIn)
	return d, reasons, true
}

// pinTagged redeploys with the image of the watched tag. ok is false if the policy
// watches no tag, or that image cannot run.
func pinTagged(in Input, primary fleet.Deployment, current fleet.Revision, why draft, alert string) (d fleet.Decision, ok bool) {
	want := in.Snapshot.Watched
	if want == nil || want.Digest == "" || in.Snapshot.WatchedState.Obstructs() {
		return d, false
	}
	container, running, ok := runs(current, *want)
	_, bad := in.Memory.Quarantines(want.Digest)
	if !ok || bad || running.Digest == want.Digest {
		return d, false
	}
	d, _ = rollOut(in, primary, container, running, *want)
	d.Reasons = append([]fleet.Reason{why.reason()}, d.Reasons...)
	d.Notify, d.RequeueAfter = alert+" Redeployment with the image of the tag "+in.Policy.Tag+".", state.AfterCheck
	return d, true
}
