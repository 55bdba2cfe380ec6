package ecssim

import (
	"slices"
	"time"
)

// taskState is a lastStatus, in the order of the lifecycle.
type taskState int

const (
	taskProvisioning taskState = iota
	taskPending
	taskActivating
	taskRunning
	taskDeactivating
	taskStopping
	taskDeprovisioning
	taskStopped
)

// String returns ECS's name of the state.
func (s taskState) String() string {
	return [...]string{
		"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING",
		"DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED",
	}[s]
}

// The values of healthStatus.
const (
	healthUnknown   = "UNKNOWN"
	healthHealthy   = "HEALTHY"
	healthUnhealthy = "UNHEALTHY"
)

// The stop codes.
const (
	stopFailedToStart  = "TaskFailedToStart"
	stopEssential      = "EssentialContainerExited"
	stopUser           = "UserInitiated"
	stopScheduler      = "ServiceSchedulerInitiated"
	stopSpot           = "SpotInterruption"
	stopTermination    = "TerminationNotice"
	stopInfrastructure = "InfrastructureHealth"
)

const (
	exitTerminated = 143 // ended by SIGTERM
	exitKilled     = 137 // ended by SIGKILL

	exitedReason = "Essential container in task exited"
	oomReason    = "OutOfMemoryError: Container killed due to memory usage"
)

// task is one task, of a service or standalone.
type task struct {
	sim        *Sim
	cluster    *cluster
	service    *service    // nil for a standalone task
	deployment *deployment // nil for a standalone task
	td         *taskDefinition
	id, arn    string
	group      string
	startedBy  string
	taskSize
	overrides taskOverrides
	exec      bool     // enableExecuteCommand
	runtimes  []string // runtimeIds of the containers
	digests   []string
	behaviour Behaviour

	last, desired taskState
	version       int
	taskPlace
	taskTimes
	taskEnd
	taskHealth
	taskTrouble
}

// taskSize are the resources of a task: CPU units, MiB, and GiB of ephemeral
// storage.
type taskSize struct {
	cpu, memory  string
	ephemeralGiB int
}

// taskPlace is the placement of a task.
type taskPlace struct {
	launchType string
	provider   string // capacity provider
	zone       string
	host       *instance
	network    attachment
}

// taskTimes are the times of the lifecycle. Zero means not yet.
type taskTimes struct {
	created, connected               time.Time
	pullStart, pullStop              time.Time
	started                          time.Time
	stopping, executionStop, stopped time.Time
}

// taskEnd is the cause and the form of a task's end.
type taskEnd struct {
	stopCode   string
	stopReason string
	exitCode   *int
	exitReason string // of the main container
	// ends are the ends of the other containers that ended before the task.
	ends map[int]ContainerEnd
}

// taskHealth is the view of the scheduler and the load balancer.
type taskHealth struct {
	answers   bool // the application can serve
	failing   bool // the application fails for good
	checks    []*healthCheck
	unhealthy *healthCheck // the failed check that the scheduler acts on, or nil
	protected time.Time    // end of the protection from scale-in; zero means none
	moving    string       // the reason of a replacement elsewhere, or ""
	healthy   time.Time    // time from which the scheduler counts it as healthy; zero means not yet
	afterPass func()       // runs when it becomes healthy; may be nil
}

// taskTrouble holds the faults of a task.
type taskTrouble struct {
	defective   bool      // the defect of the image has appeared
	wrongSecret bool      // it read a wrong value
	restarted   time.Time // time of the last restart of its main container; zero means never
	hit         string    // the outage that makes it fail
	oomAt       time.Time // time when its memory reaches the limit
}

// passing reports whether the scheduler counts the task as healthy.
func (t *task) passing() bool {
	return t.last == taskRunning && t.unhealthy == nil && !t.healthy.IsZero()
}

// serving reports whether the task takes requests: its application answers, and
// its target is healthy if it has one.
func (t *task) serving() bool {
	if t.last != taskRunning || !t.answers {
		return false
	}
	for _, c := range t.checks {
		if c.balancer {
			return c.passed && !c.failed
		}
	}
	return true
}

// health returns the task's healthStatus, from its container health check.
func (t *task) health() string {
	if t.last < taskRunning || t.last == taskStopped {
		return healthUnknown
	}
	for _, c := range t.checks {
		switch {
		case c.balancer:
		case c.failed:
			return healthUnhealthy
		case c.passed:
			return healthHealthy
		}
	}
	return healthUnknown
}

// enter moves the task to a state, increments the version and emits the event.
func (t *task) enter(state taskState) {
	t.change(func() { t.last = state })
	t.version++
	t.sim.emitTask(t)
}

// change changes a property that the load on the service depends on. It first
// adds the results until now.
func (t *task) change(alter func()) {
	if t.service == nil {
		alter()
		return
	}
	t.service.accrue()
	alter()
	t.service.recount()
}

// later runs the next step of the task's start after d, unless the task was
// stopped before.
func (t *task) later(d time.Duration, step func()) {
	t.sim.after(d, func() {
		if t.desired == taskRunning {
			step()
		}
	})
}

// begin starts the task. A third of the time to RUNNING is provisioning, most of
// the rest pulling the image.
func (t *task) begin(missing map[int]string) {
	delay := t.behaviour.StartDelay.draw(t.sim.entropy)
	failure := t.startFailure(missing)
	t.version = 1
	t.sim.emitTask(t)
	t.later(delay*provisionTenths/10, func() {
		t.connected, t.pullStart = t.sim.Now(), t.sim.Now()
		t.enter(taskPending)
	})
	if failure.cause != "" {
		t.later(delay*pullTenths/10, func() { t.failToStart(failure, t.td.needs(missing)) })
		return
	}
	t.later(delay*pullTenths/10, func() {
		t.pullStop = t.sim.Now()
		t.leaveOut(missing)
		if t.service != nil && t.service.balanced() {
			t.enter(taskActivating)
		}
	})
	wait, failed := t.dependencies()
	if failed != "" {
		t.later(delay+wait, func() { t.failDependency(failed) })
		return
	}
	t.later(delay+wait, t.run)
}

// run starts the containers.
func (t *task) run() {
	e, b := t.sim.entropy, &t.behaviour
	t.started = t.sim.Now()
	t.noteFirstRun()
	exits := e.happens(b.Exit.Probability) || t.exitsByDefect() || t.meetsWrongSecret()
	exitAfter := time.Duration(0)
	if exits {
		exitAfter = b.Exit.After.draw(e)
	}
	if exits && !b.Exit.OnceHealthy && exitAfter < t.sim.config.Model.InstantExit {
		t.exit(b.Exit.Code, b.Exit.OOM)
		return
	}
	if exits && b.Exit.OOM {
		t.oomAt = t.started.Add(exitAfter)
	}
	t.enter(taskRunning)
	switch {
	case exits && b.Exit.OnceHealthy:
		t.afterPass = func() { t.later(exitAfter, func() { t.exit(b.Exit.Code, b.Exit.OOM) }) }
	case exits:
		t.later(exitAfter, func() { t.exit(b.Exit.Code, b.Exit.OOM) })
	}
	t.sim.exitInOutage(t)
	t.watchMemory()
	t.watchHealth()
	t.runOthers()
	if t.service != nil {
		t.service.ran(t)
	}
}

// exit ends the essential container without an order.
func (t *task) exit(code int, oom bool) {
	if oom {
		code = exitKilled
	}
	if t.restarts(t.td.main(), code, t.began()) {
		t.restart()
		return
	}
	early := t.last < taskRunning
	t.order(stopEssential, exitedReason)
	t.executionStop = t.sim.Now()
	if oom {
		t.exitReason = oomReason
	}
	if code == 0 && t.wrongSecret {
		code = 1
	}
	t.exitCode = &code
	t.writeLastLines()
	t.failed()
	if early && t.service != nil {
		t.service.neverRan(t)
	}
	t.enter(taskDeprovisioning)
	t.sim.after(t.sim.config.Model.Deprovision, t.end)
}

// failed counts a failure of the task itself for the report.
func (t *task) failed() {
	if t.service == nil {
		return
	}
	t.service.load.stats.TasksFailed++
	if t.stopCode == stopFailedToStart {
		t.service.neverRan(t)
	}
}

// order orders the stop of the task, with its code and reason.
func (t *task) order(code, reason string) {
	t.change(func() {
		t.desired, t.stopCode, t.stopReason, t.stopping = taskStopped, code, reason, t.sim.Now()
	})
	if t.service != nil {
		t.service.wakeScheduler()
	}
}

// stop stops the task in an orderly way: it drains connections, sends SIGTERM and
// releases the network.
func (t *task) stop(code, reason string) {
	if t.desired == taskStopped {
		return
	}
	if code == stopScheduler {
		t.service.addEvent("has stopped 1 running tasks: (task " + t.id + ").")
	}
	t.order(code, reason)
	t.shutDown()
}

// shutDown takes a running or starting task to STOPPED.
func (t *task) shutDown() {
	switch {
	case t.last < taskRunning:
		t.executionStop = t.sim.Now()
		t.enter(taskDeprovisioning)
		t.sim.after(t.sim.config.Model.Deprovision, t.end)
	case t.service != nil && t.service.balanced():
		t.enter(taskDeactivating)
		t.sim.after(t.service.drainDelay(), t.terminate)
	default:
		t.terminate()
	}
}

func (t *task) terminate() {
	t.enter(taskStopping)
	delay := t.behaviour.StopDelay.draw(t.sim.entropy)
	code := exitTerminated
	if kill := t.td.containers[t.td.main()].stopTimeout; delay >= kill {
		delay, code = kill, exitKilled
	}
	t.sim.after(delay, func() {
		t.exitCode, t.executionStop = &code, t.sim.Now()
		t.enter(taskDeprovisioning)
		t.sim.after(t.sim.config.Model.Deprovision, t.end)
	})
}

// end enters STOPPED, the last state.
func (t *task) end() {
	if t.last == taskStopped {
		return
	}
	t.stopped = t.sim.Now()
	if t.executionStop.IsZero() {
		t.executionStop = t.stopped
	}
	if t.host != nil {
		t.host.release(t)
	}
	t.enter(taskStopped)
	if svc := t.service; svc != nil {
		svc.accrue()
		t.billMinimum()
		if i := slices.Index(svc.live, t); i >= 0 {
			svc.live = slices.Delete(svc.live, i, i+1)
		}
		svc.recount()
		svc.wakeScheduler()
	}
	t.sim.after(stoppedFor, func() { t.cluster.forget(t) })
}

// billMinimum adds the rest of the least time that Fargate bills. Billing starts
// with the pull of the image.
func (t *task) billMinimum() {
	if t.launchType != launchFargate || t.pullStart.IsZero() {
		return
	}
	if missing := t.sim.config.MinimumBill - t.stopped.Sub(t.pullStart); missing > 0 {
		t.service.load.stats.TaskSeconds += missing.Seconds()
	}
}

// vanish ends the task with its host, without an orderly stop.
func (t *task) vanish(code, reason string) {
	if t.desired == taskStopped && t.last > taskRunning {
		return
	}
	t.order(code, reason)
	t.end()
}
