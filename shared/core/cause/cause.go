// Package cause says why a task stopped, or why an action of a service failed.
//
// The knowledge is a table (Rows) that a person can check line by line. It is
// asked in the order of the design: the stop code first, the texts second, the
// exit codes last; a text wins over a code where it says more.
package cause

import (
	"strconv"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
)

// Finding is the answer: a cause, its family, one sentence for a person, and
// the id of the row of the table that gave it. It is zero for a trigger that
// is not about a failure or an end.
type Finding struct {
	Cause  fleet.Cause
	Family fleet.Family
	Why    string
	Row    string
}

// Of classifies a trigger. It is total: every stop of a task and every failed
// service action has a cause, if only unknown.
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
	if f.silent() {
		return ofExit(s.Containers)
	}
	for _, rows := range [...]func() []Row{
		orderRows, healthRows, hostRows, runtimeRows, initRows, pullRows, secretRows, startRows, containerRows, placementRows,
	} {
		if row, ok := f.first(rows()); ok {
			return row.finding()
		}
	}
	if f.judgedByExit() {
		return ofExit(s.Containers)
	}
	return unknown()
}

func (r Row) finding() Finding {
	return Finding{Cause: r.Cause, Family: r.Cause.Family(), Why: r.Note, Row: r.ID}
}

func unknown() Finding { return unknownRow().finding() }

// ofExit is the last resort. Of several containers the one that tells most
// counts: its own failure, then a kill, then a request to end, then success.
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

// ofNotice classifies a service action. Only those that are a failure have a
// cause.
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
