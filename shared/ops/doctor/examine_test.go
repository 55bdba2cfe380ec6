package doctor_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/ops/doctor"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const topic = "arn:aws:sns:eu-central-1:123456789012:Homeostat-Notifications"

// sound returns an installation that needs no fix.
func sound() doctor.Installation {
	in := doctor.Installation{
		Home: fixture.Home(), Stack: doctor.Stack{Name: "Homeostat", Status: "CREATE_COMPLETE"},
		Table:     doctor.Table{Name: "memory", Status: "ACTIVE", Expires: true},
		Topic:     doctor.Topic{ARN: topic, Confirmed: 1},
		Heartbeat: doctor.Heartbeat{Known: true, At: fixture.Noon().Add(-3 * time.Minute)},
		Clock:     doctor.Clock{Known: true, Ahead: time.Second},
		Permits:   []doctor.Permit{{Function: "heal", Action: "ecs:UpdateService", Allowed: true, By: "allowed"}},
		Clusters:  []string{"shop"},
		Services: []doctor.Service{{
			Ref: fixture.Web(), Tags: map[string]string{contract.TagMode: "act"}, Controller: "ECS", Desired: 2, Running: 2,
			Alarms: []string{"web-5xx"}, Scaling: &fleet.Scaling{},
		}},
		Alarms: []doctor.Alarm{
			{Name: "HealErrors", State: "OK", Own: true, Enabled: true, Actions: 1, About: "heal ends with errors", Namespace: "AWS/Lambda", Metric: "Errors"},
			alarm("web-5xx", func(a *doctor.Alarm) {
				a.Namespace, a.Metric, a.Dimensions = "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", nil
			}),
			alarm("web-cpu-high", func(*doctor.Alarm) {}),
		},
	}
	for _, name := range contract.Functions() {
		queue := "arn:aws:sqs:eu-central-1:123456789012:" + name
		in.Queues = append(in.Queues, doctor.Queue{ARN: queue, Name: name, Function: name}, doctor.Queue{ARN: queue + "-dead", Name: name + "-dead", Function: name, Dead: true})
		in.Functions = append(in.Functions, doctor.Function{
			Name: name, Physical: "Homeostat-" + name, State: "Active", UpdateStatus: "Successful",
			Environment: map[string]string{contract.EnvTable: "memory", contract.EnvAccount: fixture.Account, contract.EnvNotifyTopic: topic},
			Sources:     []doctor.Source{{ID: "1-2-3", State: "Enabled", Queue: queue}},
		})
	}
	for _, id := range ruleIDs() {
		in.Rules = append(in.Rules, doctor.Rule{ID: id, Name: "Homeostat-" + id, Enabled: true, Targets: []string{in.Queues[0].ARN}})
	}
	return in
}

// ruleIDs returns the logical ids of the rules. A test of the stack compares them
// with its template.
func ruleIDs() []string {
	ids := []string{"SweepSchedule"}
	for _, rule := range route.Rules() {
		id := "On"
		for word := range strings.SplitSeq(rule.Name, "-") {
			id += strings.ToUpper(word[:1]) + word[1:]
		}
		ids = append(ids, id)
	}
	return ids
}

func alarm(name string, change func(*doctor.Alarm)) doctor.Alarm {
	threshold := 70.0
	a := doctor.Alarm{
		Name: name, State: "OK", Since: fixture.Noon().Add(-3 * time.Hour), Enabled: true, Actions: 1,
		Namespace: "AWS/ECS", Metric: "CPUUtilization", Comparison: "GreaterThanThreshold", Threshold: &threshold,
		Dimensions: map[string]string{"ClusterName": "shop", "ServiceName": "web"},
		Data:       doctor.Heartbeat{Known: true, At: fixture.Noon().Add(-2 * time.Minute)},
	}
	change(&a)
	return a
}

func TestASoundInstallationIsFine(t *testing.T) {
	findings := doctor.Examine(sound(), fixture.Noon())
	assert.True(t, doctor.Sound(findings))
	checks := map[string]bool{}
	for _, f := range findings {
		assert.Contains(t, []doctor.Severity{doctor.Fine, doctor.Note}, f.Severity, f.What)
		assert.Empty(t, f.Fix, "a fine part needs no fix")
		checks[f.Check] = true
	}
	assert.Len(t, checks, 14, "every check gives a finding")
}

// finding is the expected severity, check and text of a case.
type finding struct {
	severity    doctor.Severity
	check, what string
}

func examine(t *testing.T, spoil func(*doctor.Installation), want finding) {
	t.Helper()
	in := sound()
	spoil(&in)
	var got []finding
	for _, f := range doctor.Examine(in, fixture.Noon()) {
		got = append(got, finding{f.Severity, f.Check, f.What})
		if f.Severity == doctor.Unknown || f.Severity == doctor.Warning || f.Severity == doctor.Broken {
			require.NotEmpty(t, f.Fix, "%s has no fix", f.What)
			assert.Regexp(t, `^[A-Z].*\.$`, f.Fix, "a fix is one sentence")
		}
	}
	assert.Contains(t, got, want)
}

func TestFindingsOfTheStack(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		want  finding
	}{
		"there is no stack": {
			func(in *doctor.Installation) { in.Stack.Status = "" },
			finding{doctor.Broken, "stack", "there is no stack Homeostat in account 123456789012, region eu-central-1"},
		},
		"the stack cannot be read": {
			func(in *doctor.Installation) {
				in.Stack.Status, in.Unread = "", map[string]doctor.Unread{"stack": {Why: "denied"}}
			},
			finding{doctor.Unknown, "stack", "could not be read: denied"},
		},
		"the stack is being changed": {
			func(in *doctor.Installation) { in.Stack.Status = "UPDATE_IN_PROGRESS" },
			finding{doctor.Warning, "stack", "is being changed: UPDATE_IN_PROGRESS"},
		},
		"the latest change was rolled back": {
			func(in *doctor.Installation) {
				in.Stack.Status, in.Stack.Reason = "UPDATE_ROLLBACK_COMPLETE", "no permission"
			},
			finding{doctor.Warning, "stack", "its latest change was rolled back: no permission"},
		},
		"the stack failed": {
			func(in *doctor.Installation) { in.Stack.Status = "ROLLBACK_COMPLETE" },
			finding{doctor.Broken, "stack", "is in the state ROLLBACK_COMPLETE"},
		},
		"the table is gone": {
			func(in *doctor.Installation) { in.Table.Status = "" },
			finding{doctor.Broken, "table", "the stack names this table, and it does not exist in DynamoDB"},
		},
		"the stack has no table": {
			func(in *doctor.Installation) { in.Table = doctor.Table{} },
			finding{doctor.Broken, "table", "the stack has no table"},
		},
		"the table is being restored": {
			func(in *doctor.Installation) { in.Table.Status = "CREATING" },
			finding{doctor.Warning, "table", "is CREATING"},
		},
		"time to live is off": {
			func(in *doctor.Installation) { in.Table.Expires = false },
			finding{doctor.Warning, "table", "old evidence and episodes do not expire"},
		},
		"the account is frozen": {
			func(in *doctor.Installation) {
				in.Freezes = []fleet.Freeze{{Scope: "account", Frozen: true, Who: "ann", Why: "sale", Until: fixture.Noon().Add(time.Hour)}}
			},
			finding{doctor.Note, "switches", "is frozen until 2026-01-05T13:00:00Z by ann, because sale"},
		},
		"a freeze has ended": {
			func(in *doctor.Installation) {
				in.Freezes = []fleet.Freeze{{Scope: "account", Frozen: true, Until: fixture.Noon().Add(-time.Hour)}, {Scope: "cluster:shop"}}
			},
			finding{doctor.Fine, "switches", "nothing is frozen"},
		},
		"a rule is disabled": {
			func(in *doctor.Installation) { in.Rules[1].Enabled = false },
			finding{doctor.Broken, "rules", "is disabled, so heal receives none of its events"},
		},
		"a rule has lost its target": {
			func(in *doctor.Installation) { in.Rules[0].Targets = nil },
			finding{doctor.Broken, "rules", "has no target, so sweep receives none of its events"},
		},
		"a rule sends elsewhere": {
			func(in *doctor.Installation) { in.Rules[6].Targets = []string{"arn:aws:sqs:::else"} },
			finding{doctor.Broken, "rules", "sends to arn:aws:sqs:::else, and that is not a queue of the stack"},
		},
		"a rule is missing": {
			func(in *doctor.Installation) { in.Rules = in.Rules[:len(in.Rules)-1] },
			finding{doctor.Broken, "rules", "is missing, so redeploy receives none of its events"},
		},
		"a dead-letter queue holds messages": {
			func(in *doctor.Installation) { in.Queues[1].Waiting = 3 },
			finding{doctor.Broken, "dead-letters", "holds 3 undelivered messages"},
		},
		"a dead-letter queue is gone": {
			func(in *doctor.Installation) { in.Queues = in.Queues[:7] },
			finding{doctor.Broken, "dead-letters", "3 of 4 dead-letter queues exist"},
		},
		"the topic has no subscription": {
			func(in *doctor.Installation) { in.Topic.Confirmed = 0 },
			finding{doctor.Warning, "topic", "the topic has no subscription, so alarms and notifications reach no operator"},
		},
		"no subscription is confirmed": {
			func(in *doctor.Installation) { in.Topic.Confirmed, in.Topic.Pending = 0, 2 },
			finding{doctor.Warning, "topic", "2 subscriptions wait for confirmation, none is confirmed"},
		},
		"there is no topic": {
			func(in *doctor.Installation) { in.Topic = doctor.Topic{} },
			finding{doctor.Broken, "topic", "the stack has no topic, so no notification is sent"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestFindingsOfTheFunctions(t *testing.T) {
	zero := 0
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		want  finding
	}{
		"a function is not in the stack": {
			func(in *doctor.Installation) { in.Functions = in.Functions[1:] },
			finding{doctor.Broken, "functions", "is not in the stack"},
		},
		"a function is gone": {
			func(in *doctor.Installation) { in.Functions[0].State = "" },
			finding{doctor.Broken, "functions", "the stack names Homeostat-heal, and it does not exist in Lambda"},
		},
		"a function is not active": {
			func(in *doctor.Installation) { in.Functions[0].State = "Failed" },
			finding{doctor.Broken, "functions", "is Failed"},
		},
		"a function's update failed": {
			func(in *doctor.Installation) { in.Functions[0].UpdateStatus = "Failed" },
			finding{doctor.Broken, "functions", "its latest update failed, and the previous code still runs"},
		},
		"the reserved concurrency of a function is zero": {
			func(in *doctor.Installation) { in.Functions[0].Reserved = &zero },
			finding{doctor.Broken, "functions", "its reserved concurrency is 0, so it is never invoked"},
		},
		"a function uses another table": {
			func(in *doctor.Installation) { in.Functions[0].Environment[contract.EnvTable] = "other" },
			finding{doctor.Broken, "functions", `its variable HOMEOSTAT_TABLE is "other", expected "memory"`},
		},
		"a function calls an emulator": {
			func(in *doctor.Installation) { in.Functions[0].Environment["AWS_ENDPOINT_URL"] = "http://emulator" },
			finding{doctor.Note, "functions", "http://emulator is called instead of AWS (AWS_ENDPOINT_URL)"},
		},
		"an event source is disabled": {
			func(in *doctor.Installation) { in.Functions[2].Sources[0].State = "Disabled" },
			finding{doctor.Broken, "event-sources", "its event source is Disabled"},
		},
		"an event source has a problem": {
			func(in *doctor.Installation) { in.Functions[2].Sources[0].LastResult = "PROBLEM: Function call failed" },
			finding{doctor.Broken, "event-sources", "its event source reports PROBLEM: Function call failed"},
		},
		"a function has no event source": {
			func(in *doctor.Installation) { in.Functions[2].Sources = nil },
			finding{doctor.Broken, "event-sources", "no queue of the stack invokes it"},
		},
		"the sweep has stopped": {
			func(in *doctor.Installation) { in.Heartbeat.At = fixture.Noon().Add(-16 * time.Minute) },
			finding{doctor.Broken, "heartbeat", "the sweep was last invoked 16 minutes ago"},
		},
		"the sweep was never invoked": {
			func(in *doctor.Installation) { in.Heartbeat.At = time.Time{} },
			finding{doctor.Broken, "heartbeat", "the sweep was not invoked in the last three hours"},
		},
		"a sweep takes nearly all of its time": {
			func(in *doctor.Installation) {
				in.Functions[3].Timeout, in.Heartbeat.Longest = time.Minute, 52*time.Second
			},
			finding{doctor.Warning, "heartbeat", "a sweep took 52s of its 1m0s timeout, so it may not reach every service"},
		},
		"a sweep takes two thirds of its time": {
			func(in *doctor.Installation) {
				in.Functions[3].Timeout, in.Heartbeat.Longest = time.Minute, 40*time.Second
			},
			finding{doctor.Fine, "heartbeat", "the sweep was last invoked 3 minutes ago"},
		},
		"the heartbeat is not known": {
			func(in *doctor.Installation) { in.Heartbeat = doctor.Heartbeat{} },
			finding{doctor.Unknown, "heartbeat", "the last invocation of the sweep is unknown"},
		},
		"the clock is behind": {
			func(in *doctor.Installation) { in.Clock.Ahead = -2 * time.Minute },
			finding{doctor.Warning, "clock", "this machine's clock is 2m0s behind AWS's, so the ends of freezes and all ages are wrong"},
		},
		"the clock is not known": {
			func(in *doctor.Installation) { in.Clock = doctor.Clock{} },
			finding{doctor.Unknown, "clock", "the response of AWS has no time"},
		},
		"the bundled policy is broken": {
			func(in *doctor.Installation) {
				in.Policy = doctor.Policy{Bundled: true, Fault: "homeostat.yaml:2:1: unknown field"}
			},
			finding{doctor.Broken, "policy", "the bundled policy is invalid: homeostat.yaml:2:1: unknown field"},
		},
		"the bundled policy could not be fetched": {
			func(in *doctor.Installation) { in.Policy = doctor.Policy{Bundled: true} },
			finding{doctor.Unknown, "policy", "the bundled policy was not read"},
		},
		"the bundled policy is named by its hash": {
			func(in *doctor.Installation) {
				in.Policy = doctor.Policy{Bundled: true, Parsed: policy.Default(), Hash: "0123456789abcdef"}
			},
			finding{doctor.Fine, "policy", "the bundled policy is sha256 0123456789ab"},
		},
		"the mode is capped": {
			func(in *doctor.Installation) {
				for _, f := range in.Functions {
					f.Environment[contract.EnvMode] = "observe"
				}
			},
			finding{doctor.Note, "policy", "every service's mode is capped at observe"},
		},
		"the mode is capped differently": {
			func(in *doctor.Installation) { in.Functions[1].Environment[contract.EnvMode] = "observe" },
			finding{doctor.Warning, "policy", "the functions cap the mode differently (HOMEOSTAT_MODE)"},
		},
		"a role lacks actions": {
			func(in *doctor.Installation) {
				in.Permits = []doctor.Permit{
					{Function: "heal", Action: "sns:Publish", By: "implicitDeny"}, {Function: "heal", Action: "ecs:UpdateService", By: "implicitDeny"},
				}
			},
			finding{doctor.Broken, "permissions", "its role lacks ecs:UpdateService, sns:Publish (implicitDeny)"},
		},
		"nothing was simulated": {
			func(in *doctor.Installation) { in.Permits = nil },
			finding{doctor.Unknown, "permissions", "the permissions of the functions' roles were not simulated"},
		},
		"no task definition may be registered": {
			func(in *doctor.Installation) {
				in.Functions[0].Environment = maps.Clone(in.Functions[0].Environment)
				in.Functions[0].Environment[contract.EnvPin] = "false"
			},
			finding{doctor.Note, "permissions", "rollbacks after completion are off for images by tag once the tag points to another image, " +
				"and for inactive task definitions: the stack was deployed without -c pin=true"},
		},
		"a part cannot be read": {
			func(in *doctor.Installation) {
				in.Unread = map[string]doctor.Unread{"permissions": {Why: "not allowed", Denied: true}}
			},
			finding{doctor.Unknown, "permissions", "could not be read: not allowed"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestTheOptionalActionsAreSimulated(t *testing.T) {
	actions := func(change func(*doctor.Installation)) (all []string) {
		in := sound()
		change(&in)
		for _, need := range doctor.Needs(in, contract.FunctionHeal) {
			all = append(all, need.Actions...)
		}
		return all
	}
	plain := actions(func(*doctor.Installation) {})
	assert.NotContains(t, plain, "ecs:RegisterTaskDefinition")
	assert.NotContains(t, plain, "ecr:UpdateImageStorageClass")
	assert.Contains(t, actions(func(in *doctor.Installation) {
		in.Functions[0].Environment = map[string]string{contract.EnvPin: "true"}
	}), "ecs:RegisterTaskDefinition", "the stack permits it")
	restores, err := policy.Parse("p.yaml", []byte("version: 1\nheal: {restore_images: true}\n"))
	require.NoError(t, err)
	assert.Contains(t, actions(func(in *doctor.Installation) { in.Policy.Parsed = restores }), "ecr:UpdateImageStorageClass", "the policy needs it")
}
