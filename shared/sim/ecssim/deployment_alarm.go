package ecssim

import "slices"

// anyInAlarm reports whether one of a deployment's alarms is in ALARM.
func (s *Sim) anyInAlarm(config alarmConfig) bool {
	return config.enable && len(s.cloudwatch.InAlarm(config.names)) > 0
}

// alarmRaised fails the deployments that watch the alarm. ECS polls
// DescribeAlarms; the model fails them at once.
func (s *Sim) alarmRaised(name string) {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if p := svc.primary(); p != nil && p.watches(name) {
				p.record.triggered = append(p.record.triggered, name)
				p.fail(causeAlarm, p.record.rollout.alarms.rollback)
			}
		}
	}
}

// watches reports whether the alarm can fail the deployment. An alarm that was
// in ALARM at its start takes all alarms out of that deployment.
func (d *deployment) watches(alarm string) bool {
	config := d.record.rollout.alarms
	if d.rollout != rolloutInProgress || d.record.subject != d || !config.enable || d.record.alarmsIgnored {
		return false
	}
	return slices.Contains(config.names, alarm)
}
