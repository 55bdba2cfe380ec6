package ecssim

import (
	"time"

	"homeostat/shared/core/fleet"
)

// ContainerEnd is the end of a container of a task. A nil Code means that the container
// never ran.
type ContainerEnd struct {
	Code   *int
	Reason string
}

// needs returns the first essential container among those with a missing image, or -1.
// AWS: a task goes on without a container that is not essential, whatever stops it (API
// reference of ContainerDefinition, essential).
func (td *taskDefinition) needs(missing map[int]string) int {
	for i, c := range td.containers {
		if _, lacks := missing[i]; lacks && c.essential {
			return i
		}
	}
	return -1
}

// said returns what the stop events say of a container, by the family.
func (td *taskDefinition) said(i int) (end ContainerEnd, ok bool) {
	if i == td.main() {
		return end, false
	}
	end, ok = td.of.ends[td.containers[i].name]
	return end, ok
}

// leaveOut ends the containers without their image, and those that never run by their
// family. The task goes on.
func (t *task) leaveOut(missing map[int]string) {
	for i := range t.td.containers {
		if reference, lacks := missing[i]; lacks {
			t.endOther(i, ContainerEnd{Reason: failureOf(fleet.ImageMissing, reference).text})
		} else if end, ok := t.td.said(i); ok && end.Code == nil && !t.td.containers[i].essential {
			t.endOther(i, end)
		}
	}
}

// endOther keeps the end of a container that is not the main one.
func (t *task) endOther(i int, end ContainerEnd) {
	if t.ends == nil {
		t.ends = map[int]ContainerEnd{}
	}
	t.ends[i] = end
}

// neverRan reports whether the container never ran in a task that was pulled.
func (t *task) neverRan(i int) bool {
	end, ended := t.ends[i]
	return ended && end.Code == nil
}

// runOthers runs the containers beside the main one. Those with an image of their own
// end as the image says. A container of the application's image has no end of its own.
func (t *task) runOthers() {
	main := t.td.main()
	for i := range t.td.containers {
		if _, ended := t.ends[i]; ended || i == main || t.digests[i] == "" || t.digests[i] == t.digests[main] {
			continue
		}
		if b, ok := t.sim.behaviours[t.digests[i]]; ok && b.Exit.Probability > 0 {
			t.runOther(i, b.Defaults())
		}
	}
}

func (t *task) runOther(i int, b Behaviour) {
	if !t.sim.entropy.happens(b.Exit.Probability) {
		return
	}
	began := t.sim.Now()
	t.later(b.Exit.After.draw(t.sim.entropy), func() { t.exitOther(i, b, began) })
}

// exitOther ends a container beside the main one. The exit of an essential container
// stops the others with SIGTERM. AWS: API reference of ContainerDefinition, essential.
func (t *task) exitOther(i int, b Behaviour, began time.Time) {
	code, reason := b.Exit.Code, ""
	if b.Exit.OOM {
		code, reason = exitKilled, oomReason
	}
	t.writeOther(i, b)
	if t.restarts(i, code, began) {
		t.runOther(i, b)
		return
	}
	t.endOther(i, ContainerEnd{Code: &code, Reason: reason})
	if !t.td.containers[i].essential {
		return
	}
	t.order(stopEssential, exitedReason)
	t.failed()
	t.terminate()
}

// writeOther writes the last lines of a container beside the main one.
func (t *task) writeOther(i int, b Behaviour) {
	lines := b.Logs
	if len(lines) == 0 {
		lines = []string{"level=INFO msg=\"starting\" image=" + t.td.containers[i].image, "level=ERROR msg=\"giving up\""}
	}
	t.write(i, lines)
	if group, stream := t.streamOf(i); group != "" {
		t.sim.after(logsFor, func() { t.sim.logs.Forget(group, stream) })
	}
}

// exitOf returns the exit code and the reason of a container. The main container has
// those of the task. The others are stopped with it, unless they ended before.
func (t *task) exitOf(i int) (*int, string) {
	if end, ended := t.ends[i]; ended {
		return end.Code, end.Reason
	}
	if t.last < taskDeprovisioning {
		return nil, ""
	}
	if i == t.td.main() {
		return t.exitCode, t.exitReason
	}
	end, said := t.td.said(i)
	switch {
	case said && (!t.started.IsZero() || end.Code == nil):
		return end.Code, end.Reason
	case t.exitCode == nil:
		return nil, ""
	}
	code := exitTerminated
	return &code, ""
}
