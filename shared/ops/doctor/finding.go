// Package doctor examines an installation that package inspect has read. It
// checks the resources, the permissions, the delivery of events and the
// heartbeat. It makes no calls, so that each finding is a table test. An
// unreadable part is a finding of severity unknown, never of severity fine.
package doctor

// Severity ranks a finding.
type Severity string

// The severities, from the least to the most. Only Fine and Note leave the
// installation sound.
const (
	// Fine means that the part was examined and is correct.
	Fine Severity = "fine"
	// Note means a fact for the operator that needs no fix.
	Note Severity = "note"
	// Unknown means that the part could not be read.
	Unknown Severity = "unknown"
	// Warning means that the part works only partly.
	Warning Severity = "warning"
	// Broken means that the part does not work.
	Broken Severity = "broken"
)

// Finding is one result of a check. Check is a stable name for scripts. Fix is
// one sentence, empty if there is nothing to fix.
type Finding struct {
	Severity Severity `json:"severity"`
	Check    string   `json:"check"`
	Subject  string   `json:"subject,omitempty"`
	What     string   `json:"what"`
	Fix      string   `json:"cure,omitempty"`
}

// Sound reports whether nothing needs a fix and nothing is unknown.
func Sound(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity != Fine && f.Severity != Note {
			return false
		}
	}
	return true
}

// The checks, in the order in which they are printed.
const (
	checkStack       = "stack"
	checkTable       = "table"
	checkFunctions   = "functions"
	checkSources     = "event-sources"
	checkRules       = "rules"
	checkQueues      = "dead-letters"
	checkTopic       = "topic"
	checkHeartbeat   = "heartbeat"
	checkClock       = "clock"
	checkPolicy      = "policy"
	checkFreezes     = "switches"
	checkPermissions = "permissions"
	checkServices    = "services"
	checkAlarms      = "alarms"
	// Parts of services and alarms with their own entry in Unread.
	checkScaling = "scaling"
	checkData    = "alarm-data"
)

// collector collects the findings of one check.
type collector struct {
	check    string
	findings []Finding
}

func (s *collector) add(severity Severity, subject, what, fix string) {
	s.findings = append(s.findings, Finding{severity, s.check, subject, what, fix})
}

// orFine returns the findings, with a fine one first if there are only notes.
func (s *collector) orFine(what string) []Finding {
	for _, f := range s.findings {
		if f.Severity != Note {
			return s.findings
		}
	}
	return append([]Finding{{Severity: Fine, Check: s.check, What: what}}, s.findings...)
}
