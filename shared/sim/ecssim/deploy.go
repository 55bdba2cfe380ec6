package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// The rollout states of a deployment.
const (
	rolloutInProgress = "IN_PROGRESS"
	rolloutCompleted  = "COMPLETED"
	rolloutFailed     = "FAILED"
)

// The states of a service deployment.
const (
	recordPending            = "PENDING"
	recordInProgress         = "IN_PROGRESS"
	recordSuccessful         = "SUCCESSFUL"
	recordStopped            = "STOPPED"
	recordStopRequested      = "STOP_REQUESTED"
	recordRollbackRequested  = "ROLLBACK_REQUESTED"
	recordRollbackInProgress = "ROLLBACK_IN_PROGRESS"
	recordRollbackSuccessful = "ROLLBACK_SUCCESSFUL"
	recordRollbackFailed     = "ROLLBACK_FAILED"
)

// deployment is an entry of a service's deployments: "ecs-svc/…".
type deployment struct {
	id               string
	service          *service
	revision         *revision
	record           *serviceDeployment
	created, updated time.Time
	rollout, reason  string

	failed   int  // failedTasks: in a row, until the first healthy task
	failures int  // the count of the circuit breaker
	started  bool // a task of it reached RUNNING
	proven   bool // a task of it was healthy
	stalled  bool // starts no more tasks
	bakedAt  time.Time
	plan     *plan
	dark     bool // its tasks get no requests, even if they run
	group    int  // the target group of its tasks: 0, or 1 for the alternate one
}

// serviceDeployment is the record of ListServiceDeployments: one deployment, and
// its rollback if there is one.
type serviceDeployment struct {
	arn                        string
	service                    *service
	status, statusReason       string
	created, started, finished time.Time
	stopped, updated           time.Time
	sources                    []*revision
	target                     *revision
	rollout                    rolloutConfig
	rollback                   wire.Object
	trippedBy                  failCause
	alarmsIgnored              bool // one was in ALARM at the start
	triggered                  []string
	subject                    *deployment // deploys target
}

// deploy starts a deployment of rev.
func (svc *service) deploy(rev *revision) *deployment {
	s := svc.sim
	now := s.Now()
	record := &serviceDeployment{
		arn:     s.account.ARN("ecs", "service-deployment/"+svc.cluster.name+"/"+svc.name+"/"+account.Letters(s.entropy.names, idLetters, 21)),
		service: svc, status: recordPending, created: now, updated: now, target: rev, rollout: svc.rollout,
	}
	if p := svc.primary(); p != nil {
		record.sources = append(record.sources, p.revision)
		p.supersede()
	}
	record.alarmsIgnored = s.anyInAlarm(svc.rollout.alarms)
	svc.records = append(svc.records, record)
	d := svc.newDeployment(rev, record, "")
	record.subject = d
	d.plan = svc.newPlan(d)
	d.chooseGroup()
	return d
}

// idLetters are the letters of a service deployment's id.
const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// newDeployment makes rev PRIMARY. An empty reason means an ordinary deployment.
func (svc *service) newDeployment(rev *revision, record *serviceDeployment, reason string) *deployment {
	now := svc.sim.Now()
	d := &deployment{
		id: "ecs-svc/" + account.Digits(svc.sim.entropy.names, 19), service: svc, revision: rev, record: record,
		created: now, updated: now, rollout: rolloutInProgress,
	}
	if p := svc.primary(); p != nil {
		d.group = p.group
	}
	rev.group = d.group
	d.reason = cmp.Or(reason, "ECS deployment "+d.id+" in progress.")
	svc.deployments = slices.Insert(svc.deployments, 0, d)
	svc.steady = false
	svc.backoff.adopt(rev.td)
	svc.sim.emitDeployment(d, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", d.reason)
	svc.wakeScheduler()
	return d
}

// supersede ends a deployment in progress, because a newer one begins.
func (d *deployment) supersede() {
	if d.record.open() {
		d.record.close(recordStopped, "Service deployment stopped because a newer service deployment was started.")
	}
	if d.plan != nil && d.plan.shifting() {
		d.dark = true
	}
	d.updated = d.service.sim.Now()
}

// complete ends a successful rollout.
func (d *deployment) complete() {
	svc, now := d.service, d.service.sim.Now()
	d.rollout, d.reason, d.updated = rolloutCompleted, "ECS deployment "+d.id+" completed.", now
	svc.completed = append(svc.completed, d)
	if d.record.subject == d {
		d.record.close(recordSuccessful, "")
	} else {
		d.record.close(recordRollbackSuccessful, d.record.statusReason)
	}
	svc.addEvent("(deployment " + d.id + ") deployment completed.")
	svc.sim.emitDeployment(d, "INFO", "SERVICE_DEPLOYMENT_COMPLETED", d.reason)
}

// failCause is the cause of a failed deployment.
type failCause int

const (
	causeNone failCause = iota
	causeBreaker
	causeAlarm
	causeUser
	causeHook
)

// words returns the texts of a failure. AWS documents the texts of the circuit
// breaker. The texts for alarms and for StopServiceDeployment follow the same
// pattern.
func (c failCause) words() (failed, monitor, status string) {
	switch c {
	case causeAlarm:
		return "alarm detected.", "ECS deployment alarms", "Service deployment rolled back because an alarm was triggered."
	case causeUser:
		return "stopped by a user.", "ECS deployment stop", "Service deployment rolled back because of a user request."
	}
	if c == causeHook {
		return "rolled back by a lifecycle hook.", "ECS deployment lifecycle hook", "Service deployment rolled back because of a lifecycle hook."
	}
	return "tasks failed to start.", "ECS deployment circuit breaker",
		"Service deployment rolled back because the circuit breaker threshold was exceeded."
}

// fail marks the deployment as failed. If wanted and possible, it rolls back to
// the newest COMPLETED deployment. Otherwise the service starts no more tasks: it
// stalls.
func (d *deployment) fail(cause failCause, rollback bool) {
	svc, s := d.service, d.service.sim
	failed, monitor, status := cause.words()
	wasRollback := d.record.subject != d
	d.rollout, d.reason, d.updated, d.stalled = rolloutFailed, monitor+": "+failed, s.Now(), true
	d.record.trippedBy = cause
	svc.addEvent("(deployment " + d.id + ") deployment failed: " + failed)
	if cause != causeUser && cause != causeHook { // AWS documents it for the circuit breaker and for alarms only
		s.emitDeployment(d, "ERROR", "SERVICE_DEPLOYMENT_FAILED", d.reason)
	}
	target := svc.rollbackTarget(d)
	switch {
	case wasRollback:
		d.record.close(recordRollbackFailed, status)
	case !rollback:
		d.record.close(recordStopped, d.reason)
	case target == nil:
		d.record.close(recordRollbackFailed, "No rollback candidate was found to run the rollback.")
	default:
		d.record.rollBack(target, status)
		svc.addEvent("rolling back to deployment " + target.id + ".")
		reason := monitor + ": rolling back to deploymentId " + target.id + "."
		if d.plan != nil && d.plan.blue == target && !d.plan.rolling() {
			svc.takeBack(target, d.record, reason)
		} else {
			svc.restore(target, d.record, reason)
		}
	}
	svc.wakeScheduler()
}

// rollbackTarget returns the newest COMPLETED deployment of another revision.
// While restore deploys it again it is IN_PROGRESS and not eligible, so restore
// takes it out of the list.
func (svc *service) rollbackTarget(failed *deployment) *deployment {
	for _, v := range slices.Backward(svc.completed) {
		if v != failed && v.revision != failed.revision {
			return v
		}
	}
	return nil
}

func (svc *service) restore(target *deployment, record *serviceDeployment, reason string) {
	if i := slices.Index(svc.completed, target); i >= 0 {
		svc.completed = slices.Delete(svc.completed, i, i+1)
	}
	rev := target.revision
	svc.setup, svc.strategy, svc.launchType = rev.setup, rev.strategy, rev.launchType
	svc.newDeployment(rev, record, reason)
}

// open reports whether the deployment is in progress.
func (r *serviceDeployment) open() bool {
	switch r.status {
	case recordPending, recordInProgress, recordStopRequested, recordRollbackRequested, recordRollbackInProgress:
		return true
	}
	return false
}

func (r *serviceDeployment) close(status, reason string) {
	now := r.service.sim.Now()
	r.status, r.statusReason, r.finished, r.updated = status, reason, now, now
	if status == recordStopped {
		r.stopped = now
	}
}

func (r *serviceDeployment) rollBack(target *deployment, reason string) {
	now := r.service.sim.Now()
	r.status, r.statusReason, r.updated = recordRollbackInProgress, reason, now
	r.rollback = wire.Object{"reason": reason, "startedAt": now, "serviceRevisionArn": target.revision.arn}
}

func (r *serviceDeployment) failures() int {
	if r.subject == nil {
		return 0
	}
	return r.subject.failures
}

// anyInAlarm reports whether one of the alarms of a deployment is in ALARM.
func (s *Sim) anyInAlarm(config alarmConfig) bool {
	return config.enable && len(s.cloudwatch.InAlarm(config.names)) > 0
}

// alarmRaised fails the deployments that watch the alarm. ECS polls
// DescribeAlarms; the model fails them at once.
func (s *Sim) alarmRaised(name string) {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if p := svc.primary(); p != nil && p.watches(name) {
				p.record.triggered = append(p.record.triggered, name)
				p.fail(causeAlarm, p.record.rollout.alarms.rollback)
			}
		}
	}
}

// watches reports whether the alarm can fail the deployment. If one alarm was in
// ALARM at the start, the deployment ignores all its alarms.
func (d *deployment) watches(alarm string) bool {
	config := d.record.rollout.alarms
	if d.rollout != rolloutInProgress || d.record.subject != d || !config.enable || d.record.alarmsIgnored {
		return false
	}
	return slices.Contains(config.names, alarm)
}
