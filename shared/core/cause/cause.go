// Package cause classifies the stop of a task or the failure of a service action.
//
// Rows is the table of the rules. The first match counts: the stop codes first,
// the texts second and the exit codes last. A more specific text has priority
// over a code.
package cause

import (
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
)

// Finding is the result: a cause, its family, one sentence for the operator, and
// the id of the matching row. It is zero for a trigger that reports no stop and no
// failure.
type Finding struct {
	Cause  fleet.Cause
	Family fleet.Family
	Why    string
	Row    string
	// Container is the name of the container that decided; empty if none did, or if
	// it has no name.
	Container string
	// Notes says what the containers said that did not decide.
	Notes []string
}

// Of classifies a trigger by itself. Every stop of a task and every failed service
// action has a cause, at least the unknown one.
func Of(t fleet.Trigger) Finding { return Within(t, nil) }

// Within classifies a trigger with the task definition of its task, so that only the
// essential containers decide. Without a definition it is Of.
func Within(t fleet.Trigger, d *fleet.Definition) Finding {
	switch route.Of(t.Kind).Cause {
	case route.CauseOfStop:
		return ofStop(t.Stop, d)
	case route.CauseOfNotice:
		return ofNotice(t.Notice)
	case route.CauseSpot:
		return spotWarningRow().finding()
	case route.CauseRetirement:
		return retirementRow().finding()
	}
	return Finding{}
}

// ofStop classifies a stop by the containers that decide. If they and the task said
// nothing, the containers that they waited for decide.
func ofStop(s *fleet.Stop, d *fleet.Definition) Finding {
	if s == nil {
		return unknown()
	}
	deciding, notes := split(s, d)
	f := ofContainers(s, deciding)
	if f.Row == rowUnknown && s.Code == codeStart {
		if before, target := awaited(s.Containers, d); len(before) > 0 {
			if of := ofContainers(s, before); of.Row != rowUnknown {
				f = of
				f.Why = "container " + strconv.Quote(target) + " waits for " + strconv.Quote(of.Container) + ": " + of.Why
			}
		}
	}
	f.Notes = noteTexts(notes, d)
	if f.Row == rowContainerHealth {
		f.nameUnhealthy(s, d)
	}
	return f
}

// nameUnhealthy names the containers whose health check failed: those that ECS describes
// as unhealthy, else all that can have failed.
func (f *Finding) nameUnhealthy(s *fleet.Stop, d *fleet.Definition) {
	names := unhealthy(s, d)
	if len(names) == 0 {
		names = checked(d)
	}
	if len(names) == 0 && len(s.Containers) == 1 {
		f.Container = s.Containers[0].Name
		return
	}
	if len(names) == 1 {
		f.Container = names[0]
	}
	if len(names) > 0 {
		f.Why += ": container " + strings.Join(quoted(names), " or ")
	}
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strconv.Quote(name)
	}
	return out
}

// ofContainers classifies a stop by the texts and exit codes of some containers.
func ofContainers(s *fleet.Stop, containers []fleet.ContainerExit) Finding {
	f := newFacts(s, containers)
	if f.onlyExit() {
		return ofExit(containers, forced(s))
	}
	for _, rows := range [...]func() []Row{
		orderRows, healthRows, hostRows, runtimeRows, machineRows, initRows, pullRows, secretRows, startRows, containerRows, placementRows,
	} {
		if row, ok := f.first(rows()); ok {
			return row.of(f, s, containers)
		}
	}
	if f.exitCodesCount() {
		return ofExit(containers, forced(s))
	}
	return unknown()
}

func (r Row) finding() Finding {
	return Finding{Cause: r.Cause, Family: r.Cause.Family(), Why: r.Note, Row: r.ID}
}

// of returns the finding of a row that matched by a text. It names the container whose
// text matched, and the dependency that a container waited for.
func (r Row) of(f facts, s *fleet.Stop, containers []fleet.ContainerExit) Finding {
	out := r.finding()
	if r.Place == TaskReason {
		return out
	}
	said := s.Reason
	for i := range containers {
		own := facts{code: f.code, launch: f.launch, all: normal(containers[i].Reason)}
		if containers[i].Reason != "" && r.matchesStop(own) {
			out.Container, said = containers[i].Name, containers[i].Reason
			break
		}
	}
	if dependency, target := dependencyOf(said); dependency != "" {
		out.Container = dependency
		out.Why += ": " + strconv.Quote(target) + " waits for " + strconv.Quote(dependency)
	}
	return out
}

func unknown() Finding { return unknownRow().finding() }

// ofExit classifies by exit codes. Of several containers the code with the highest
// rank counts.
func ofExit(containers []fleet.ContainerExit, forced bool) Finding {
	worst := -1
	for i := range containers {
		if containers[i].ExitCode == nil {
			continue
		}
		if worst < 0 || rank(*containers[i].ExitCode, forced) > rank(*containers[worst].ExitCode, forced) {
			worst = i
		}
	}
	if worst < 0 {
		return unknown()
	}
	code := *containers[worst].ExitCode
	for _, row := range exitRows() {
		if row.matches(code) {
			f := row.finding()
			f.Container = containers[worst].Name
			f.Why = "container " + strconv.Quote(f.Container) + " exited with " + strconv.Itoa(code) + ": " + row.Note
			return f
		}
	}
	return unknown()
}

// ofNotice classifies a service action. Only failures have a cause.
func ofNotice(n fleet.Notice) Finding {
	f := noticeFacts(n)
	kind, ok := f.firstNotice(noticeRows())
	if !ok {
		return Finding{}
	}
	if !kind.Reads {
		return kind.finding()
	}
	for _, rows := range [...]func() []Row{runtimeRows, machineRows, initRows, pullRows, secretRows, startRows, containerRows, placementRows} {
		if row, ok := f.first(rows()); ok {
			return row.finding()
		}
	}
	return kind.finding()
}
