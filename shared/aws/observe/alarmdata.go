package observe

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// doubt sets the doubt of each alarm in ALARM whose own data do not bear its state:
// SetAlarmState sets any state, with any data as its reason.
func (o *Observer) doubt(ctx context.Context, out *cloudwatch.DescribeAlarmsOutput, found []fleet.WatchedAlarm, now time.Time) {
	metric := map[string]cwtypes.MetricAlarm{}
	for _, a := range out.MetricAlarms {
		metric[aws.ToString(a.AlarmName)] = a
	}
	rules := map[string]string{}
	for _, a := range out.CompositeAlarms {
		rules[aws.ToString(a.AlarmName)] = aws.ToString(a.AlarmRule)
	}
	for i := range found {
		a := &found[i]
		if a.State != string(cwtypes.StateValueAlarm) {
			continue
		}
		if m, ok := metric[a.Name]; ok {
			a.Doubt = o.doubtOf(ctx, m, now)
		} else if rule, ok := rules[a.Name]; ok {
			a.Doubt = o.doubtOfRule(ctx, rule, now)
		} else {
			a.Doubt = doubtByTime(a.Since, time.Minute, now)
		}
	}
}

// doubtOf returns the doubt of a metric alarm; empty for none. An alarm with a constant
// threshold is compared with its metrics, any other one with the time.
func (o *Observer) doubtOf(ctx context.Context, a cwtypes.MetricAlarm, now time.Time) string {
	queries, period := alarmQueries(a)
	breaches := breach(a)
	if len(queries) == 0 || breaches == nil {
		since := watchedAlarm(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp).Since
		return doubtByTime(since, max(period, timeToFire(a), time.Minute), now)
	}
	periods := int(aws.ToInt32(a.EvaluationPeriods)) + spareAlarmPeriods
	from := now.Add(-time.Duration(periods)*period - alarmDataDelay).Truncate(period)
	answer, err := o.CloudWatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from), EndTime: aws.Time(now), MetricDataQueries: queries})
	if err != nil {
		return "its metrics could not be read: " + fault.FromAWS("reading metrics", err).Error()
	}
	breaching, known := 0, 0
	for _, r := range answer.MetricDataResults {
		for _, v := range r.Values {
			known++
			if breaches(v) {
				breaching++
			}
		}
	}
	needed := int(aws.ToInt32(a.DatapointsToAlarm))
	if needed == 0 {
		needed = int(aws.ToInt32(a.EvaluationPeriods))
	}
	if aws.ToString(a.TreatMissingData) == "breaching" {
		breaching += max(0, periods-known)
	}
	if breaching >= max(1, needed) {
		return ""
	}
	return fmt.Sprintf("%d of the last %d values of its metric breach the threshold, %d are needed", breaching, known, needed)
}

// alarmQueries returns the queries for the data of an alarm, and its period; none for an
// alarm without metrics.
func alarmQueries(a cwtypes.MetricAlarm) ([]cwtypes.MetricDataQuery, time.Duration) {
	period := time.Duration(aws.ToInt32(a.Period)) * time.Second
	if a.MetricName == nil {
		for _, q := range a.Metrics {
			if q.MetricStat != nil {
				period = max(period, time.Duration(aws.ToInt32(q.MetricStat.Period))*time.Second)
			}
		}
		return a.Metrics, max(period, time.Minute)
	}
	stat := string(a.Statistic)
	if stat == "" {
		stat = aws.ToString(a.ExtendedStatistic)
	}
	return []cwtypes.MetricDataQuery{{
		Id: aws.String("m"),
		MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions},
			Period: a.Period, Stat: aws.String(stat), Unit: a.Unit,
		},
	}}, max(period, time.Second)
}

// breach returns the comparison of an alarm with its constant threshold; nil without one,
// as for a band of anomaly detection.
func breach(a cwtypes.MetricAlarm) func(float64) bool {
	if a.Threshold == nil {
		return nil
	}
	limit := *a.Threshold
	switch a.ComparisonOperator {
	case cwtypes.ComparisonOperatorGreaterThanThreshold:
		return func(v float64) bool { return v > limit }
	case cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold:
		return func(v float64) bool { return v >= limit }
	case cwtypes.ComparisonOperatorLessThanThreshold:
		return func(v float64) bool { return v < limit }
	case cwtypes.ComparisonOperatorLessThanOrEqualToThreshold:
		return func(v float64) bool { return v <= limit }
	case cwtypes.ComparisonOperatorLessThanLowerOrGreaterThanUpperThreshold,
		cwtypes.ComparisonOperatorLessThanLowerThreshold, cwtypes.ComparisonOperatorGreaterThanUpperThreshold:
	}
	return nil
}

// doubtByTime returns the doubt of an alarm that cannot be compared with its data. CloudWatch
// evaluates it every period, so a state that was set lasts for less than two.
func doubtByTime(since time.Time, period time.Duration, now time.Time) string {
	if held := now.Sub(since); since.IsZero() || held < 2*period {
		return fmt.Sprintf("its data cannot be compared, and its state lasts for less than %s", fleet.DurationText(2*period))
	}
	return ""
}

// doubtOfRule returns the doubt of a composite alarm: a set state lasts until one of its
// alarms changes. One of them must be in ALARM, and bear it.
func (o *Observer) doubtOfRule(ctx context.Context, rule string, now time.Time) string {
	var names []string
	for _, match := range regexp.MustCompile(`(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+?)"?\s*\)`).FindAllStringSubmatch(rule, alarmsLimit) {
		names = append(names, fleet.NameOf(match[1]))
	}
	if len(names) == 0 {
		return "its rule names no alarm"
	}
	out, err := o.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: names, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm}})
	if err != nil {
		return "the alarms of its rule could not be read: " + fault.FromAWS("describing alarms", err).Error()
	}
	last := "no metric alarm of its rule is in ALARM"
	for _, a := range out.MetricAlarms {
		if a.StateValue != cwtypes.StateValueAlarm {
			continue
		}
		if last = o.doubtOf(ctx, a, now); last == "" {
			return ""
		}
		last = aws.ToString(a.AlarmName) + ": " + last
	}
	return last
}
