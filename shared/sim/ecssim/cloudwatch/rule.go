package cloudwatch

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// Rules returns the constraints of CloudWatch that its model does not state.
func Rules() []wire.Rule {
	const (
		alarm, data, statistics, put = "PutMetricAlarm", "GetMetricData", "GetMetricStatistics", "PutMetricData"
		reference                    = "Amazon CloudWatch API Reference, "
	)
	rule := wire.NewRule
	return []wire.Rule{
		rule(alarm, "A period is 10, 20 or 30 s, or a multiple of 60 s.", reference+alarm+", Period", alarmPeriods),
		rule(alarm, "An alarm has a metric or a list of metrics.", reference+alarm+", Metrics", oneSource),
		rule(alarm, "An alarm has a statistic or an extended statistic.", reference+alarm+", ExtendedStatistic", oneStatistic),
		rule(alarm, "An extended statistic is a percentile or a trimmed value.", reference+alarm+", ExtendedStatistic", alarmStatistic),
		rule(alarm, "Percentiles of few samples are evaluated or ignored.", reference+alarm+", EvaluateLowSampleCountPercentile", lowSamples),
		rule(alarm, "Missing data are missing, ignored, breaching or not breaching.", reference+alarm+", TreatMissingData", missingData),
		rule(alarm, "An action is an ARN.", reference+alarm+", AlarmActions", actionARNs),
		rule(alarm, "An alarm looks back a day at most, a week with periods of an hour.", reference+alarm+", EvaluationPeriods", lookBack),
		rule(data, "A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", reference+"MetricStat, Period", queryPeriods),
		rule(data, "The end is after the start.", reference+data+", EndTime", queryOrder),
		rule(statistics, "A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", reference+statistics+", Period", statisticsPeriod),
		rule(statistics, "The end is after the start.", reference+statistics+", EndTime", statisticsOrder),
		rule(statistics, "An answer has at most 1,440 data points.", reference+statistics, statisticsPoints),
		rule("SetAlarmState", "The data of a reason are JSON.", reference+"SetAlarmState, StateReasonData", jsonReason),
		rule(put, "A resolution is 1 s or 60 s.", reference+"MetricDatum, StorageResolution", resolutions),
		rule(statistics, "A request names statistics or extended statistics.", reference+statistics+", Statistics", someStatistic),
		rule(put, "A value is a number.", reference+"MetricDatum, Value", numbers),
		rule(put, "A datum has a value, values or a set of statistics.", reference+"MetricDatum, Values", oneValue),
		rule(put, "There is a count for each value.", reference+"MetricDatum, Counts", countEach),
	}
}

// wholePeriod reports whether a period is one of the short ones or whole minutes.
func wholePeriod(seconds int, short ...int) bool {
	return slices.Contains(short, seconds) || seconds > 0 && seconds%60 == 0
}

// periods returns all periods of an alarm or of queries.
func periods(in wire.Object, list string) (out []int) {
	if n, ok := in.Int("Period"); ok {
		out = append(out, n)
	}
	for _, query := range in.Objects(list) {
		for _, of := range []wire.Object{query, query.Object("MetricStat")} {
			if n, ok := of.Int("Period"); ok {
				out = append(out, n)
			}
		}
	}
	return out
}

func alarmPeriods(in wire.Object) *wire.Error {
	for _, n := range periods(in, "Metrics") {
		if !wholePeriod(n, 10, 20, 30) {
			return wire.Errorf("ValidationError", "Invalid period %d: valid values are 10, 20, 30 and any multiple of 60.", n)
		}
	}
	return nil
}

func queryPeriods(in wire.Object) *wire.Error {
	for _, n := range periods(in, "MetricDataQueries") {
		if !wholePeriod(n, 1, 5, 10, 20, 30) {
			return wire.Errorf("ValidationError", "Invalid period %d: valid values are 1, 5, 10, 20, 30 and any multiple of 60.", n)
		}
	}
	return nil
}

func statisticsPeriod(in wire.Object) *wire.Error {
	if n, ok := in.Int("Period"); ok && !wholePeriod(n, 1, 5, 10, 20, 30) {
		return wire.Errorf("InvalidParameterValueException", "The value %d for parameter Period is not valid: valid values are 1, 5, 10, 20, 30 and any multiple of 60.", n)
	}
	return nil
}

func oneSource(in wire.Object) *wire.Error {
	if in.String("MetricName") == "" || len(in.Objects("Metrics")) == 0 {
		return nil
	}
	return wire.Errorf("ValidationError", "Metrics list and MetricName are mutually exclusive.")
}

func oneStatistic(in wire.Object) *wire.Error {
	if in.String("Statistic") == "" || in.String("ExtendedStatistic") == "" {
		return nil
	}
	return wire.Errorf("ValidationError", "Statistic and ExtendedStatistic are mutually exclusive.")
}

// percentile is a statistic such as p99.9, tm90 or wm50: a percentage after the kind.
func percentile(text string) bool {
	m := regexp.MustCompile(`^(?:p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$`).FindStringSubmatch(text)
	if m == nil {
		return text == "IQM" || regexp.MustCompile(`^(?:PR|TM|WM|TC|TS)\([\d.%:]+\)$`).MatchString(text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return err == nil && n <= 100
}

func alarmStatistic(in wire.Object) *wire.Error {
	text := in.String("ExtendedStatistic")
	if text == "" || percentile(text) {
		return nil
	}
	return wire.Errorf("InvalidParameterValueException", "The value %s for parameter ExtendedStatistic is not supported.", text)
}

func lowSamples(in wire.Object) *wire.Error {
	text := in.String("EvaluateLowSampleCountPercentile")
	if text == "" || text == "evaluate" || text == missingIgnore {
		return nil
	}
	return wire.Errorf("ValidationError",
		"Option %s is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.", text)
}

func missingData(in wire.Object) *wire.Error {
	text := in.String("TreatMissingData")
	if text == "" || slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, text) {
		return nil
	}
	return wire.Errorf("ValidationError", "Alarm TreatMissingData should be one of {breaching, notBreaching, ignore, missing}, got %s.", text)
}

func actionARNs(in wire.Object) *wire.Error {
	for _, list := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
		for _, action := range in.Strings(list) {
			if !strings.HasPrefix(action, "arn:") {
				return wire.Errorf("ValidationError", "Invalid arn syntax: %s", action)
			}
		}
	}
	return nil
}

func lookBack(in wire.Object) *wire.Error {
	const hour, day, week = 3600, 86400, 604800
	evaluate, _ := in.Int("EvaluationPeriods")
	for _, n := range periods(in, "Metrics") {
		most := day
		if n >= hour {
			most = week
		}
		if evaluate*n > most {
			return wire.Errorf("ValidationError", "Metrics cannot be checked across more than %d seconds (EvaluationPeriods * Period must be <= %d).", most, most)
		}
	}
	return nil
}

// seconds returns the times of a request. CloudWatch reads them to the second.
func seconds(in wire.Object) (start, end int64, both bool) {
	from, okFrom := in.Time("StartTime")
	to, okTo := in.Time("EndTime")
	return from.Unix(), to.Unix(), okFrom && okTo
}

func queryOrder(in wire.Object) *wire.Error {
	start, end, both := seconds(in)
	switch {
	case both && start == end:
		return wire.Errorf("ValidationError", "The parameter StartTime must not equal parameter EndTime.")
	case both && start > end:
		return wire.Errorf("ValidationError", "The parameter EndTime must be greater than StartTime.")
	}
	return nil
}

func statisticsOrder(in wire.Object) *wire.Error {
	if start, end, both := seconds(in); !both || start < end {
		return nil
	}
	return wire.Errorf("InvalidParameterValueException", "The parameter StartTime must be less than the parameter EndTime.")
}

// statisticsPoints counts the periods from the start to the end.
func statisticsPoints(in wire.Object) *wire.Error {
	start, end, both := seconds(in)
	period, ok := in.Int("Period")
	if !both || !ok || period <= 0 {
		return nil
	}
	if points := (end - start) / int64(period); points > maxStatistics {
		return wire.Errorf("InvalidParameterCombinationException", "You have requested up to %d datapoints, which exceeds the limit of %d. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", points, maxStatistics)
	}
	return nil
}

func jsonReason(in wire.Object) *wire.Error {
	if data := in.String("StateReasonData"); data != "" && !json.Valid([]byte(data)) {
		return wire.Errorf("InvalidFormat", "StateReasonData is not valid JSON.")
	}
	return nil
}

func resolutions(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		if n, ok := datum.Int("StorageResolution"); ok && n != 1 && n != 60 {
			return wire.Errorf("InvalidParameterValueException", "The value %d for parameter MetricData.member.%d.StorageResolution must be 1 or 60.", n, i+1)
		}
	}
	return nil
}

func someStatistic(in wire.Object) *wire.Error {
	if len(in.Strings("Statistics"))+len(in.Strings("ExtendedStatistics")) > 0 {
		return nil
	}
	return wire.Errorf("InvalidParameterCombinationException", "Must specify either Statistics or ExtendedStatistics")
}

// numbers checks every value of a datum. AWS: API reference of MetricDatum, which also
// bounds values by 2^360.
func numbers(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		if n, ok := datum.Float("Value"); ok && !storable(n) {
			return wire.Errorf("InvalidParameterValueException", "The value %v for parameter MetricData.member.%d.Value is invalid.", n, i+1)
		}
		for j, n := range floats(datum["Values"]) {
			if !storable(n) {
				return wire.Errorf("InvalidParameterValueException", "The value %v for parameter MetricData.member.%d.Values.member.%d is invalid.", n, i+1, j+1)
			}
		}
	}
	return nil
}

func storable(n float64) bool { return math.Abs(n) <= math.Pow(2, 360) } // false for NaN too

func oneValue(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		for _, pair := range [][3]string{
			{"Value", "Values", "InvalidParameterValueException"},
			{"Value", "StatisticValues", "InvalidParameterCombinationException"},
			{"Values", "StatisticValues", "InvalidParameterCombinationException"},
		} {
			if datum[pair[0]] != nil && datum[pair[1]] != nil {
				return wire.Errorf(pair[2], "The parameters MetricData.member.%d.%s and MetricData.member.%d.%s are mutually exclusive and you have specified both.", i+1, pair[0], i+1, pair[1])
			}
		}
	}
	return nil
}

func countEach(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		values, okValues := datum["Values"].([]any)
		counts, okCounts := datum["Counts"].([]any)
		if okCounts && (!okValues || len(values) != len(counts)) {
			return wire.Errorf("InvalidParameterValueException",
				"The parameters MetricData.member.%d.Values and MetricData.member.%d.Counts must be of the same size.", i+1, i+1)
		}
	}
	return nil
}
