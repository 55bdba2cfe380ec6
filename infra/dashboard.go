package main

import (
	"fmt"

	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	// dashboardWidth is the width of CloudWatch's grid, in columns.
	dashboardWidth   = 24
	widgetHeight     = 6
	dashboardMinutes = 5
)

// newDashboard creates the dashboard with the alarms, decisions and actions of
// Homeostat.
func newDashboard(scope constructs.Construct, workers map[string]worker, alarms []interfacesawscloudwatch.IAlarmRef) awscloudwatch.Dashboard {
	dashboard := awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DefaultInterval: awscdk.Duration_Days(jsii.Number(1)),
	})
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms of Homeostat itself"), Alarms: &alarms, Width: jsii.Number(dashboardWidth),
	}))
	dashboard.AddWidgets(
		graph("Reaction latency (95th percentile)", each(contract.MetricLatency, "p95")),
		graph("Decisions", byReason(contract.MetricDecisions)),
		graph("Actions: carried out (act) and suppressed (the rest)", byReason(contract.MetricActions)),
	)
	dashboard.AddWidgets(
		graph("Rollbacks, effective and ineffective", byReason(contract.MetricRollbacks)),
		graph("Lowest remaining budget of a service", each(contract.MetricBudgetLeft, "Minimum")),
		graph("Denied by AWS", each(contract.MetricDenied, "Sum")),
	)
	dashboard.AddWidgets(
		graph("Actions that failed", byReason(contract.MetricActionsFailed)),
		graph("Failed and retried events", append(byReason(contract.MetricFailed), byReason(contract.MetricRetries)...)),
		graph("Age of the oldest message", oldest(workers)),
	)
	dashboard.AddWidgets(
		graph("First reason of recorded decisions", byReason(contract.MetricReasons)),
	)
	dashboard.AddWidgets(reasonTable(workers))
	return dashboard
}

// graph returns a graph in a third of a row.
func graph(name string, left []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(name), Left: &left, Width: jsii.Number(dashboardWidth / 3), Height: jsii.Number(widgetHeight),
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}

// each returns a metric without a reason, with one line for each function.
func each(metric, statistic string) (lines []awscloudwatch.IMetric) {
	for _, function := range contract.Functions() {
		o := every(dashboardMinutes, statistic)
		o.Label = jsii.String(function)
		lines = append(lines, ofFunction(metric, function, o))
	}
	return lines
}

// ofFunction returns a metric that the function publishes itself.
func ofFunction(metric, function string, o *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(contract.MetricNamespace), MetricName: jsii.String(metric),
		DimensionsMap: &map[string]*string{contract.DimensionFunction: jsii.String(function)},
		Label:         o.Label, Period: o.Period, Statistic: o.Statistic,
	})
}

// byReason returns one line for each function and reason in the metric.
func byReason(metric string) []awscloudwatch.IMetric {
	search := fmt.Sprintf(`SEARCH('{%s,%s,%s} MetricName="%s"', 'Sum', %d)`,
		contract.MetricNamespace, contract.DimensionFunction, contract.DimensionReason, metric, dashboardMinutes*60)
	return []awscloudwatch.IMetric{awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(search), UsingMetrics: &map[string]awscloudwatch.IMetric{},
		Label: jsii.String(""), Period: awscdk.Duration_Minutes(jsii.Number(dashboardMinutes)),
	})}
}

func oldest(workers map[string]worker) (lines []awscloudwatch.IMetric) {
	for _, function := range contract.Functions() {
		o := every(dashboardMinutes, "Maximum")
		o.Label = jsii.String(function)
		lines = append(lines, workers[function].queue.MetricApproximateAgeOfOldestMessage(o))
	}
	return lines
}

// reasonTable counts the decisions by their first reason from the logs. As a
// metric, each of the many reasons would cost as much as an alarm.
func reasonTable(workers map[string]worker) awscloudwatch.IWidget {
	var groups []string
	for _, function := range contract.Functions() {
		groups = append(groups, *workers[function].logs.LogGroupName())
	}
	return awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
		Title: jsii.String("Decisions by reason"), LogGroupNames: jsii.Strings(groups...),
		View: awscloudwatch.LogQueryVisualizationType_TABLE, Width: jsii.Number(dashboardWidth), Height: jsii.Number(widgetHeight),
		QueryLines: jsii.Strings(
			`filter message = "decided"`,
			`stats count(*) as evaluations by decision, reasons.0 as reason, verdict, result`,
			`sort evaluations desc`, `limit 50`,
		),
	})
}
