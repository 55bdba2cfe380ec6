package cloudwatch

import (
	"cmp"
	"maps"

	"homeostat/shared/sim/ecssim/wire"
)

// putLogAlarm puts an alarm on the results of a scheduled query. ecssim runs no such
// query, so SetAlarmState alone changes the state.
func (s *Service) putLogAlarm(in wire.Object) (wire.Object, error) {
	name := in.String("AlarmName")
	if err := s.sameKind(name, logAlarm); err != nil {
		return nil, err
	}
	enabled, said := in.Bool("ActionsEnabled")
	query := wire.Object{}
	for _, member := range []string{
		"ScheduledQueryConfiguration", "QueryResultsToEvaluate", "QueryResultsToAlarm", "Threshold", "ComparisonOperator",
		"ActionLogLineCount", "ActionLogLineRoleArn", "WarmUpConfiguration",
	} {
		if in.Has(member) {
			query[member] = in[member]
		}
	}
	query["TreatMissingData"] = cmp.Or(in.String("TreatMissingData"), missingDefault)
	a := s.keep(&Alarm{
		name: name, description: in.String("AlarmDescription"), enabled: enabled || !said, query: query, actions: actionsOf(in),
	})
	s.account.Tags.Put(a.arn, in.Objects("Tags"))
	return wire.Object{}, nil
}

func (a *Alarm) logObject() wire.Object {
	out := a.common()
	maps.Copy(out, a.query)
	return out
}

// SetEvaluation sets the EvaluationState of an alarm; empty for none. It reports whether
// the alarm exists.
func (s *Service) SetEvaluation(name, state string) (found bool) {
	a := s.find(name)
	if a == nil {
		return false
	}
	a.evaluation = state
	return true
}
