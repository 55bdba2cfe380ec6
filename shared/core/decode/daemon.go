package decode

import (
	"strings"

	"homeostat/shared/core/fleet"
)

// daemon reads an event of a managed daemon. Its hosts belong to no service, so the
// event is evidence for all services of the cluster.
// Source: ECS developer guide, managed-daemons-events.html.
func daemon(e event) fleet.Trigger {
	d, t := e.detail, e.base
	setCluster(&t, d.text("clusterArn"))
	t.Notice = notice(d)
	name := fleet.NameOf(d.text("daemonArn"))
	if t.Cluster == "" || name == "" {
		return ignored(t, "the event names no cluster or no daemon")
	}
	issue := &fleet.Issue{
		ID: "daemon/" + t.Cluster + "/" + name, Service: fleet.DaemonService, Code: t.Notice.Name, Since: t.At, Text: t.Notice.Reason,
	}
	switch {
	case t.Notice.Name == "DAEMON_TASK_START_IMPAIRED":
		issue.Host = fleet.NameOf(d.text("containerInstanceArn"))
		issue.ID += "/" + issue.Host
		t.Reason = "the daemon " + name + " does not start on " + issue.Host + ": " + d.text("failureType")
	case strings.HasPrefix(t.Notice.Name, "DAEMON_DEPLOYMENT_"):
		issue.Closed = deployed(t.Notice.Name)
		t.Reason = "the deployment of the daemon " + name + " changed: " + t.Notice.Name
	default:
		return ignored(t, "the event of a daemon has the unknown name "+quote(t.Notice.Name))
	}
	if issue.Text == "" {
		issue.Text = t.Reason
	}
	t.Kind, t.Issue = fleet.DaemonChanged, issue
	return t
}

// deployed reports whether the deployment of a daemon has ended.
func deployed(name string) bool {
	switch name {
	case "DAEMON_DEPLOYMENT_SUCCESSFUL", "DAEMON_DEPLOYMENT_STOPPED", "DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL", "DAEMON_DEPLOYMENT_ROLLBACK_FAILED":
		return true
	}
	return false
}
