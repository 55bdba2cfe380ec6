package cloudwatch

import (
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
		rule(alarm, "Missing data are missing, ignored, breaching or not breaching.", reference+alarm+", TreatMissingData", missingData),
		rule(alarm, "An action is an ARN.", reference+alarm+", AlarmActions", actionARNs),
		rule(alarm, "An alarm looks back a day at most, a week with periods of an hour.", reference+alarm+", EvaluationPeriods", lookBack),
		rule(data, "A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", reference+"MetricStat, Period", queryPeriods),
		rule(data, "The end is after the start.", reference+data+", EndTime", inOrder("ValidationError")),
		rule(statistics, "A period is 1, 5, 10, 20 or 30 s, or a multiple of 60 s.", reference+statistics+", Period", statisticsPeriod),
		rule(statistics, "The end is after the start.", reference+statistics+", EndTime", inOrder("InvalidParameterValueException")),
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
	return wire.Errorf("ValidationError", "The value %s for parameter ExtendedStatistic is not supported.", text)
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

// inOrder returns the rule about the times of a request, with its code.
func inOrder(code string) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		start, okStart := in.Time("StartTime")
		end, okEnd := in.Time("EndTime")
		if !okStart || !okEnd || start.Before(end) {
			return nil
		}
		return wire.Errorf(code, "The parameter StartTime must be less than the parameter EndTime.")
	}
}

func someStatistic(in wire.Object) *wire.Error {
	if len(in.Strings("Statistics"))+len(in.Strings("ExtendedStatistics")) > 0 {
		return nil
	}
	return wire.Errorf("InvalidParameterCombinationException", "At least one of the parameters Statistics and ExtendedStatistics must be specified.")
}

func numbers(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		if n, ok := datum.Float("Value"); ok && (math.IsNaN(n) || math.IsInf(n, 0)) {
			return wire.Errorf("InvalidParameterValueException", "The value %v for parameter MetricData.member.%d.Value is invalid.", n, i+1)
		}
	}
	return nil
}

func oneValue(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		ways := 0
		for _, member := range []string{"Value", "Values", "StatisticValues"} {
			if datum[member] != nil {
				ways++
			}
		}
		if ways > 1 {
			return wire.Errorf("InvalidParameterCombinationException", "The parameters MetricData.member.%d.Value, Values and StatisticValues are mutually exclusive.", i+1)
		}
	}
	return nil
}

func countEach(in wire.Object) *wire.Error {
	for i, datum := range in.Objects("MetricData") {
		values, okValues := datum["Values"].([]any)
		counts, okCounts := datum["Counts"].([]any)
		if okCounts && (!okValues || len(values) != len(counts)) {
			return wire.Errorf("InvalidParameterValueException", "The parameters MetricData.member.%d.Values and Counts must have the same number of elements.", i+1)
		}
	}
	return nil
}
