package cloudwatch

import (
	"encoding/json"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// The types of history items that the model has. It has no items of actions.
const (
	configurationUpdate = "ConfigurationUpdate"
	stateUpdate         = "StateUpdate"
)

// historyItem is an entry of the history of an alarm. Only a change of state has two
// statuses.
type historyItem struct {
	alarm, alarmType, kind, summary string
	at                              time.Time
	before, after                   status
}

// note adds an item to the history, and forgets old items.
func (s *Service) note(a *Alarm, kind, summary string, before, after status) {
	now := s.account.Now()
	if n := len(s.history); n > 0 && now.Sub(s.history[0].at) > 2*historyKept {
		s.history = slices.Clone(s.recent(now))
	}
	s.history = append(s.history, historyItem{a.name, a.kind(), kind, summary, now, before, after})
}

// recent returns the items that are still kept.
func (s *Service) recent(now time.Time) []historyItem {
	oldest := now.Add(-historyKept)
	first := slices.IndexFunc(s.history, func(i historyItem) bool { return !i.at.Before(oldest) })
	if first < 0 {
		return nil
	}
	return s.history[first:]
}

// describeAlarmHistory returns history items, newest first by default.
func (s *Service) describeAlarmHistory(in wire.Object) (wire.Object, error) {
	types := in.Strings("AlarmTypes")
	if len(types) == 0 {
		types = []string{metricAlarm}
	}
	start, hasStart := in.Time("StartDate")
	end, hasEnd := in.Time("EndDate")
	name, kind := in.String("AlarmName"), in.String("HistoryItemType")
	found := []wire.Object{}
	for _, item := range s.recent(s.account.Now()) {
		switch {
		case name != "" && name != item.alarm, kind != "" && kind != item.kind, !slices.Contains(types, item.alarmType):
		case hasStart && item.at.Before(start), hasEnd && item.at.After(end):
		default:
			found = append(found, item.object())
		}
	}
	if in.String("ScanBy") != "TimestampAscending" {
		slices.Reverse(found)
	}
	found, next, err := wire.Page(found, in, "MaxRecords", "NextToken", alarmHistoryLimit)
	if err != nil {
		return nil, wire.Errorf("InvalidNextToken", "The next token %s is invalid.", in.String("NextToken"))
	}
	return wire.SetToken(wire.Object{"AlarmHistoryItems": found}, "NextToken", next), nil
}

// historyState is a state in the data of a history item.
type historyState struct {
	Value  string `json:"stateValue"`
	Reason string `json:"stateReason"`
}

func (i historyItem) object() wire.Object {
	data := map[string]any{"version": "1.0", "type": "Update"}
	if i.kind == stateUpdate {
		data = map[string]any{
			"version": "1.0", "oldState": historyState{i.before.state, i.before.reason}, "newState": historyState{i.after.state, i.after.reason},
		}
	}
	text, _ := json.Marshal(data) // texts always marshal
	return wire.Object{
		"AlarmName": i.alarm, "AlarmType": i.alarmType, "Timestamp": i.at,
		"HistoryItemType": i.kind, "HistorySummary": i.summary, "HistoryData": string(text),
	}
}
