package fleet

import (
	"slices"
	"time"
)

// Issue is a trouble outside of all revisions: an operational issue that AWS Health
// reports, or a managed daemon that fails on a host or is being deployed.
type Issue struct {
	// ID is the ARN of the Health event, or names the daemon and its host. A later
	// event of the same ID replaces the issue.
	ID string `json:"id"`
	// Service is the affected service in the spelling of AWS Health, such as "ECS"; or
	// "daemon" for a managed daemon.
	Service string `json:"service"`
	// Code is the type of the event, such as "AWS_ECS_OPERATIONAL_ISSUE".
	Code string `json:"code"`
	// Host is the container instance of a failing daemon; empty for all hosts.
	Host string `json:"host,omitempty"`
	// Since is the start of the issue; zero if it is unknown. Closed is true once it
	// has ended.
	Since  time.Time `json:"since,omitzero"`
	Closed bool      `json:"closed,omitempty"`
	// Text is the description of AWS.
	Text string `json:"text,omitempty"`
	// FirstSeen and SeenAt are the times of the first and of the latest event.
	FirstSeen time.Time `json:"first,omitzero"`
	SeenAt    time.Time `json:"seen,omitzero"`
}

// DaemonService is the Service of the issue of a managed daemon.
const DaemonService = "daemon"

// issueCauses are the causes that an issue of a service can bring about.
type issueCauses struct {
	service string
	causes  []Cause
}

// issues lists the services in the spelling of AWS Health, with the causes that their
// issues explain. No issue of AWS explains a missing image, another platform or the
// exit of an application. The causes are chosen.
func issues() []issueCauses {
	return []issueCauses{
		{"ECS", []Cause{PullDenied, SecretMissing, SecretDenied, RoleUnusable, LogDriver, Volume, SubnetFull}},
		{"ECR", []Cause{PullDenied}},
		{"SECRETSMANAGER", []Cause{SecretMissing, SecretDenied}},
		{"SSM", []Cause{SecretMissing, SecretDenied}},
		{"IAM", []Cause{PullDenied, SecretDenied, RoleUnusable}},
		{"CLOUDWATCH", []Cause{LogDriver}},
		{"ELASTICFILESYSTEM", []Cause{Volume}},
		{"ELASTICLOADBALANCING", []Cause{ELBHealth}},
	}
}

// IssueServices returns the services whose operational issues count, in the spelling of
// AWS Health.
func IssueServices() []string {
	var out []string
	for _, i := range issues() {
		out = append(out, i.service)
	}
	return out
}

// Explains reports whether the issue can bring about a cause that would count against a
// revision.
func (i Issue) Explains(c Cause) bool {
	at := slices.IndexFunc(issues(), func(known issueCauses) bool { return known.service == i.Service })
	return at >= 0 && slices.Contains(issues()[at].causes, c)
}

// Open reports whether the issue counts at now: it has not ended, or lately, and an
// event named it lately.
func (i Issue) Open(now time.Time) bool { return now.Before(i.until()) }

// until returns the end of the time in which the issue counts.
func (i Issue) until() time.Time {
	switch {
	case i.Closed:
		return i.SeenAt.Add(issueGrace)
	case i.Host != "":
		return i.SeenAt.Add(hostIssueFor)
	}
	return i.SeenAt.Add(issueFor)
}

// covers reports whether the issue counted at a time. AWS Health reports an issue after
// its start, so the time before the first event counts too, for at most issueFor.
func (i Issue) covers(at time.Time) bool {
	from := i.FirstSeen.Add(-issueFor)
	switch {
	case i.Since.IsZero(), i.Since.After(i.FirstSeen):
		from = i.FirstSeen
	case i.Since.After(from):
		from = i.Since
	}
	return !at.Before(from) && at.Before(i.until())
}

// Tolerated reports whether a task failed in the time of an issue that explains it: by its
// cause, or by its host. Such a failure counts for nothing, also after the end of the issue.
func (m Memory) Tolerated(life TaskLife) bool {
	if life.StoppedAt.IsZero() {
		return false
	}
	for _, i := range m.Issues {
		if (i.Explains(life.Cause) || i.Host != "" && i.Host == life.Host) && i.covers(life.StoppedAt) {
			return true
		}
	}
	return false
}

// OpenIssues returns the issues that count at now, by ID.
func (m Memory) OpenIssues(now time.Time) []Issue {
	var out []Issue
	for _, i := range m.Issues {
		if i.Open(now) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b Issue) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}

// foldIssue keeps the newest state of an issue.
func (m *Memory) foldIssue(t Trigger, now time.Time) {
	if t.Issue == nil || t.Issue.ID == "" {
		return
	}
	issue := *t.Issue
	issue.SeenAt = firstTime(t.At, now)
	issue.FirstSeen = issue.SeenAt
	if known, ok := m.Issues[issue.ID]; ok {
		first := issue.FirstSeen
		if known.FirstSeen.Before(first) {
			first = known.FirstSeen
		}
		if known.SeenAt.After(issue.SeenAt) {
			issue = known // a late event with an older state
		}
		issue.FirstSeen = first
	}
	if m.Issues == nil {
		m.Issues = map[string]Issue{}
	}
	m.Issues[issue.ID] = issue
	for len(m.Issues) > maxIssues {
		oldest := ""
		for id, other := range m.Issues {
			if oldest == "" || earlier(other.SeenAt, id, m.Issues[oldest].SeenAt, oldest) {
				oldest = id
			}
		}
		delete(m.Issues, oldest)
	}
}
