package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// The actions after a pause.
const (
	hookContinue = "CONTINUE"
	hookRollback = "ROLLBACK"
)

// The states of a hook.
const (
	hookAwaiting  = "AWAITING_ACTION"
	hookSucceeded = "SUCCEEDED"
	hookFailed    = "FAILED"
	hookTimedOut  = "TIMED_OUT"
)

// hook is a PAUSE hook that a deployment has reached.
type hook struct {
	id, stage, status, action string
	expires                   time.Time
}

// hookDetail is the detail of an ECS Hook State Change.
type hookDetail struct {
	EventType            string `json:"eventType"`
	EventName            string `json:"eventName"`
	HookID               string `json:"hookId"`
	HookType             string `json:"hookType"`
	ExpiresAt            string `json:"expiresAt"`
	LifecycleStage       string `json:"lifecycleStage"`
	ClusterArn           string `json:"clusterArn"`
	ServiceArn           string `json:"serviceArn"`
	ServiceDeploymentArn string `json:"serviceDeploymentArn"`
	UpdatedAt            string `json:"updatedAt"`
}

func (p *plan) emitHook(h *hook, name string) {
	s, r := p.green.service.sim, p.green.record
	level := "INFO"
	if name == "HOOK_FAILED" || name == "HOOK_TIMED_OUT" {
		level = "ERROR"
	}
	s.account.Publish("aws.ecs", "ECS Hook State Change", []string{r.arn}, hookDetail{
		EventType: level, EventName: name, HookID: h.id, HookType: "PAUSE", ExpiresAt: h.expires.Format(account.EventTime),
		LifecycleStage: h.stage, ClusterArn: r.service.cluster.arn, ServiceArn: r.service.arn,
		ServiceDeploymentArn: r.arn, UpdatedAt: stamp(s.Now()),
	})
}

// ask starts the hook of the stage, if there is one. The deployment then waits
// for an answer.
func (p *plan) ask() {
	s := p.green.service.sim
	for _, config := range p.green.record.rollout.shift.hooks {
		if !slices.Contains(config.stages, p.stage()) {
			continue
		}
		h := &hook{
			id: "ecs-pause-" + account.Letters(s.entropy.names, idLetters, 41), stage: p.stage(), status: hookAwaiting,
			action: config.action, expires: s.Now().Add(config.timeout),
		}
		p.waiting = h
		p.hooks = append(p.hooks, h)
		p.emitHook(h, "HOOK_AWAITING_ACTION")
		s.after(config.timeout, func() {
			if p.waiting == h {
				p.answer(h, hookTimedOut, "HOOK_TIMED_OUT", h.action)
			}
		})
		return
	}
}

// answer ends the wait. The deployment continues or rolls back.
func (p *plan) answer(h *hook, status, event, action string) {
	h.status, p.waiting = status, nil
	p.emitHook(h, event)
	if p.green.rollout != rolloutInProgress {
		return
	}
	if action == hookRollback {
		p.green.fail(causeHook, true)
		return
	}
	p.green.service.wakeScheduler()
}

// continueServiceDeployment answers a waiting hook.
func (s *Sim) continueServiceDeployment(in wire.Object) (wire.Object, error) {
	r := s.findRecord(in.String("serviceDeploymentArn"))
	if r == nil {
		return nil, wire.Errorf("ServiceDeploymentNotFoundException", "Service deployment not found.")
	}
	p := r.plan()
	if p == nil || p.waiting == nil || p.waiting.id != in.String("hookId") {
		return nil, wire.Errorf("InvalidParameterException", "The hook %s is not awaiting an action.", in.String("hookId"))
	}
	switch action := cmp.Or(in.String("action"), hookContinue); action {
	case hookContinue:
		p.answer(p.waiting, hookSucceeded, "HOOK_SUCCEEDED", action)
	case hookRollback:
		p.answer(p.waiting, hookFailed, "HOOK_FAILED", action)
	default:
		return nil, wire.Errorf("InvalidParameterException", "Invalid action: %s", action)
	}
	return wire.Object{"serviceDeploymentArn": r.arn}, nil
}

// plan returns the plan of the record's deployment, or nil.
func (r *serviceDeployment) plan() *plan {
	if r.subject == nil {
		return nil
	}
	return r.subject.plan
}

// describePlan adds the stage, the hooks and the shares of traffic.
func (r *serviceDeployment) describePlan(out wire.Object) {
	p := r.plan()
	if p == nil {
		return
	}
	hooks := []wire.Object{}
	for _, h := range p.hooks {
		hooks = append(hooks, wire.Object{
			"hookId": h.id, "targetType": "PAUSE", "status": h.status, "expiresAt": h.expires, "timeoutAction": h.action,
		})
	}
	out["lifecycleHookDetails"] = hooks
	if !p.shifted() {
		return
	}
	green, test := p.weight(), 0.0
	if !p.before(stageTestShift) && p.stage() != stageCleanUp {
		test = 100
	}
	switch {
	case r.rollback != nil || r.status == recordRollbackFailed:
		green, test = 0, 0
	case r.status == recordSuccessful:
		green, test = 100, 0
	}
	weigh := func(summary wire.Object, production, test float64) {
		summary["requestedProductionTrafficWeight"], summary["requestedTestTrafficWeight"] = production, test
	}
	weigh(out.Object("targetServiceRevision"), green, test)
	for _, source := range out.Objects("sourceServiceRevisions") {
		weigh(source, 0, 0)
		if source.String("arn") == p.blue.revision.arn {
			weigh(source, 100-green, 0)
		}
	}
}
