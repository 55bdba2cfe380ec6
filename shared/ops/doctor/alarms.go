package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// stale is the age above which an alarm without data, or a metric without
// values, is a finding. A younger one may have just started.
const stale = time.Hour

// examineAlarms reports alarms that cannot fire and alarms in the state ALARM.
// It examines Homeostat's own alarms, the alarms of deployments and the alarms on
// services of the account.
func examineAlarms(in Installation, now time.Time) []Finding {
	s := collector{check: checkAlarms}
	known := newECSIndex(in)
	deployments := deploymentAlarms(in)
	found := map[string]bool{}
	examined := 0
	for _, a := range in.Alarms {
		found[a.Name] = true
		users := deployments[a.Name]
		ref, aboutService := serviceOf(a.Dimensions)
		ours := a.Own || strings.HasPrefix(a.Name, contract.AlarmPrefix)
		if !ours && len(users) == 0 && !aboutService {
			continue
		}
		examined++
		if strings.HasPrefix(a.Name, fleet.TriggerAlarmPrefix) {
			continue // the sweep manages these
		}
		if aboutService && known.addMissing(&s, a, ref.Cluster, ref.Service) {
			continue
		}
		examineState(&s, a, users, now)
		if aboutService {
			examineData(&s, a, known.running[ref.String()], now)
		}
	}
	if why, unread := in.Unread[checkData]; unread {
		s.add(Unknown, "", "the metrics of alarms could not be read: "+why.Why, why.fix())
	}
	for _, name := range sortedKeys(deployments) {
		if !found[name] {
			s.add(Broken, name, "deployments of "+strings.Join(deployments[name], ", ")+" use this alarm, and it does not exist", "Create the alarm, or remove it from the deployment configuration.")
		}
	}
	examineTriggerAlarms(&s, in, found)
	return s.orFine(fmt.Sprintf("%d alarms can fire, none of Homeostat's is in ALARM", examined))
}

// examineState reports the threshold and the state of an alarm. users are the services
// whose deployments use it.
func examineState(s *collector, a Alarm, users []string, now time.Time) {
	examineThreshold(s, a)
	switch {
	case a.Evaluation != "":
		s.add(Broken, a.Name, "CloudWatch cannot evaluate it: "+a.Evaluation+", so its state is unknown", evaluationFix(a.Evaluation))
	case a.Own:
		examineOwn(s, a)
	case len(users) > 0:
		examineDeployment(s, a, users, now)
	}
}

// examineTriggerAlarms notes the services without the trigger alarm that their
// policy requires. The sweep reads such services more often.
func examineTriggerAlarms(s *collector, in Installation, found map[string]bool) {
	p := in.Policy.Parsed
	if p == nil && !in.Policy.Bundled {
		p = policy.Default()
	}
	if p == nil {
		return
	}
	for _, service := range in.Services {
		e := p.For(service.Ref, service.Tags, Cap(in))
		name := fleet.TriggerAlarm{Cluster: service.Ref.Cluster, Service: service.Ref.Service}.Name()
		steered := service.Scaling == nil || service.Scaling.Steered() && !e.Own
		if e.UsesTriggerAlarm() && !steered && service.Controller != "CODE_DEPLOY" && service.Controller != "EXTERNAL" && !found[name] {
			s.add(Note, service.Ref.String(), "has no trigger alarm, so the sweep reads it more often; the sweep creates "+name+" within 15 minutes", "")
		}
	}
}

// deploymentAlarms returns the names of deployment alarms with the enrolled
// services that use them.
func deploymentAlarms(in Installation) map[string][]string {
	out := map[string][]string{}
	for _, service := range in.Services {
		if _, enrolled := service.Tags[contract.TagMode]; !enrolled {
			continue
		}
		for _, alarm := range service.Alarms {
			out[alarm] = append(out[alarm], service.Ref.String())
		}
	}
	return out
}

// ecsIndex holds the clusters of ECS and the running tasks of each service.
// Complete is false if the services could not be read.
type ecsIndex struct {
	clusters map[string]bool
	running  map[string]int
	complete bool
}

func newECSIndex(in Installation) ecsIndex {
	_, unread := in.Unread[checkServices]
	r := ecsIndex{clusters: map[string]bool{}, running: map[string]int{}, complete: !unread}
	for _, cluster := range in.Clusters {
		r.clusters[cluster] = true
	}
	for _, service := range in.Services {
		r.running[service.Ref.String()] = service.Running
	}
	return r
}

// addMissing adds a finding if the cluster or the service of an alarm does not
// exist, and reports whether it did.
func (r ecsIndex) addMissing(s *collector, a Alarm, cluster, service string) bool {
	const fix = "Correct the alarm's dimensions, or delete the alarm."
	_, exists := r.running[cluster+"/"+service]
	switch {
	case !r.complete || exists:
		return false
	case !r.clusters[cluster]:
		s.add(Warning, a.Name, "can never fire: there is no cluster "+cluster, fix)
	default:
		s.add(Warning, a.Name, "can never fire: the cluster "+cluster+" has no service "+service, fix)
	}
	return true
}

// examineThreshold reports a threshold that the metric cannot cross.
func examineThreshold(s *collector, a Alarm) {
	if a.Threshold == nil {
		return
	}
	const fix = "Choose a threshold that the metric can cross."
	percent := a.Namespace == "AWS/ECS" && strings.HasSuffix(a.Metric, "Utilization")
	never := percent || strings.HasPrefix(a.Namespace, "AWS/") && slices.Contains([]string{"AWS/SQS", "AWS/Lambda", "AWS/ApplicationELB", "AWS/ECS"}, a.Namespace)
	t := *a.Threshold
	switch {
	case percent && (a.Comparison == "GreaterThanThreshold" && t >= 100 || a.Comparison == "GreaterThanOrEqualToThreshold" && t > 100):
		s.add(Warning, a.Name, fmt.Sprintf("fires above %g %% only, and tasks reach that only if they may use more than they reserve", t), fix)
	case never && (a.Comparison == "LessThanThreshold" && t <= 0 || a.Comparison == "LessThanOrEqualToThreshold" && t < 0):
		s.add(Warning, a.Name, fmt.Sprintf("can never fire: %s is never below %g", a.Metric, t), fix)
	}
}

// examineOwn examines an alarm on Homeostat itself.
func examineOwn(s *collector, a Alarm) {
	switch {
	case a.State == "ALARM":
		s.add(Broken, a.Name, "is in ALARM: "+a.About, "Follow the section of docs/operations.md in the description of the alarm.")
	case a.Actions == 0:
		s.add(Warning, a.Name, "sends no notification: it has no action", deployAgain)
	}
	if !a.Enabled {
		s.add(Warning, a.Name, "sends no notification: its actions are disabled", "Enable them with `aws cloudwatch enable-alarm-actions --alarm-names "+a.Name+"`.")
	}
}

// evaluationFix returns the remedy for an alarm that CloudWatch cannot evaluate.
// Source: API reference of MetricAlarm, EvaluationState.
func evaluationFix(state string) string {
	switch state {
	case "PARTIAL_DATA":
		return "Narrow the query of the alarm: it matches more metrics than CloudWatch reads."
	case "EVALUATION_FAILURE":
		return "Watch the metric by hand: CloudWatch has a problem that passes."
	}
	return "Correct the configuration of the alarm: the StateReason of `aws cloudwatch describe-alarms` names the error."
}

// examineDeployment examines an alarm that ECS uses to stop a rollout.
func examineDeployment(s *collector, a Alarm, users []string, now time.Time) {
	of := strings.Join(users, ", ")
	switch {
	case a.State == "ALARM":
		s.add(Warning, a.Name, "is in ALARM already, so ECS ignores all alarms in the next deployment of "+of, "Fix the cause of the alarm, or remove the alarm from the deployment configuration.")
	case a.State == "INSUFFICIENT_DATA" && now.Sub(a.Since) > stale:
		s.add(Warning, a.Name, "has had no data for "+span(now.Sub(a.Since))+", so it cannot judge a deployment of "+of, "Check that the metric of the alarm is still published.")
	}
}

// examineData reports an alarm on a running service if its metric has no values.
func examineData(s *collector, a Alarm, running int, now time.Time) {
	if !a.Data.Known || running == 0 || now.Sub(a.Data.At) <= stale {
		return
	}
	s.add(Warning, a.Name, fmt.Sprintf("cannot fire: %s has had no value for more than %s, though %d tasks run", a.Metric, span(stale), running),
		"Check the name and the dimensions of the metric, and that Container Insights is on if the metric needs it.")
}

// span formats a duration in hours or days.
func span(d time.Duration) string {
	if d < 48*time.Hour {
		if hours := int(d.Hours()); hours != 1 {
			return fmt.Sprintf("%d hours", hours)
		}
		return "an hour"
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
