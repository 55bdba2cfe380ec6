package observe_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
)

// handled is the effect of a value of an enum of AWS. Works is the result of the code
// for the value; it is true without a check of its own.
type handled struct {
	effect string
	works  bool
}

// enums lists each value of the enums of AWS that a decision reads. A new value of the
// SDK is missing here, and the test fails until its effect is decided.
func enums() map[string]map[string]handled {
	return map[string]map[string]handled{
		"alarm type": {
			"MetricAlarm":    {"read, also one of PromQL", true},
			"CompositeAlarm": {"read", true},
			"LogAlarm":       {"read", true},
		},
		"state of an alarm": {
			"OK":                {"not firing", true},
			"ALARM":             {"evidence if it began after the deployment", true},
			"INSUFFICIENT_DATA": {"not firing", true},
		},
		"evaluation of an alarm": {
			"PARTIAL_DATA":       {"the state is unknown: it is one of a part of the data", unknownAlarm("PARTIAL_DATA")},
			"EVALUATION_ERROR":   {"the state is unknown", unknownAlarm("EVALUATION_ERROR")},
			"EVALUATION_FAILURE": {"the state is unknown", unknownAlarm("EVALUATION_FAILURE")},
		},
		"service deployment": {
			"PENDING":              {"in progress", inProgress("PENDING", false)},
			"IN_PROGRESS":          {"in progress", inProgress("IN_PROGRESS", false)},
			"STOP_REQUESTED":       {"in progress, and rolling back", inProgress("STOP_REQUESTED", true)},
			"ROLLBACK_REQUESTED":   {"in progress, and rolling back", inProgress("ROLLBACK_REQUESTED", true)},
			"ROLLBACK_IN_PROGRESS": {"in progress, and rolling back", inProgress("ROLLBACK_IN_PROGRESS", true)},
			"SUCCESSFUL":           {"ended; its revision may be a target of a rollback", ended("SUCCESSFUL")},
			"STOPPED":              {"ended; its revision is no target", ended("STOPPED")},
			"ROLLBACK_SUCCESSFUL":  {"ended; ECS went back", ended("ROLLBACK_SUCCESSFUL")},
			"ROLLBACK_FAILED":      {"ended; ECS did not get back", ended("ROLLBACK_FAILED")},
		},
		"rollout": {
			"IN_PROGRESS": {"the service is deploying", deploying("IN_PROGRESS")},
			"COMPLETED":   {"the service is not deploying", !deploying("COMPLETED")},
			"FAILED":      {"the service is not deploying", !deploying("FAILED")},
		},
		"monitor of a deployment": {
			"TRIGGERED":           {"shown; the status of the deployment decides", true},
			"MONITORING":          {"shown", true},
			"MONITORING_COMPLETE": {"shown", true},
			"DISABLED":            {"shown", true},
		},
		"stop code": {
			"TaskFailedToStart":        {"by its text, else a failed start", family("TaskFailedToStart", fleet.FamilyUnknown)},
			"EssentialContainerExited": {"by the exit of the container", family("EssentialContainerExited", fleet.FamilyUnknown)},
			"UserInitiated":            {"normal: an operator stops a task", family("UserInitiated", fleet.FamilyNormal)},
			"ServiceSchedulerInitiated": {
				"by its text: health checks and scale-ins share the code", family("ServiceSchedulerInitiated", fleet.FamilyUnknown),
			},
			"SpotInterruption":     {"capacity: no verdict on the revision", family("SpotInterruption", fleet.FamilyCapacity)},
			"TerminationNotice":    {"capacity: the host ended", family("TerminationNotice", fleet.FamilyCapacity)},
			"InfrastructureHealth": {"capacity: the host failed", family("InfrastructureHealth", fleet.FamilyCapacity)},
		},
		"launch type": {
			"FARGATE":           {"a task without a host", true},
			"EC2":               {"a task with a host, which can be drained", true},
			"EXTERNAL":          {"as EC2, on an instance of the user", true},
			"MANAGED_INSTANCES": {"as EC2, on an instance of AWS", true},
		},
		"scheduling": {
			"REPLICA": {"the count is ours to set", true},
			"DAEMON":  {"ECS sets the count, and refuses ours", true},
		},
		"deployment strategy": {
			"ROLLING":    {"a deployment that ECS cannot end may be stuck", true},
			"BLUE_GREEN": {"two target groups; ECS ends the deployment by its bake time", true},
			"LINEAR":     {"two target groups; ECS ends the deployment by its steps", true},
			"CANARY":     {"two target groups; ECS ends the deployment by its steps", true},
		},
		"deployment controller": {
			"ECS":         {"healed and redeployed", true},
			"CODE_DEPLOY": {"never rolled back or redeployed", true},
			"EXTERNAL":    {"never rolled back or redeployed", true},
		},
		"task definition": {
			"ACTIVE":             {"can run", true},
			"INACTIVE":           {"cannot be deployed by its name", true},
			"DELETE_IN_PROGRESS": {"cannot be deployed by its name", true},
		},
		"container instance": {
			"ACTIVE":              {"may be drained", true},
			"DRAINING":            {"drains already", true},
			"REGISTERING":         {"is not drained", true},
			"DEREGISTERING":       {"is not drained", true},
			"REGISTRATION_FAILED": {"is not drained", true},
		},
		"rebalancing": {
			"ENABLED":  {"ECS moves tasks away from a failing zone", true},
			"DISABLED": {"Homeostat may turn it on", true},
		},
		"lifecycle hook": {
			"AWS_LAMBDA": {"its function answers", true},
			"PAUSE":      {"Homeostat may answer", true},
		},
		"image": {
			"ACTIVE":     {"can be pulled", true},
			"ARCHIVED":   {"is described, and cannot be pulled", true},
			"ACTIVATING": {"cannot be pulled yet", true},
		},
	}
}

// valuesOf returns the values of the SDK by the names of enums.
func valuesOf() map[string][]string {
	return map[string][]string{
		"alarm type":              texts(cwtypes.AlarmType("").Values()),
		"state of an alarm":       texts(cwtypes.StateValue("").Values()),
		"evaluation of an alarm":  texts(cwtypes.EvaluationState("").Values()),
		"service deployment":      texts(ecstypes.ServiceDeploymentStatus("").Values()),
		"rollout":                 texts(ecstypes.DeploymentRolloutState("").Values()),
		"monitor of a deployment": texts(ecstypes.ServiceDeploymentRollbackMonitorsStatus("").Values()),
		"stop code":               texts(ecstypes.TaskStopCode("").Values()),
		"launch type":             texts(ecstypes.LaunchType("").Values()),
		"scheduling":              texts(ecstypes.SchedulingStrategy("").Values()),
		"deployment strategy":     texts(ecstypes.DeploymentStrategy("").Values()),
		"deployment controller":   texts(ecstypes.DeploymentControllerType("").Values()),
		"task definition":         texts(ecstypes.TaskDefinitionStatus("").Values()),
		"container instance":      texts(ecstypes.ContainerInstanceStatus("").Values()),
		"rebalancing":             texts(ecstypes.AvailabilityZoneRebalancing("").Values()),
		"lifecycle hook":          texts(ecstypes.DeploymentLifecycleHookTargetType("").Values()),
		"image":                   texts(ecrtypes.ImageStatus("").Values()),
	}
}

func texts[T ~string](values []T) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

func TestEachValueOfAnEnumOfAWSIsHandled(t *testing.T) {
	tables, values := enums(), valuesOf()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(tables)), slices.Collect(maps.Keys(values)))
	for name, table := range tables {
		t.Run(name, func(t *testing.T) {
			assert.ElementsMatch(t, values[name], slices.Collect(maps.Keys(table)), "AWS has another value: decide its effect, and add a row")
			for value, row := range table {
				assert.True(t, row.works, "%s: %s", value, row.effect)
			}
		})
	}
}

func TestEachTypeOfAlarmIsRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	c := &fakeAlarms{out: cloudwatch.DescribeAlarmsOutput{
		MetricAlarms:    []cwtypes.MetricAlarm{{AlarmName: aws.String("metric"), StateValue: cwtypes.StateValueAlarm}},
		CompositeAlarms: []cwtypes.CompositeAlarm{{AlarmName: aws.String("composite"), StateValue: cwtypes.StateValueAlarm}},
		LogAlarms:       []cwtypes.LogAlarm{{AlarmName: aws.String("log"), StateValue: cwtypes.StateValueAlarm}},
	}}
	w.CloudWatch = c
	s := w.read(fleet.Needs{Alarms: []string{"metric", "composite", "log"}})
	assert.ElementsMatch(t, cwtypes.AlarmType("").Values(), c.requests.AlarmTypes)
	assert.Len(t, s.Alarms, len(cwtypes.AlarmType("").Values()), "a type has a list of its own")
	assert.Empty(t, s.Unread)
}

// unknownAlarm reports whether an event with this evaluation leaves the state of the
// alarm unknown.
func unknownAlarm(state string) bool {
	t := fleet.Trigger{Kind: fleet.AlarmChanged, ID: "1", Alarm: fleet.Alarm{Name: "a", State: "ALARM", Evaluation: state}}
	var m fleet.Memory
	m.Fold(fleet.Evidence{Trigger: t}, time.Unix(0, 0))
	known, ok := m.Alarms["a"]
	return ok && known.State == ""
}

func inProgress(status string, back bool) bool {
	r := fleet.Rollout{Status: status}
	return r.InProgress() && r.RollingBack() == back
}

func ended(status string) bool {
	r := fleet.Rollout{Status: status, RollbackTo: "revision"}
	return !r.InProgress() && !r.RollingBack()
}

func deploying(state string) bool {
	return fleet.Snapshot{Deployments: []fleet.Deployment{{Status: "PRIMARY", RolloutState: state}}}.Deploying()
}

func family(code string, want fleet.Family) bool {
	stop := &fleet.Stop{Code: code, StartedAt: time.Unix(0, 0), StoppedAt: time.Unix(60, 0)}
	return cause.Of(fleet.Trigger{Kind: fleet.TaskStopped, Stop: stop}).Family == want
}
