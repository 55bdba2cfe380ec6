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
	// boardWidth is a whole row of CloudWatch's grid.
	boardWidth   = 24
	widgetHeight = 6
	boardMinutes = 5
)

// newDashboard is one page about what Homeostat did, and how well.
func newDashboard(scope constructs.Construct, reactions map[string]worker, alarms []interfacesawscloudwatch.IAlarmRef) awscloudwatch.Dashboard {
	board := awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DefaultInterval: awscdk.Duration_Days(jsii.Number(1)),
	})
	board.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Is Homeostat itself well?"), Alarms: &alarms, Width: jsii.Number(boardWidth),
	}))
	board.AddWidgets(
		graph("Reaction latency, 95 of 100 are quicker", each(contract.MetricLatency, "p95")),
		graph("Decisions", byReason(contract.MetricDecisions)),
		graph("Actions: carried out (act) and suppressed (the rest)", byReason(contract.MetricActions)),
	)
	board.AddWidgets(
		graph("Rollbacks that helped, and in vain", byReason(contract.MetricRollbacks)),
		graph("Budget left, of the service that has least", each(contract.MetricBudgetLeft, "Minimum")),
		graph("Denied by AWS", each(contract.MetricDenied, "Sum")),
	)
	board.AddWidgets(
		graph("Actions that failed", byReason(contract.MetricActionsFailed)),
		graph("Events given up, or tried again", append(byReason(contract.MetricFailed), byReason(contract.MetricRetries)...)),
		graph("Age of the oldest message", oldest(reactions)),
	)
	board.AddWidgets(
		graph("Why: the first reason of recorded decisions", byReason(contract.MetricReasons)),
	)
	board.AddWidgets(whyTable(reactions))
	return board
}

func graph(name string, left []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(name), Left: &left, Width: jsii.Number(boardWidth / 3), Height: jsii.Number(widgetHeight),
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}

// each is a metric without a reason, a line for each function.
func each(metric, statistic string) (lines []awscloudwatch.IMetric) {
	for _, function := range contract.Functions() {
		o := every(boardMinutes, statistic)
		o.Label = jsii.String(function)
		lines = append(lines, ofFunction(metric, function, o))
	}
	return lines
}

// ofFunction is a metric that the function itself counts.
func ofFunction(metric, function string, o *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(contract.MetricNamespace), MetricName: jsii.String(metric),
		DimensionsMap: &map[string]*string{contract.DimensionFunction: jsii.String(function)},
		Label:         o.Label, Period: o.Period, Statistic: o.Statistic,
	})
}

// byReason is a line for each function and reason that there was.
func byReason(metric string) []awscloudwatch.IMetric {
	search := fmt.Sprintf(`SEARCH('{%s,%s,%s} MetricName="%s"', 'Sum', %d)`,
		contract.MetricNamespace, contract.DimensionFunction, contract.DimensionReason, metric, boardMinutes*60)
	return []awscloudwatch.IMetric{awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(search), UsingMetrics: &map[string]awscloudwatch.IMetric{},
		Label: jsii.String(""), Period: awscdk.Duration_Minutes(jsii.Number(boardMinutes)),
	})}
}

func oldest(reactions map[string]worker) (lines []awscloudwatch.IMetric) {
	for _, function := range contract.Functions() {
		o := every(boardMinutes, "Maximum")
		o.Label = jsii.String(function)
		lines = append(lines, reactions[function].queue.MetricApproximateAgeOfOldestMessage(o))
	}
	return lines
}

// whyTable counts decisions by their first reason, from the logs: as a metric
// each of the many reasons would cost as much as an alarm.
func whyTable(reactions map[string]worker) awscloudwatch.IWidget {
	var groups []string
	for _, function := range contract.Functions() {
		groups = append(groups, *reactions[function].logs.LogGroupName())
	}
	return awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
		Title: jsii.String("Decisions by reason"), LogGroupNames: jsii.Strings(groups...),
		View: awscloudwatch.LogQueryVisualizationType_TABLE, Width: jsii.Number(boardWidth), Height: jsii.Number(widgetHeight),
		QueryLines: jsii.Strings(
			`filter message = "decided"`,
			`stats count(*) as looks by decision, reasons.0 as reason, verdict, result`,
			`sort looks desc`, `limit 50`,
		),
	})
}
