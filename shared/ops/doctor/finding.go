// Package doctor judges an installation that somebody else has read: is it
// whole, permitted, receiving and alive? It is pure, so that each finding is a
// table test. What could not be read is said to be unknown, never to be fine.
package doctor

// Severity says how much a finding matters.
type Severity string

// The severities, from the least to the most. Only Fine and Note leave the
// installation sound.
const (
	// Fine: this was looked at, and it is as it should be.
	Fine Severity = "fine"
	// Note: a fact that a person should know, and nothing to mend.
	Note Severity = "note"
	// Unknown: this could not be read.
	Unknown Severity = "unknown"
	// Warning: something does less than it seems to.
	Warning Severity = "warning"
	// Broken: something does not work.
	Broken Severity = "broken"
)

// Finding is one thing that the doctor saw. Check is stable, for scripts; Cure
// is one sentence, empty where there is nothing to do.
type Finding struct {
	Severity Severity `json:"severity"`
	Check    string   `json:"check"`
	Subject  string   `json:"subject,omitempty"`
	What     string   `json:"what"`
	Cure     string   `json:"cure,omitempty"`
}

// Sound reports whether nothing is to be mended and nothing is unknown.
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
	checkSwitches    = "switches"
	checkPermissions = "permissions"
	checkServices    = "services"
	checkAlarms      = "alarms"
	// Parts of services and of alarms that may be unread by themselves.
	checkScaling = "scaling"
	checkData    = "alarm-data"
)

// sheet collects the findings of one check.
type sheet struct {
	check    string
	findings []Finding
}

func (s *sheet) add(severity Severity, subject, what, cure string) {
	s.findings = append(s.findings, Finding{severity, s.check, subject, what, cure})
}

// or says that all is fine where nothing else was said.
func (s *sheet) or(what string) []Finding {
	for _, f := range s.findings {
		if f.Severity != Note {
			return s.findings
		}
	}
	return append([]Finding{{Severity: Fine, Check: s.check, What: what}}, s.findings...)
}
