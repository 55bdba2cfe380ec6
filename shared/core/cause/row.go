package cause

import (
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
)

// Place selects the texts that a row searches.
type Place string

// The places.
const (
	// Anywhere is the reason of ECS and of every container.
	Anywhere Place = ""
	// TaskReason is only the reason of ECS. A container's reason may be older.
	TaskReason Place = "task-reason"
	// ServiceEvent is the name of a service action.
	ServiceEvent Place = "service-event"
	// ExitCode is the exit code of the container with the most specific one.
	ExitCode Place = "exit-code"
	// Kind is the event's own kind.
	Kind Place = "kind"
)

// Row is one line of the table. It matches if all its conditions match. Lists
// have | between their words, and texts are compared in lower case.
type Row struct {
	// ID is stable.
	ID string
	// Codes lists the stop codes. Empty means any code except UserInitiated and
	// ServiceSchedulerInitiated, which have their own rows. "*" means any code or
	// none.
	Codes string
	// Place selects the searched texts.
	Place Place
	// About lists texts for the subject of the message. At least one must occur.
	About string
	// All lists texts that must all occur.
	All string
	// Any lists texts for the error in the message. At least one must occur.
	Any string
	// None lists texts that must not occur.
	None string
	// Status is the class of the HTTP status in the text; empty means any, or none.
	Status string
	// Launch lists the launch types; empty means any.
	Launch string
	// Exit is the exit code; "*" means any.
	Exit string
	// Reads reports whether the reason of a service action decides before the row.
	Reads bool
	Cause fleet.Cause
	// Source names the documentation or an occurrence of the text.
	Source string
	// Note explains the cause in one line.
	Note string
}

// Rows returns the whole table in the order of the search.
func Rows() []Row {
	return slices.Concat(orderRows(), healthRows(), hostRows(), runtimeRows(), machineRows(), initRows(), pullRows(), secretRows(),
		startRows(), containerRows(), placementRows(), exitRows(), noticeRows(), []Row{spotWarningRow(), retirementRow(), unknownRow()})
}

// The ids of rows that the code names.
const (
	rowUnknown         = "unknown"
	rowContainerHealth = "container-health"
)

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

// facts holds the codes and texts of a stop or a notice, in lower case.
type facts struct {
	code   string
	launch string
	task   string
	all    string
}

func newFacts(s *fleet.Stop, containers []fleet.ContainerExit) facts {
	f := facts{code: s.Code, launch: s.LaunchType, task: normal(s.Reason)}
	f.all = f.task
	for i := range containers {
		if reason := containers[i].Reason; reason != "" {
			f.all += "\n" + normal(reason)
		}
	}
	return f
}

func noticeFacts(n fleet.Notice) facts {
	reason := normal(n.Reason)
	return facts{code: n.Name, task: reason, all: reason}
}

// normal returns the text in lower case and with straight apostrophes, because
// AWS writes both "can't" and "can’t".
func normal(text string) string {
	text = strings.ToLower(text)
	if strings.ContainsAny(text, "‘’") {
		text = strings.NewReplacer("‘", "'", "’", "'").Replace(text)
	}
	return text
}

// stockExit is the standard text of ECS for the end of an essential container.
const stockExit = "essential container in task exited"

// onlyExit reports whether the stop has only the standard text of ECS, so that the
// exit code decides. This is the most common stop, and the check skips the search
// through all rows.
func (f facts) onlyExit() bool {
	return f.code == codeExited && (f.all == "" || f.all == stockExit)
}

// exitCodesCount reports whether the exit codes are evidence. After an ordered
// stop, containers exit with 137 or 143 without a fault.
func (f facts) exitCodesCount() bool {
	switch f.code {
	case codeUser, codeScheduler, codeSpot, codeNotice, codeHealth:
		return false
	}
	return true
}

// first returns the first row that matches a stop.
func (f facts) first(rows []Row) (Row, bool) {
	for i := range rows {
		if rows[i].matchesStop(f) {
			return rows[i], true
		}
	}
	return Row{}, false
}

// firstNotice returns the first row for a service action of this name.
func (f facts) firstNotice(rows []Row) (Row, bool) {
	for i := range rows {
		if r := &rows[i]; has(r.Codes, f.code) && r.reads(f.all) {
			return *r, true
		}
	}
	return Row{}, false
}

// matchesStop reports whether the row matches a stop.
func (r *Row) matchesStop(f facts) bool {
	if !r.about(f.code) || r.Launch != "" && !has(r.Launch, f.launch) {
		return false
	}
	if r.Place == TaskReason {
		return r.reads(f.task)
	}
	return r.reads(f.all)
}

// about reports whether the row is for a stop code.
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
	if r.None != "" && contains(text, r.None) || r.Status != "" && statusOf(text) != r.Status {
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

// matches reports whether an exit row is for a code.
func (r *Row) matches(code int) bool {
	return r.Exit == "*" || r.Exit == strconv.Itoa(code)
}

// has reports whether a list with | contains the word.
func has(list, word string) bool {
	for list != "" {
		var item string
		if item, list, _ = strings.Cut(list, "|"); item == word {
			return true
		}
	}
	return false
}

// contains reports whether the text has a word of a list with |.
func contains(text, list string) bool {
	for list != "" {
		var item string
		if item, list, _ = strings.Cut(list, "|"); strings.Contains(text, item) {
			return true
		}
	}
	return false
}
