package decode

import "homeostat/shared/core/fleet"

// snsAlarm reads the alarm as CloudWatch publishes it to SNS. Its Region is the
// name of a place ("EU (Frankfurt)"), so the region comes from the alarm's ARN.
func snsAlarm(root object, record *int) fleet.Trigger {
	t := fleet.Trigger{
		At:     root.time("StateChangeTime"),
		Record: record,
		Alarm: fleet.Alarm{
			Name:     root.text("AlarmName"),
			State:    root.text("NewStateValue"),
			Previous: root.text("OldStateValue"),
		},
		Reason: root.text("NewStateReason"),
	}
	if a, ok := parseARN(root.text("AlarmArn")); ok {
		adopt(&t, a)
	}
	if account := root.text("AWSAccountId"); t.Account == "" {
		t.Account = account
	}
	var m metrics
	trigger := root.object("Trigger")
	addSNSMetric(&m, trigger)
	for query := range trigger.list("Metrics").objects() {
		addSNSMetric(&m, query.object("MetricStat").object("Metric"))
	}
	m.fill(&t)
	return alarmKind(t, root.has("AlarmContributorId") || root.has("AlarmContributorAttributes") || root.has("AlarmContributor"))
}

func addSNSMetric(m *metrics, metric object) {
	var cluster, service string
	for dimension := range metric.list("Dimensions").objects() {
		switch value := dimension.text("value"); dimension.text("name") {
		case "ClusterName":
			cluster = value
		case "ServiceName":
			service = value
		}
	}
	m.add(metric.text("MetricName"), cluster, service)
}
