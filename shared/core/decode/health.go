package decode

import (
	"slices"
	"strings"

	"homeostat/shared/core/fleet"
)

const retirementCode = "AWS_ECS_TASK_PATCHING_RETIREMENT"

// health reads an AWS Health Event. It returns one trigger for each task or service
// of a retirement, and one for an operational issue.
func health(e event) []fleet.Trigger {
	d, t := e.detail, e.base
	service, code := d.text("service"), d.text("eventTypeCode")
	t.Reason = code
	if start := d.text("startTime"); start != "" {
		t.Reason += " from " + start
	}
	if d.text("eventTypeCategory") == "issue" && slices.Contains(fleet.IssueServices(), service) {
		return []fleet.Trigger{operationalIssue(e)}
	}
	entities := affected(e)
	if service != "ECS" || code != retirementCode {
		return []fleet.Trigger{ignored(t, "the health event retires no ECS task: "+quote(code))}
	}
	t.Kind = fleet.TaskRetirement
	var out []fleet.Trigger
	for _, entity := range entities {
		if one := t; retired(&one, entity) {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		out = append(out, t)
	}
	return out
}

// operationalIssue reads an issue of a service of AWS. The envelope's region is that of
// the delivery; the event names the affected one.
// Source: AWS Health user guide, aws-health-events-eventbridge-schema.html.
func operationalIssue(e event) fleet.Trigger {
	d, t := e.detail, e.base
	id := d.text("eventArn")
	if a, ok := parseARN(id); ok && a.region != "" && a.region != "global" {
		t.Region, t.Partition = a.region, a.partition
	}
	if region := d.text("eventRegion"); region != "" && region != "global" {
		t.Region = region
	}
	t.Kind = fleet.HealthIssue
	t.Issue = &fleet.Issue{
		ID: id, Service: d.text("service"), Code: d.text("eventTypeCode"),
		Since: d.time("startTime"), Closed: d.text("statusCode") == "closed",
	}
	for description := range d.list("eventDescription").objects() {
		t.Issue.Text = description.text("latestDescription")
		break
	}
	if id == "" {
		return ignored(t, "the issue has no eventArn")
	}
	t.Reason = t.Issue.Code
	if t.Issue.Closed {
		t.Reason += " has ended"
	}
	if t.Issue.Text != "" {
		t.Reason += ": " + t.Issue.Text
	}
	return t
}

// affected lists the resources of the event, each once: Health repeats its
// resources among the affected entities.
func affected(e event) []string {
	var out []string
	seen := make(map[string]struct{})
	add := func(name string) {
		if _, twice := seen[name]; !twice && name != "" {
			seen[name] = struct{}{}
			out = append(out, name)
		}
	}
	for name := range e.root.list("resources").texts() {
		add(name)
	}
	for entity := range e.detail.list("affectedEntities").objects() {
		add(entity.text("entityValue"))
	}
	return out
}

// retired reads one resource: "cluster|service", or the ARN of a task or service.
// The account and region of the ARN count, because the view of an organization
// gathers many accounts in one event.
func retired(t *fleet.Trigger, name string) bool {
	if cluster, service, ok := strings.Cut(name, "|"); ok {
		t.Cluster, t.Service = cluster, service
		return cluster != "" || service != ""
	}
	a, ok := parseARN(name)
	if !ok {
		return false
	}
	if a.account != "" && a.region != "" {
		t.Account, t.Region = a.account, a.region
	}
	return setTask(t, name) || setService(t, name)
}
