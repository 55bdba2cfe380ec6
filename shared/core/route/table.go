package route

import "homeostat/shared/core/fleet"

// All returns the table, one row a trigger kind, in the order of the docs page.
func All() [17]Route {
	const always = Remedy | Answer | Redeploy | Uncap
	stopped := Route{
		Rules: [2]string{"task-changed"}, Source: "ECS: a task of a service changed", Find: ByName,
		Reads: ReadsDeployment, Answers: Heal | always,
	}
	deployment := Route{
		Rules: [2]string{"service-action"}, Source: "ECS: a service deployment changed", Find: ByName,
		Reads: ReadsDeployment, Answers: Heal | always, MarksChanged: true,
	}
	push := Route{Source: "ECR: an image has a new tag", Find: ByRepository, Reads: ReadsRevisions, Answers: always}
	return [...]Route{
		stopped.with(fleet.TaskStopped, func(r *Route) { r.Cause = CauseOfStop }),
		stopped.with(fleet.TaskStopping, func(r *Route) { r.Cause = CauseOfStop }),
		stopped.with(fleet.TaskRunning, nil),
		deployment.with(fleet.DeploymentStarted, func(r *Route) {
			r.Answers, r.MayBeSelfTriggered = Heal|Stuck|Unwatched|always, true
		}),
		deployment.with(fleet.DeploymentCompleted, nil),
		deployment.with(fleet.DeploymentFailed, nil),
		{
			Kind: fleet.HookWaiting, Rules: [2]string{"hook-waiting"}, Source: "ECS: a deployment waits at a lifecycle hook",
			Find: ByName, Reads: ReadsDeployment, Answers: Heal | always,
		},
		{
			Kind: fleet.ServiceAction, Rules: [2]string{"service-action"}, Source: "ECS: a warning or error of a service",
			Find: ByName, Reads: ReadsDeployment, Cause: CauseOfNotice, Answers: Heal | Stuck | Unwatched | always, MayBeSelfTriggered: true,
		},
		{
			Kind: fleet.AlarmChanged, Rules: [2]string{"alarm"}, Source: "CloudWatch: an alarm changed its state",
			Find: ByAlarm, Reads: ReadsAlarm, Answers: Heal | Scale | always,
		},
		{
			Kind: fleet.ScaledToMax, Rules: [2]string{"scaled-to-max"}, Source: "Application Auto Scaling: the maximum is reached",
			Find: ByName, Reads: ReadsLoad, Answers: Scale | always,
		},
		push.with(fleet.ImagePush, func(r *Route) { r.Rules = [2]string{"image-push"} }),
		push.with(fleet.ImageReplicated, func(r *Route) { r.Rules = [2]string{"image-replicated"} }),
		{
			Kind: fleet.ImageScan, Rules: [2]string{"image-scan", "image-scan-inspector"}, Source: "ECR or Inspector: an image was scanned",
			Find: Unresolved, Reads: ReadsDeployment, Answers: always,
		},
		{
			Kind: fleet.SpotWarning, Rules: [2]string{"spot-warning"}, Source: "EC2: a Spot instance ends in two minutes",
			Find: Unresolved, Reads: ReadsDeployment, Cause: CauseSpot, Answers: Heal | always,
		},
		{
			Kind: fleet.TaskRetirement, Rules: [2]string{"task-retirement"}, Source: "AWS Health: tasks will be retired",
			Find: ByName, Reads: ReadsDeployment, Cause: CauseRetirement, Answers: Heal | always,
		},
		{
			Kind: fleet.Tick, Source: "Homeostat: its schedule or a timer", Find: BySweep, Reads: ReadsSweep,
			Answers: Heal | Stuck | Unwatched | Recycle | Scale | always, Scheduled: true,
		},
		{Kind: fleet.Ignored, Source: "any source: the event asks for nothing", Find: Discarded, Reads: ReadsNothing},
	}
}

// with returns a copy of the row for another kind, changed by edit.
func (r Route) with(kind fleet.TriggerKind, edit func(*Route)) Route {
	r.Kind = kind
	if edit != nil {
		edit(&r)
	}
	return r
}
