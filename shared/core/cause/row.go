package cause

import (
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
)

// Place is where a row looks for its texts.
type Place string

// The places.
const (
	// Anywhere is ECS's reason and every container's.
	Anywhere Place = ""
	// TaskReason is ECS's reason alone: what a container says may be older.
	TaskReason Place = "task-reason"
	// ServiceEvent is the name of a service action.
	ServiceEvent Place = "service-event"
	// ExitCode is the exit code of the container that tells most.
	ExitCode Place = "exit-code"
	// Kind is the event's own kind.
	Kind Place = "kind"
)

// Row is one line of the table. All its conditions must hold. Lists are
// written with | between their words; texts are compared in lower case.
type Row struct {
	// ID is stable.
	ID string
	// Codes are the stop codes that the row is about; empty means any but the
	// ones whose own rows decide (UserInitiated, ServiceSchedulerInitiated),
	// and "*" means really any, also none.
	Codes string
	// Place is where the texts are looked for.
	Place Place
	// About lists texts of which one must be there; it says what the message is
	// about, and Any what it says of that.
	About string
	// All lists texts that must all be there.
	All string
	// Any lists texts of which one must be there.
	Any string
	// None lists texts that must not be there.
	None string
	// Launch is the launch type that the row is about; empty means any.
	Launch string
	// Exit is the exit code; "*" means any.
	Exit string
	// Reads says of a service action that its reason decides before the row.
	Reads bool
	Cause fleet.Cause
	// Source is where the text or its meaning is documented or was seen.
	Source string
	// Note says what it means, in a line.
	Note string
}

// Rows is the whole table, in the order in which it is asked.
func Rows() []Row {
	return slices.Concat(orderRows(), healthRows(), hostRows(), runtimeRows(), initRows(), pullRows(), secretRows(),
		startRows(), containerRows(), placementRows(), exitRows(), noticeRows(), []Row{spotWarningRow(), retirementRow(), unknownRow()})
}

// The stop codes, as ECS spells them.
const (
	codeUser      = "UserInitiated"
	codeScheduler = "ServiceSchedulerInitiated"
	codeSpot      = "SpotInterruption"
	codeNotice    = "TerminationNotice"
	codeHealth    = "InfrastructureHealth"
	codeExited    = "EssentialContainerExited"
	codeStart     = "TaskFailedToStart"
)

// facts is what a stop or notice says, in lower case.
type facts struct {
	code   string
	launch string
	task   string
	all    string
}

func newFacts(s *fleet.Stop) facts {
	f := facts{code: s.Code, launch: s.LaunchType, task: normal(s.Reason)}
	f.all = f.task
	for i := range s.Containers {
		if reason := s.Containers[i].Reason; reason != "" {
			f.all += "\n" + normal(reason)
		}
	}
	return f
}

func noticeFacts(n fleet.Notice) facts {
	reason := normal(n.Reason)
	return facts{code: n.Name, task: reason, all: reason}
}

// normal is the text in lower case and with straight apostrophes: AWS writes
// both "can't" and "can’t".
func normal(text string) string {
	text = strings.ToLower(text)
	if strings.ContainsAny(text, "‘’") {
		text = strings.NewReplacer("‘", "'", "’", "'").Replace(text)
	}
	return text
}

// stockExit is what ECS says of every essential container that ended.
const stockExit = "essential container in task exited"

// silent reports whether a container's end is told in ECS's stock sentence and
// nothing else: then no text can say more than the exit code. It is the most
// common end of all, and asking every row about it costs the most.
func (f facts) silent() bool {
	return f.code == codeExited && (f.all == "" || f.all == stockExit)
}

// judgedByExit reports whether exit codes mean anything. Whoever is told to
// stop exits with 137 or 143, and that is nobody's fault.
func (f facts) judgedByExit() bool {
	switch f.code {
	case codeUser, codeScheduler, codeSpot, codeNotice, codeHealth:
		return false
	}
	return true
}

// first is the first row that holds for a stop.
func (f facts) first(rows []Row) (Row, bool) {
	for i := range rows {
		if rows[i].holds(f) {
			return rows[i], true
		}
	}
	return Row{}, false
}

// firstNotice is the first row about a service action of this name.
func (f facts) firstNotice(rows []Row) (Row, bool) {
	for i := range rows {
		if r := &rows[i]; has(r.Codes, f.code) && r.reads(f.all) {
			return *r, true
		}
	}
	return Row{}, false
}

func (r *Row) holds(f facts) bool {
	if !r.about(f.code) || r.Launch != "" && r.Launch != f.launch {
		return false
	}
	if r.Place == TaskReason {
		return r.reads(f.task)
	}
	return r.reads(f.all)
}

func (r *Row) about(code string) bool {
	switch r.Codes {
	case "*":
		return true
	case "":
		return code != codeUser && code != codeScheduler
	}
	return has(r.Codes, code)
}

// reads reports whether the text meets the row's conditions.
func (r *Row) reads(text string) bool {
	if r.About != "" && !contains(text, r.About) || r.Any != "" && !contains(text, r.Any) {
		return false
	}
	if r.None != "" && contains(text, r.None) {
		return false
	}
	for rest := r.All; rest != ""; {
		var item string
		item, rest, _ = strings.Cut(rest, "|")
		if !strings.Contains(text, item) {
			return false
		}
	}
	return true
}

// matches reports whether an exit row is about this code.
func (r *Row) matches(code int) bool {
	return r.Exit == "*" || r.Exit == strconv.Itoa(code)
}

// has reports whether a list written with | has the word.
func has(list, word string) bool {
	for list != "" {
		var item string
		if item, list, _ = strings.Cut(list, "|"); item == word {
			return true
		}
	}
	return false
}

// contains reports whether text has one of a list written with |.
func contains(text, list string) bool {
	for list != "" {
		var item string
		if item, list, _ = strings.Cut(list, "|"); strings.Contains(text, item) {
			return true
		}
	}
	return false
}
