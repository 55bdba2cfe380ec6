package ecssim

import (
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// metricAlarms puts alarms on a metric without data. The test sets their states.
func (w *world) metricAlarms(names ...string) {
	for _, name := range names {
		a := errorsAlarm(name)
		a["TreatMissingData"] = "ignore"
		require.NoError(w.t, w.PutAlarm(a))
		w.turn(name, "OK")
	}
}

func (w *world) turn(name, state string) {
	_, err := w.cw.SetAlarmState(w.t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: &name, StateValue: cwtypes.StateValue(state), StateReason: aws.String("by hand"),
	})
	require.NoError(w.t, err)
}

func (w *world) composite(name, rule string) {
	_, err := w.cw.PutCompositeAlarm(w.t.Context(), &cloudwatch.PutCompositeAlarmInput{
		AlarmName: &name, AlarmRule: &rule, Tags: []cwtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	require.NoError(w.t, err)
}

func (w *world) compositeState(name string) cwtypes.CompositeAlarm {
	out, err := w.cw.DescribeAlarms(w.t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{name}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm},
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.CompositeAlarms, 1)
	return out.CompositeAlarms[0]
}

func TestACompositeAlarmFollowsItsChildren(t *testing.T) {
	w := newWorld(t, Config{})
	w.metricAlarms("errors", "latency")
	w.composite("any", "ALARM(errors) OR ALARM(latency)")
	w.composite("both", "ALARM(any) AND NOT OK(latency)")
	assert.Equal(t, cwtypes.StateValueOk, w.compositeState("any").StateValue)
	w.run(time.Minute)
	w.events = nil
	w.turn("errors", "ALARM")
	any := w.compositeState("any")
	assert.Equal(t, cwtypes.StateValueAlarm, any.StateValue)
	assert.Equal(t, w.Now(), any.StateTransitionedTimestamp.UTC())
	assert.Equal(t, w.Now(), any.StateUpdatedTimestamp.UTC())
	assert.Contains(t, *any.StateReason, "alarm:errors transitioned to ALARM at Monday 05 January, 2026 06:01:00 UTC")
	assert.Equal(t, cwtypes.StateValueOk, w.compositeState("both").StateValue)
	w.turn("latency", "ALARM")
	assert.Equal(t, cwtypes.StateValueAlarm, w.compositeState("both").StateValue, "composite alarms may nest")
	w.run(time.Minute)
	w.turn("errors", "OK")
	assert.Equal(t, cwtypes.StateValueAlarm, w.compositeState("any").StateValue)
	w.turn("latency", "OK")
	assert.Equal(t, cwtypes.StateValueOk, w.compositeState("both").StateValue)
	var told []string
	for _, e := range w.events {
		if strings.Contains(string(e.raw), `"alarmRule":"ALARM(errors) OR ALARM(latency)"`) {
			told = append(told, e.Resources[0])
			assert.NotContains(t, string(e.raw), `"metrics"`)
		}
	}
	assert.Equal(t, []string{"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:any", "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:any"}, told)
}

func TestDescribeAlarmsShowsCompositeOnesToThoseWhoAsk(t *testing.T) {
	w := newWorld(t, Config{})
	w.metricAlarms("errors")
	w.composite("any", "ALARM(errors)")
	for name, c := range map[string]struct {
		types             []cwtypes.AlarmType
		metric, composite int
	}{
		"no types":  {nil, 1, 0},
		"metric":    {[]cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm}, 1, 0},
		"composite": {[]cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}, 0, 1},
		"both":      {[]cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm, cwtypes.AlarmTypeMetricAlarm}, 1, 1},
	} {
		out, err := w.cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: c.types})
		require.NoError(t, err)
		assert.Len(t, out.MetricAlarms, c.metric, name)
		assert.Len(t, out.CompositeAlarms, c.composite, name)
	}
	_, err := w.cw.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"any"}})
	require.NoError(t, err)
	w.turn("errors", "ALARM")
	left, err := w.cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}})
	require.NoError(t, err)
	assert.Empty(t, left.CompositeAlarms)
}

func TestCompositeAlarmsThatAreRefused(t *testing.T) {
	w := newWorld(t, Config{})
	w.metricAlarms("errors")
	w.composite("any", "ALARM(errors)")
	for name, in := range map[string]wire.Object{
		"a rule that is none":   {"AlarmName": "x", "AlarmRule": "ALARM("},
		"a child that is not":   {"AlarmName": "x", "AlarmRule": "ALARM(nobody)"},
		"a circle":              {"AlarmName": "any", "AlarmRule": "ALARM(errors) OR ALARM(any)"},
		"a metric alarm's name": {"AlarmName": "errors", "AlarmRule": "ALARM(any)"},
		"an actions suppressor": {"AlarmName": "x", "AlarmRule": "ALARM(errors)", "ActionsSuppressor": "any"},
		"an alarm without name": {"AlarmRule": "ALARM(errors)"},
	} {
		assert.Error(t, w.PutCompositeAlarm(in), name)
	}
	assert.Error(t, w.PutAlarm(errorsAlarm("any")), "a composite alarm does not become a metric alarm")
}

func TestACompositeAlarmRollsADeploymentBack(t *testing.T) {
	w := newWorld(t, Config{})
	w.metricAlarms("errors", "maintenance")
	w.composite("bad", "ALARM(errors) AND NOT ALARM(maintenance)")
	first := w.image("1", Behaviour{})
	w.create(ServiceSpec{TaskDefinition: first, Desired: 2, Alarms: []string{"bad"}})
	w.run(10 * time.Minute)
	w.assertSteady(2)
	w.deploy(w.image("2", Behaviour{}))
	w.run(2 * time.Minute)
	w.turn("errors", "ALARM")
	w.run(5 * time.Minute)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
	assert.Equal(t, []string{"bad"}, w.record().Alarms.TriggeredAlarmNames)
	assert.Equal(t, first, *w.service().TaskDefinition)
	t.Run("one that is in ALARM from the start is not heeded", func(t *testing.T) {
		w.deploy(w.image("3", Behaviour{}))
		w.run(time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusDisabled, w.record().Alarms.Status)
		w.turn("maintenance", "ALARM")
		w.turn("maintenance", "OK")
		w.run(10 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
	})
}
