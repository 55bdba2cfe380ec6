package doctor_test

import (
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/ops/doctor"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFindingsOfServices(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		want  finding
	}{
		"no service is enrolled": {
			func(in *doctor.Installation) { in.Services[0].Tags = nil },
			finding{doctor.Warning, "services", "none of 1 services is enrolled"},
		},
		"the tag is misspelt": {
			func(in *doctor.Installation) { in.Services[0].Tags = map[string]string{"Homeostat-Mode": "act"} },
			finding{doctor.Warning, "services", `its tag "Homeostat-Mode" is not "homeostat:mode", so it has no effect`},
		},
		"the mode is unknown": {
			func(in *doctor.Installation) { in.Services[0].Tags[contract.TagMode] = "on" },
			finding{doctor.Broken, "services", `its tag homeostat:mode is "on", which counts as off`},
		},
		"the value of the rollback tag is unknown": {
			func(in *doctor.Installation) { in.Services[0].Tags[contract.TagRollback] = "no" },
			finding{doctor.Warning, "services", `its tag homeostat:rollback is "no", and that value has no effect`},
		},
		"another controller deploys": {
			func(in *doctor.Installation) { in.Services[0].Controller = "CODE_DEPLOY" },
			finding{doctor.Warning, "services", "its deployments are controlled by CODE_DEPLOY, so Homeostat does not manage it"},
		},
		"the mode is the tag's": {
			func(*doctor.Installation) {},
			finding{doctor.Note, "services", "mode act (tag homeostat:mode)"},
		},
		"the policy sets the mode if the tag is empty": {
			func(in *doctor.Installation) { in.Services[0].Tags[contract.TagMode] = "" },
			finding{doctor.Note, "services", "mode observe (policy)"},
		},
		"the mode is capped": {
			func(in *doctor.Installation) {
				for _, f := range in.Functions {
					f.Environment[contract.EnvMode] = "observe"
				}
			},
			finding{doctor.Note, "services", "mode observe (HOMEOSTAT_MODE)"},
		},
		"the policy could not be read": {
			func(in *doctor.Installation) {
				in.Policy, in.Services[0].Tags[contract.TagMode] = doctor.Policy{Bundled: true}, ""
			},
			finding{doctor.Note, "services", "the policy sets its mode, and the policy could not be read"},
		},
		"the scaling policies could not be read": {
			func(in *doctor.Installation) { in.Unread = map[string]doctor.Unread{"scaling": {Why: "no answer"}} },
			finding{doctor.Unknown, "services", "the scaling policies of Application Auto Scaling could not be read: no answer"},
		},
		"Application Auto Scaling sets the desired count": {
			func(in *doctor.Installation) { in.Services[0].Scaling = &fleet.Scaling{Policies: []string{"cpu"}} },
			finding{doctor.Note, "services", "policies of Application Auto Scaling set its desired count (cpu), so Homeostat heals it and does not scale it"},
		},
		"a container has a restart policy": {
			func(in *doctor.Installation) {
				in.Services[0].Definition = &fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app"}, {Name: "proxy", Restarts: true}}}
			},
			finding{doctor.Note, "services", `container "proxy" has a restart policy: ECS restarts it within the task and sends no event`},
		},
		"the task definition could not be read": {
			func(in *doctor.Installation) { in.Services[0].DefinitionUnread = doctor.Unread{Why: "no answer"} },
			finding{doctor.Unknown, "services", "its task definition could not be read: no answer"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestFindingsOfAlarms(t *testing.T) {
	change := func(name string, how func(*doctor.Alarm)) func(*doctor.Installation) {
		return func(in *doctor.Installation) {
			for i := range in.Alarms {
				if in.Alarms[i].Name == name {
					how(&in.Alarms[i])
				}
			}
		}
	}
	threshold := func(comparison string, t float64) func(*doctor.Alarm) {
		return func(a *doctor.Alarm) { a.Comparison, a.Threshold = comparison, &t }
	}
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		want  finding
	}{
		"the metrics of alarms could not be read": {
			func(in *doctor.Installation) { in.Unread = map[string]doctor.Unread{"alarm-data": {Why: "no answer"}} },
			finding{doctor.Unknown, "alarms", "the metrics of alarms could not be read: no answer"},
		},
		"one of Homeostat's own is in ALARM": {
			change("HealErrors", func(a *doctor.Alarm) { a.State = "ALARM" }),
			finding{doctor.Broken, "alarms", "is in ALARM: heal ends with errors"},
		},
		"one of Homeostat's own has no action": {
			change("HealErrors", func(a *doctor.Alarm) { a.Actions = 0 }),
			finding{doctor.Warning, "alarms", "sends no notification: it has no action"},
		},
		"the actions of one of Homeostat's own are disabled": {
			change("HealErrors", func(a *doctor.Alarm) { a.Enabled = false }),
			finding{doctor.Warning, "alarms", "sends no notification: its actions are disabled"},
		},
		"deployments use a missing alarm": {
			func(in *doctor.Installation) { in.Services[0].Alarms = []string{"gone"} },
			finding{doctor.Broken, "alarms", "deployments of shop/web use this alarm, and it does not exist"},
		},
		"CloudWatch cannot evaluate an alarm": {
			change("web-5xx", func(a *doctor.Alarm) { a.State, a.Evaluation = "ALARM", "EVALUATION_ERROR" }),
			finding{doctor.Broken, "alarms", "CloudWatch cannot evaluate it: EVALUATION_ERROR, so its state is unknown"},
		},
		"deployments use an alarm in ALARM": {
			change("web-5xx", func(a *doctor.Alarm) { a.State = "ALARM" }),
			finding{doctor.Warning, "alarms", "is in ALARM already, so ECS ignores all alarms in the next deployment of shop/web"},
		},
		"deployments use an alarm without data": {
			change("web-5xx", func(a *doctor.Alarm) { a.State = "INSUFFICIENT_DATA" }),
			finding{doctor.Warning, "alarms", "has had no data for 3 hours, so it cannot judge a deployment of shop/web"},
		},
		"the service of an alarm does not exist": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Dimensions["ServiceName"] = "wbe" }),
			finding{doctor.Warning, "alarms", "can never fire: the cluster shop has no service wbe"},
		},
		"the cluster of an alarm does not exist": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Dimensions["ClusterName"] = "shpo" }),
			finding{doctor.Warning, "alarms", "can never fire: there is no cluster shpo"},
		},
		"a metric has no values though tasks run": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Data.At = time.Time{} }),
			finding{doctor.Warning, "alarms", "cannot fire: CPUUtilization has had no value for more than an hour, though 2 tasks run"},
		},
		"a percentage is never above a hundred": {
			change("web-cpu-high", threshold("GreaterThanThreshold", 100)),
			finding{doctor.Warning, "alarms", "fires above 100 % only, and tasks reach that only if they may use more than they reserve"},
		},
		"a percentage is never below zero": {
			change("web-cpu-high", threshold("LessThanThreshold", 0)),
			finding{doctor.Warning, "alarms", "can never fire: CPUUtilization is never below 0"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestAlarmsWithoutAFinding(t *testing.T) {
	for name, spoil := range map[string]func(*doctor.Installation){
		"a service at zero tasks has no metric": func(in *doctor.Installation) {
			in.Services[0].Running, in.Alarms[2].Data.At = 0, time.Time{}
		},
		"an alarm may be without data for 15 minutes": func(in *doctor.Installation) {
			in.Alarms[1].State, in.Alarms[1].Since = "INSUFFICIENT_DATA", fixture.Noon().Add(-15*time.Minute)
		},
		"unreadable services are not missing": func(in *doctor.Installation) {
			in.Services, in.Clusters = nil, nil
			in.Unread = map[string]doctor.Unread{"services": {Why: "denied"}}
		},
		"alarms on other metrics are not examined": func(in *doctor.Installation) {
			in.Alarms = append(in.Alarms, doctor.Alarm{Name: "disk", State: "ALARM", Namespace: "CWAgent", Metric: "disk"})
		},
		"an unread metric gives no finding": func(in *doctor.Installation) {
			in.Alarms[2].Data = doctor.Heartbeat{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := sound()
			spoil(&in)
			for _, f := range doctor.Examine(in, fixture.Noon()) {
				if f.Check == "alarms" {
					assert.Contains(t, []doctor.Severity{doctor.Fine, doctor.Note}, f.Severity, "%s: %s", f.Subject, f.What)
				}
			}
		})
	}
}

// The fix depends on the error: a missing permission is granted, and every other
// read is repeated.
func TestTheFixOfAnUnknownPartDependsOnItsError(t *testing.T) {
	fix := func(u doctor.Unread) string {
		in := sound()
		in.Unread = map[string]doctor.Unread{"alarms": u}
		findings := doctor.Examine(in, fixture.Noon())
		return findings[len(findings)-1].Fix
	}
	assert.Contains(t, fix(doctor.Unread{Why: "denied", Denied: true}), "ReadOnlyAccess")
	assert.Contains(t, fix(doctor.Unread{Why: "no answer"}), "Try again")
}

// An installation with an unreadable part is not sound.
func TestUnknownIsNotSound(t *testing.T) {
	in := sound()
	in.Unread = map[string]doctor.Unread{"alarms": {Why: "denied"}}
	assert.False(t, doctor.Sound(doctor.Examine(in, fixture.Noon())))
}

func TestTheBundledPolicySetsTheMode(t *testing.T) {
	in := sound()
	parsed, err := policy.Parse("homeostat.yaml", []byte("version: 1\nmode: propose\n"))
	require.NoError(t, err)
	in.Policy = doctor.Policy{Bundled: true, Parsed: parsed, Hash: "00"}
	in.Services[0].Tags[contract.TagMode] = ""
	assert.Contains(t, doctor.Examine(in, fixture.Noon()), doctor.Finding{
		Severity: doctor.Note, Check: "services", Subject: "shop/web", What: "mode propose (policy)",
	})
}

func TestAServiceWithoutItsTriggerAlarm(t *testing.T) {
	const want = "has no trigger alarm, so the sweep reads it more often; the sweep creates homeostat/arm/shop/web within 15 minutes"
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		noted bool
	}{
		"it is noted": {func(*doctor.Installation) {}, true},
		"it has one": {func(in *doctor.Installation) {
			in.Alarms = append(in.Alarms, doctor.Alarm{Name: "homeostat/arm/shop/web"})
		}, false},
		"it is only observed":           {func(in *doctor.Installation) { in.Services[0].Tags[contract.TagMode] = "observe" }, false},
		"AWS scales it":                 {func(in *doctor.Installation) { in.Services[0].Scaling.Policies = []string{"cpu"} }, false},
		"its scaling is unknown":        {func(in *doctor.Installation) { in.Services[0].Scaling = nil }, false},
		"another controller deploys it": {func(in *doctor.Installation) { in.Services[0].Controller = "CODE_DEPLOY" }, false},
		"the policy could not be read":  {func(in *doctor.Installation) { in.Policy = doctor.Policy{Bundled: true} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := sound()
			in.Services[0].Scaling = &fleet.Scaling{}
			c.spoil(&in)
			found := false
			for _, f := range doctor.Examine(in, fixture.Noon()) {
				if f.Check == "alarms" && f.Subject == "shop/web" {
					found = true
					assert.Equal(t, doctor.Note, f.Severity)
					assert.Equal(t, want, f.What)
				}
			}
			assert.Equal(t, c.noted, found)
		})
	}
}
