package decode

import "homeostat/shared/core/fleet"

const contributorReason = "only one contributor of the alarm changed"

// alarmChange reads a CloudWatch Alarm State Change from EventBridge.
func alarmChange(e event) fleet.Trigger { return alarm(e.base, e.detail) }

// contributorChange reads a change of one contributor of a Metrics Insights
// alarm.
func contributorChange(e event) fleet.Trigger {
	return ignored(alarm(e.base, e.detail), contributorReason)
}

// directAlarm reads the payload that CloudWatch sends to a Lambda function as the
// action of an alarm.
func directAlarm(root object, source string, record *int) fleet.Trigger {
	e := newEvent(root, record)
	if account := root.text("accountId"); account != "" {
		e.base.Account = account
	}
	if a, ok := parseARN(root.text("alarmArn")); ok {
		adopt(&e.base, a)
	}
	t := alarm(e.base, root.object("alarmData"))
	if source != "aws.cloudwatch" {
		return ignored(e.base, "forged: an alarm comes from aws.cloudwatch, not from "+quote(source))
	}
	if root.has("alarmContributor") {
		return ignored(t, contributorReason)
	}
	return t
}

// alarm reads the alarm object of EventBridge's detail or of the direct payload's
// alarmData.
func alarm(t fleet.Trigger, d object) fleet.Trigger {
	state, previous := d.object("state"), d.object("previousState")
	t.Alarm = fleet.Alarm{Name: d.text("alarmName"), State: state.text("value"), Previous: previous.text("value"), Evaluation: state.text("evaluationState")}
	t.Reason = state.text("reason")
	var m metrics
	for query := range d.object("configuration").list("metrics").objects() {
		metric := query.object("metricStat").object("metric")
		dimensions := metric.object("dimensions")
		m.add(metric.text("name"), dimensions.text("ClusterName"), dimensions.text("ServiceName"))
	}
	m.fill(&t)
	return alarmKind(t, d.has("alarmContributor"))
}

func alarmKind(t fleet.Trigger, contributor bool) fleet.Trigger {
	switch {
	case contributor:
		return ignored(t, contributorReason)
	case t.Alarm.Name == "":
		return ignored(t, "the event has no alarm name")
	case t.Alarm.State == "":
		return ignored(t, "the event has no alarm state")
	}
	t.Kind = fleet.AlarmChanged
	return t
}

// metrics finds the service among the metrics of an alarm. The first metric with a
// service counts; the metrics of a load balancer, for example, have none.
type metrics struct {
	first, cluster, service string
}

func (m *metrics) add(name, cluster, service string) {
	if m.first == "" {
		m.first = name
	}
	if m.service == "" && (service != "" || m.cluster == "") {
		m.cluster, m.service = cluster, service
	}
}

func (m *metrics) fill(t *fleet.Trigger) {
	t.Alarm.Metric, t.Cluster, t.Service = m.first, m.cluster, m.service
}
