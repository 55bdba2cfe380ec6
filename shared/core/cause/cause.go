// Package cause classifies the stop of a task or the failure of a service action.
//
// Rows is the table of the rules. The first match counts: the stop codes first,
// the texts second and the exit codes last. A more specific text has priority
// over a code.
package cause

import (
	"strconv"

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
}

// Of classifies a trigger. Every stop of a task and every failed service action
// has a cause, at least the unknown one.
func Of(t fleet.Trigger) Finding {
	switch route.Of(t.Kind).Cause {
	case route.CauseOfStop:
		return ofStop(t.Stop)
	case route.CauseOfNotice:
		return ofNotice(t.Notice)
	case route.CauseSpot:
		return spotWarningRow().finding()
	case route.CauseRetirement:
		return retirementRow().finding()
	}
	return Finding{}
}

func ofStop(s *fleet.Stop) Finding {
	if s == nil {
		return unknown()
	}
	f := newFacts(s)
	if f.onlyExit() {
		return ofExit(s.Containers)
	}
	for _, rows := range [...]func() []Row{
		orderRows, healthRows, hostRows, runtimeRows, initRows, pullRows, secretRows, startRows, containerRows, placementRows,
	} {
		if row, ok := f.first(rows()); ok {
			return row.finding()
		}
	}
	if f.exitCodesCount() {
		return ofExit(s.Containers)
	}
	return unknown()
}

func (r Row) finding() Finding {
	return Finding{Cause: r.Cause, Family: r.Cause.Family(), Why: r.Note, Row: r.ID}
}

func unknown() Finding { return unknownRow().finding() }

// ofExit classifies by exit codes. Of several containers the most specific code
// counts: first a failure, then a kill, then SIGTERM, then success.
func ofExit(containers []fleet.ContainerExit) Finding {
	worst := -1
	for i := range containers {
		if containers[i].ExitCode == nil {
			continue
		}
		if worst < 0 || rank(*containers[i].ExitCode) > rank(*containers[worst].ExitCode) {
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
			f.Why = "container " + strconv.Quote(containers[worst].Name) + " exited with " + strconv.Itoa(code) + ": " + row.Note
			return f
		}
	}
	return unknown()
}

// rank returns the priority of an exit code.
func rank(code int) int {
	switch code {
	case 0:
		return 0
	case 143:
		return 1
	case 137:
		return 2
	}
	return 3
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
	for _, rows := range [...]func() []Row{runtimeRows, initRows, pullRows, secretRows, startRows, containerRows, placementRows} {
		if row, ok := f.first(rows()); ok {
			return row.finding()
		}
	}
	return kind.finding()
}
