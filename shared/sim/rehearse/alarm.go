package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	alarms "homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Alarm is a CloudWatch alarm on a metric of a service. With Rule it is a
// composite alarm over earlier alarms.
type Alarm struct {
	Name    string `yaml:"name"`
	Service string `yaml:"service"` // cluster/service
	// Metric is cpu (the default), memory, errors, rejected, latency, requests,
	// requests_per_task or unhealthy. Statistic replaces the usual one.
	Metric    string `yaml:"metric"`
	Statistic string `yaml:"statistic"`
	// Above or Below is the threshold. For is the number of minutes beyond it,
	// among the last Of (default: For).
	Above float64  `yaml:"above"`
	Below *float64 `yaml:"below"`
	For   int      `yaml:"for"`
	Of    int      `yaml:"of"`
	// Missing is the treatment of missing data, in CloudWatch's words. The
	// default is notBreaching for metrics without data in good times, else
	// missing.
	Missing string `yaml:"missing"`
	// Rule is the rule of a composite alarm: ALARM(a) AND NOT ALARM(b).
	Rule string `yaml:"rule"`
}

// alarmMetric is the CloudWatch metric for a word of a scenario.
type alarmMetric struct {
	name, statistic string
	balancer        bool // of the load balancer
	silent          bool // no data in good times
	alone           bool // of the load balancer as a whole
	both            bool // also published for the load balancer as a whole
}

func alarmMetrics() map[string]alarmMetric {
	return map[string]alarmMetric{
		"cpu":               {name: "CPUUtilization", statistic: "Average"},
		"memory":            {name: "MemoryUtilization", statistic: "Average"},
		"errors":            {name: "HTTPCode_Target_5XX_Count", statistic: "Sum", balancer: true, silent: true, both: true},
		"rejected":          {name: "HTTPCode_ELB_5XX_Count", statistic: "Sum", balancer: true, silent: true, alone: true},
		"latency":           {name: "TargetResponseTime", statistic: "Average", balancer: true, both: true},
		"requests":          {name: "RequestCount", statistic: "Sum", balancer: true, both: true},
		"requests_per_task": {name: "RequestCountPerTarget", statistic: "Sum", balancer: true},
		"unhealthy":         {name: "UnHealthyHostCount", statistic: "Maximum", balancer: true},
	}
}

func (s *Scenario) validateAlarms() error {
	var before []string
	for i, a := range s.Alarms {
		err := s.validateAlarm(a, before)
		if a.Rule != "" {
			err = a.validateRule(before)
		}
		if err != nil {
			return in("alarms", i, err)
		}
		before = append(before, a.Name)
	}
	return nil
}

func (s *Scenario) validateAlarm(a Alarm, before []string) error {
	at := slices.IndexFunc(s.Services, func(v Service) bool { return v.Cluster+"/"+v.Service == a.Service })
	if at < 0 || a.Name == "" || a.For < 1 || slices.Contains(before, a.Name) {
		return errors.New("expected a name of its own, a service of the scenario as cluster/service, and for: minutes from 1")
	}
	metric, known := alarmMetrics()[cmp.Or(a.Metric, "cpu")]
	switch {
	case !known:
		return fmt.Errorf("metric is %q, expected cpu, memory, errors, rejected, latency, requests, requests_per_task or unhealthy", a.Metric)
	case metric.balancer && !s.Services[at].LoadBalancer && !s.Services[at].Gateway:
		return fmt.Errorf("%s has no load_balancer to count its %s", a.Service, a.Metric)
	case a.Of != 0 && a.Of < a.For:
		return fmt.Errorf("of is %d, expected %d minutes or more", a.Of, a.For)
	case !slices.Contains([]string{"", "missing", "breaching", "notBreaching", "ignore"}, a.Missing):
		return fmt.Errorf("missing is %q, expected missing, breaching, notBreaching or ignore", a.Missing)
	}
	return nil
}

func (a Alarm) validateRule(before []string) error {
	names, err := alarms.AlarmRuleNames(a.Rule)
	if err != nil {
		return fmt.Errorf("rule is %q: %w", a.Rule, err)
	}
	for _, name := range names {
		if !slices.Contains(before, name) {
			return fmt.Errorf("rule names %q, expected the name of an earlier alarm", name)
		}
	}
	if a.Name == "" || a.Service != "" || a.Metric != "" {
		return errors.New("expected a name and a rule alone")
	}
	return nil
}

func (r *Run) alarm(a Alarm) error {
	if a.Rule != "" {
		return r.sim.PutCompositeAlarm(wire.Object{"AlarmName": a.Name, "AlarmRule": a.Rule})
	}
	return r.sim.PutAlarm(r.alarmInput(a))
}

func (r *Run) alarmInput(a Alarm) wire.Object {
	metric := alarmMetrics()[cmp.Or(a.Metric, "cpu")]
	out := wire.Object{
		"AlarmName": a.Name, "MetricName": metric.name, "Period": 60,
		"EvaluationPeriods": cmp.Or(a.Of, a.For), "DatapointsToAlarm": a.For,
		"Threshold": a.Above, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": cmp.Or(a.Missing, "missing"),
	}
	if a.Missing == "" && metric.silent {
		out["TreatMissingData"] = "notBreaching"
	}
	if a.Below != nil {
		out["Threshold"], out["ComparisonOperator"] = *a.Below, "LessThanThreshold"
	}
	statistic := cmp.Or(a.Statistic, metric.statistic)
	if strings.HasPrefix(statistic, "p") {
		out["ExtendedStatistic"] = statistic
	} else {
		out["Statistic"] = statistic
	}
	out["Namespace"], out["Dimensions"] = r.measured(a.Service, metric)
	return out
}

// measured returns the namespace and the dimensions of the metric of a service.
func (r *Run) measured(of string, metric alarmMetric) (namespace string, dimensions []wire.Object) {
	cluster, service, _ := strings.Cut(of, "/")
	if !metric.balancer {
		return "AWS/ECS", []wire.Object{{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}}
	}
	balancer, groups, own := r.sim.TargetGroups(cluster, service)
	dimensions = []wire.Object{{"Name": "LoadBalancer", "Value": balancer}}
	// The requests of a service with two groups of its own are those of its load
	// balancer.
	both := own && len(groups) > 1 && metric.both
	if !metric.alone && !both {
		dimensions = append(dimensions, wire.Object{"Name": "TargetGroup", "Value": groups[0]})
	}
	return "AWS/ApplicationELB", dimensions
}

// SetAlarm sets the state of an alarm, as a user or an attacker can. The next
// evaluation sets it back.
type SetAlarm struct {
	Alarm string `yaml:"alarm"`
	State string `yaml:"state"`
	// Evaluation is the reason why CloudWatch cannot evaluate the alarm from now on:
	// PARTIAL_DATA, EVALUATION_ERROR or EVALUATION_FAILURE. Its state then stays.
	Evaluation string `yaml:"evaluation"`
}

func (a *SetAlarm) valid(s *Scenario, _ map[string]bool) error {
	if !slices.ContainsFunc(s.Alarms, func(known Alarm) bool { return known.Name == a.Alarm }) {
		return fmt.Errorf("the scenario has no alarm %q", a.Alarm)
	}
	if !slices.Contains([]string{"OK", "ALARM", "INSUFFICIENT_DATA"}, a.State) {
		return fmt.Errorf("state is %q, expected OK, ALARM or INSUFFICIENT_DATA", a.State)
	}
	if a.Evaluation != "" && !slices.Contains(types.EvaluationState("").Values(), types.EvaluationState(a.Evaluation)) {
		return fmt.Errorf("evaluation is %q, expected PARTIAL_DATA, EVALUATION_ERROR or EVALUATION_FAILURE", a.Evaluation)
	}
	return nil
}

func (a *SetAlarm) play(r *Run) error {
	r.note("the state of the alarm %s is set to %s", a.Alarm, a.State)
	if r.sim.SetEvaluation(a.Alarm, a.Evaluation); a.Evaluation != "" {
		r.note("CloudWatch cannot evaluate the alarm %s: %s", a.Alarm, a.Evaluation)
	}
	_, err := r.cloudwatch.SetAlarmState(context.Background(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String(a.Alarm), StateValue: types.StateValue(a.State), StateReason: aws.String("set by hand"),
	})
	return err
}
