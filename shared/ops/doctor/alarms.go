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

// stale is when an alarm without data, or a metric without values, is no
// longer one that has only just begun.
const stale = time.Hour

// examineAlarms looks for alarms that cannot fire, and for those that fire now:
// Homeostat's own, those that deployments heed, and those that are about a
// service of the account.
func examineAlarms(in Installation, now time.Time) []Finding {
	s := sheet{check: checkAlarms}
	known := census(in)
	heeded := heededBy(in)
	found := map[string]bool{}
	looked := 0
	for _, a := range in.Alarms {
		found[a.Name] = true
		users := heeded[a.Name]
		ref, aboutService := serviceOf(a.Dimensions)
		ours := a.Own || strings.HasPrefix(a.Name, contract.AlarmPrefix)
		if !ours && len(users) == 0 && !aboutService {
			continue
		}
		looked++
		if strings.HasPrefix(a.Name, fleet.TriggerAlarmPrefix) {
			continue // the sweep looks after these
		}
		if aboutService && known.silent(&s, a, ref.Cluster, ref.Service) {
			continue
		}
		impossible(&s, a)
		switch {
		case a.Own:
			own(&s, a)
		case len(users) > 0:
			deployment(&s, a, users, now)
		}
		if aboutService {
			unmeasured(&s, a, known.running[ref.String()], now)
		}
	}
	if why, unread := in.Unread[checkData]; unread {
		s.add(Unknown, "", "whether their metrics have values could not be read: "+why.Why, why.cure())
	}
	for _, name := range sortedKeys(heeded) {
		if !found[name] {
			s.add(Broken, name, "deployments of "+strings.Join(heeded[name], ", ")+" heed this alarm, which does not exist", "Make the alarm, or remove it from the deployment configuration.")
		}
	}
	unarmed(&s, in, found)
	return s.or(fmt.Sprintf("%d alarms can fire, none of Homeostat's does", looked))
}

// unarmed finds services that call by no alarm though they should: they are
// asked more often instead.
func unarmed(s *sheet, in Installation, found map[string]bool) {
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
			s.add(Note, service.Ref.String(), "has no alarm by which it calls, so it is asked more often; the sweep makes "+name+" within a quarter of an hour", "")
		}
	}
}

// heededBy are the enrolled services whose deployments heed an alarm, by its name.
func heededBy(in Installation) map[string][]string {
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

// register is what exists in ECS.
type register struct {
	clusters map[string]bool
	running  map[string]int
	whole    bool
}

func census(in Installation) register {
	_, unread := in.Unread[checkServices]
	r := register{clusters: map[string]bool{}, running: map[string]int{}, whole: !unread}
	for _, cluster := range in.Clusters {
		r.clusters[cluster] = true
	}
	for _, service := range in.Services {
		r.running[service.Ref.String()] = service.Running
	}
	return r
}

// silent says of an alarm that what it is about does not exist.
func (r register) silent(s *sheet, a Alarm, cluster, service string) bool {
	const cure = "Correct the alarm's dimensions, or delete the alarm."
	_, exists := r.running[cluster+"/"+service]
	switch {
	case !r.whole || exists:
		return false
	case !r.clusters[cluster]:
		s.add(Warning, a.Name, "can never fire: there is no cluster "+cluster, cure)
	default:
		s.add(Warning, a.Name, "can never fire: the cluster "+cluster+" has no service "+service, cure)
	}
	return true
}

// impossible finds thresholds that the metric cannot cross.
func impossible(s *sheet, a Alarm) {
	if a.Threshold == nil {
		return
	}
	const cure = "Choose a threshold that the metric can cross."
	percent := a.Namespace == "AWS/ECS" && strings.HasSuffix(a.Metric, "Utilization")
	never := percent || strings.HasPrefix(a.Namespace, "AWS/") && slices.Contains([]string{"AWS/SQS", "AWS/Lambda", "AWS/ApplicationELB", "AWS/ECS"}, a.Namespace)
	t := *a.Threshold
	switch {
	case percent && (a.Comparison == "GreaterThanThreshold" && t >= 100 || a.Comparison == "GreaterThanOrEqualToThreshold" && t > 100):
		s.add(Warning, a.Name, fmt.Sprintf("fires above %g %% only, which tasks reach only where they may use more than they reserve", t), cure)
	case never && (a.Comparison == "LessThanThreshold" && t <= 0 || a.Comparison == "LessThanOrEqualToThreshold" && t < 0):
		s.add(Warning, a.Name, fmt.Sprintf("can never fire: %s is never below %g", a.Metric, t), cure)
	}
}

// own is about the alarms that watch Homeostat itself.
func own(s *sheet, a Alarm) {
	switch {
	case a.State == "ALARM":
		s.add(Broken, a.Name, "fires: "+a.About, "Do what the section of docs/operations.md says that the alarm names.")
	case a.Actions == 0:
		s.add(Warning, a.Name, "tells nobody: it has no action", deployAgain)
	}
	if !a.Enabled {
		s.add(Warning, a.Name, "tells nobody: its actions are disabled", "Enable them with `aws cloudwatch enable-alarm-actions --alarm-names "+a.Name+"`.")
	}
}

// deployment is about the alarms by which ECS judges a rollout.
func deployment(s *sheet, a Alarm, users []string, now time.Time) {
	of := strings.Join(users, ", ")
	switch {
	case a.State == "ALARM":
		s.add(Warning, a.Name, "fires already, so ECS heeds no alarm in the next deployment of "+of, "Mend what it is about, or take the alarm out of the deployment configuration.")
	case a.State == "INSUFFICIENT_DATA" && now.Sub(a.Since) > stale:
		s.add(Warning, a.Name, "has had no data for "+span(now.Sub(a.Since))+", so it cannot judge a deployment of "+of, "Look whether the metric that the alarm names is still sent.")
	}
}

// unmeasured finds alarms on a service that runs and whose metric has no values.
func unmeasured(s *sheet, a Alarm, running int, now time.Time) {
	if !a.Data.Known || running == 0 || now.Sub(a.Data.At) <= stale {
		return
	}
	s.add(Warning, a.Name, fmt.Sprintf("cannot fire: %s has had no value for more than %s, though %d tasks run", a.Metric, span(stale), running),
		"Look whether the metric's name and dimensions are right, and whether Container Insights is on where it needs that.")
}

func span(d time.Duration) string {
	if d < 48*time.Hour {
		if hours := int(d.Hours()); hours != 1 {
			return fmt.Sprintf("%d hours", hours)
		}
		return "an hour"
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
