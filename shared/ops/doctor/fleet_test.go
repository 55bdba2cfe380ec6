package doctor_test

import (
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/ops/doctor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsSaidOfServices(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		want  finding
	}{
		"no service is enrolled": {
			func(in *doctor.Installation) { in.Services[0].Tags = nil },
			finding{doctor.Warning, "services", "none of 1 services is enrolled, so nothing is watched"},
		},
		"the tag is misspelt": {
			func(in *doctor.Installation) { in.Services[0].Tags = map[string]string{"Homeostat-Mode": "act"} },
			finding{doctor.Warning, "services", `its tag "Homeostat-Mode" is not "homeostat:mode", so it does not count`},
		},
		"the mode is no mode": {
			func(in *doctor.Installation) { in.Services[0].Tags[contract.TagMode] = "on" },
			finding{doctor.Broken, "services", `its tag homeostat:mode is "on", which counts as off`},
		},
		"the other tag forbids nothing": {
			func(in *doctor.Installation) { in.Services[0].Tags[contract.TagRollback] = "no" },
			finding{doctor.Warning, "services", `its tag homeostat:rollback is "no", which forbids nothing`},
		},
		"another controller deploys": {
			func(in *doctor.Installation) { in.Services[0].Controller = "CODE_DEPLOY" },
			finding{doctor.Warning, "services", "its deployments are controlled by CODE_DEPLOY, so it is left alone"},
		},
		"the mode is the tag's": {
			func(*doctor.Installation) {},
			finding{doctor.Note, "services", "mode act (tag homeostat:mode)"},
		},
		"the mode is the policy's where the tag is empty": {
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
			finding{doctor.Note, "services", "its mode is the policy's, which could not be read"},
		},
		"whether AWS steers could not be read": {
			func(in *doctor.Installation) { in.Unread = map[string]doctor.Unread{"scaling": {Why: "no answer"}} },
			finding{doctor.Unknown, "services", "whether AWS's own scaling policies steer could not be read: no answer"},
		},
		"AWS steers": {
			func(in *doctor.Installation) { in.Services[0].Scaling = &fleet.Scaling{Policies: []string{"cpu"}} },
			finding{doctor.Note, "services", "AWS's own scaling policies steer its desired count (cpu), so it is healed and not scaled"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestAlarmsThatCannotFireAndThoseThatDo(t *testing.T) {
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
		"whether metrics have values could not be read": {
			func(in *doctor.Installation) { in.Unread = map[string]doctor.Unread{"alarm-data": {Why: "no answer"}} },
			finding{doctor.Unknown, "alarms", "whether their metrics have values could not be read: no answer"},
		},
		"one of Homeostat's own fires": {
			change("HealErrors", func(a *doctor.Alarm) { a.State = "ALARM" }),
			finding{doctor.Broken, "alarms", "fires: heal ends with errors"},
		},
		"one of Homeostat's own has no action": {
			change("HealErrors", func(a *doctor.Alarm) { a.Actions = 0 }),
			finding{doctor.Warning, "alarms", "tells nobody: it has no action"},
		},
		"one of Homeostat's own is muted": {
			change("HealErrors", func(a *doctor.Alarm) { a.Enabled = false }),
			finding{doctor.Warning, "alarms", "tells nobody: its actions are disabled"},
		},
		"deployments heed an alarm that is not there": {
			func(in *doctor.Installation) { in.Services[0].Alarms = []string{"gone"} },
			finding{doctor.Broken, "alarms", "deployments of shop/web heed this alarm, which does not exist"},
		},
		"deployments heed an alarm that fires already": {
			change("web-5xx", func(a *doctor.Alarm) { a.State = "ALARM" }),
			finding{doctor.Warning, "alarms", "fires already, so ECS heeds no alarm in the next deployment of shop/web"},
		},
		"deployments heed an alarm without data": {
			change("web-5xx", func(a *doctor.Alarm) { a.State = "INSUFFICIENT_DATA" }),
			finding{doctor.Warning, "alarms", "has had no data for 3 hours, so it cannot judge a deployment of shop/web"},
		},
		"an alarm is about a service that does not exist": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Dimensions["ServiceName"] = "wbe" }),
			finding{doctor.Warning, "alarms", "can never fire: the cluster shop has no service wbe"},
		},
		"an alarm is about a cluster that does not exist": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Dimensions["ClusterName"] = "shpo" }),
			finding{doctor.Warning, "alarms", "can never fire: there is no cluster shpo"},
		},
		"a metric has no values though tasks run": {
			change("web-cpu-high", func(a *doctor.Alarm) { a.Data.At = time.Time{} }),
			finding{doctor.Warning, "alarms", "cannot fire: CPUUtilization has had no value for more than an hour, though 2 tasks run"},
		},
		"a percentage is never above a hundred": {
			change("web-cpu-high", threshold("GreaterThanThreshold", 100)),
			finding{doctor.Warning, "alarms", "fires above 100 % only, which tasks reach only where they may use more than they reserve"},
		},
		"a percentage is never below zero": {
			change("web-cpu-high", threshold("LessThanThreshold", 0)),
			finding{doctor.Warning, "alarms", "can never fire: CPUUtilization is never below 0"},
		},
	} {
		t.Run(name, func(t *testing.T) { examine(t, c.spoil, c.want) })
	}
}

func TestAlarmsThatAreLeftInPeace(t *testing.T) {
	for name, spoil := range map[string]func(*doctor.Installation){
		"a service at zero tasks has no metric": func(in *doctor.Installation) {
			in.Services[0].Running, in.Alarms[2].Data.At = 0, time.Time{}
		},
		"a quarter of an hour without data is a beginning": func(in *doctor.Installation) {
			in.Alarms[1].State, in.Alarms[1].Since = "INSUFFICIENT_DATA", noon().Add(-15*time.Minute)
		},
		"services that could not be listed are not missing": func(in *doctor.Installation) {
			in.Services, in.Clusters = nil, nil
			in.Unread = map[string]doctor.Unread{"services": {Why: "denied"}}
		},
		"an alarm of others is not ours to judge": func(in *doctor.Installation) {
			in.Alarms = append(in.Alarms, doctor.Alarm{Name: "disk", State: "ALARM", Namespace: "CWAgent", Metric: "disk"})
		},
		"a metric that was not asked for is not silent": func(in *doctor.Installation) {
			in.Alarms[2].Data = doctor.Heartbeat{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := sound()
			spoil(&in)
			for _, f := range doctor.Examine(in, noon()) {
				if f.Check == "alarms" {
					assert.Contains(t, []doctor.Severity{doctor.Fine, doctor.Note}, f.Severity, "%s: %s", f.Subject, f.What)
				}
			}
		})
	}
}

// A cure must fit: a missing permission is given, anything else is tried again.
func TestWhatIsUnknownIsCuredByItsCause(t *testing.T) {
	cure := func(u doctor.Unread) string {
		in := sound()
		in.Unread = map[string]doctor.Unread{"alarms": u}
		findings := doctor.Examine(in, noon())
		return findings[len(findings)-1].Cure
	}
	assert.Contains(t, cure(doctor.Unread{Why: "denied", Denied: true}), "ReadOnlyAccess")
	assert.Contains(t, cure(doctor.Unread{Why: "no answer"}), "Try again")
}

// An unknown part keeps an installation from being sound: what was not seen is
// not fine.
func TestUnknownIsNotSound(t *testing.T) {
	in := sound()
	in.Unread = map[string]doctor.Unread{"alarms": {Why: "denied"}}
	assert.False(t, doctor.Sound(doctor.Examine(in, noon())))
}

func TestAPolicyOfTheBundleDecidesTheMode(t *testing.T) {
	in := sound()
	parsed, err := policy.Parse("homeostat.yaml", []byte("version: 1\nmode: propose\n"))
	require.NoError(t, err)
	in.Policy = doctor.Policy{Bundled: true, Parsed: parsed, Hash: "00"}
	in.Services[0].Tags[contract.TagMode] = ""
	assert.Contains(t, doctor.Examine(in, noon()), doctor.Finding{
		Severity: doctor.Note, Check: "services", Subject: "shop/web", What: "mode propose (policy)",
	})
}

func TestAServiceThatShouldCallAndHasNoAlarm(t *testing.T) {
	const want = "has no alarm by which it calls, so it is asked more often; the sweep makes homeostat/arm/shop/web within a quarter of an hour"
	for name, c := range map[string]struct {
		spoil func(*doctor.Installation)
		said  bool
	}{
		"it is said": {func(*doctor.Installation) {}, true},
		"it has one": {func(in *doctor.Installation) {
			in.Alarms = append(in.Alarms, doctor.Alarm{Name: "homeostat/arm/shop/web"})
		}, false},
		"it is only observed":           {func(in *doctor.Installation) { in.Services[0].Tags[contract.TagMode] = "observe" }, false},
		"AWS steers it":                 {func(in *doctor.Installation) { in.Services[0].Scaling.Policies = []string{"cpu"} }, false},
		"who steers it is not known":    {func(in *doctor.Installation) { in.Services[0].Scaling = nil }, false},
		"another controller deploys it": {func(in *doctor.Installation) { in.Services[0].Controller = "CODE_DEPLOY" }, false},
		"the policy could not be read":  {func(in *doctor.Installation) { in.Policy = doctor.Policy{Bundled: true} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := sound()
			in.Services[0].Scaling = &fleet.Scaling{}
			c.spoil(&in)
			found := false
			for _, f := range doctor.Examine(in, noon()) {
				if f.Check == "alarms" && f.Subject == "shop/web" {
					found = true
					assert.Equal(t, doctor.Note, f.Severity)
					assert.Equal(t, want, f.What)
				}
			}
			assert.Equal(t, c.said, found)
		})
	}
}
