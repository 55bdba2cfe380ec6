package rehearse_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/rehearse"
)

const head = "scenario: s\nduration: 10m\n"

const web = "services:\n  - {cluster: shop, service: web, image: \"shop/web:stable\", desired: 1, mode: act}\n"

// besides returns a service with such a further container.
func besides(container string) string {
	return "services:\n  - {cluster: a, service: b, image: \"c:d\", containers: [" + container + "]}\n"
}

// canary returns a service with a deployment of such fields.
func canary(fields string) string {
	return "services:\n  - {cluster: a, service: b, image: \"c:d\", load_balancer: true, deployment: {" + fields + "}}\n"
}

func TestParseSaysWhatIsWrongWithAScenario(t *testing.T) {
	tests := map[string]struct{ yaml, want string }{
		"no name":                                 {"duration: 1m\n", "the scenario has no name"},
		"no duration":                             {"scenario: s\n", "duration is 0s, expected more than 0s"},
		"an endless duration":                     {"scenario: s\nduration: 99999h\n", "duration is 99999h0m0s"},
		"ticks finer than EventBridge":            {head + "tick: 10s\n", "tick is 10s, expected a minute or more"},
		"an unknown key":                          {head + "steps:\n  - {at: 1m, psuh: {}}\n", `s.yaml:4:14: unknown field "psuh"`},
		"a service without a cluster":             {head + "services:\n  - {service: web}\n", "s.yaml:4:5: services[0]: cluster and service are both needed"},
		"an image without a tag":                  {head + "services:\n  - {cluster: a, service: b, image: c}\n", `image is "c", expected repository:tag`},
		"a behaviour that is not named":           {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", runs: v9}\n", `runs is "v9", expected a name in images`},
		"a negative count":                        {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", desired: -1}\n", "desired is -1"},
		"an alarm without a service":              {head + "alarms:\n  - {name: a, service: x/y, above: 70, for: 2}\n", "alarms[0]: expected a name of its own, a service of the scenario"},
		"a step after the end":                    {head + web + "steps:\n  - {at: 11m, say: hello}\n", "s.yaml:6:5: steps[0]: at is 11m0s, outside the scenario's 10m0s"},
		"a step with nothing in it":               {head + "steps:\n  - {at: 1m}\n", "expected exactly one event in a step, found 0"},
		"a step with two things in it":            {head + web + "steps:\n  - {at: 1m, say: a, send: b}\n", "expected exactly one event in a step, found 2"},
		"a step on an unknown service":            {head + web + "steps:\n  - {at: 1m, lose_host: {service: shop/api}}\n", `the scenario has no service "shop/api"`},
		"an unknown key of an image":              {head + "images:\n  bad: {sik_after: 1m}\n", `s.yaml:4:9: unknown field "sik_after"`},
		"an unknown key of a delay":               {head + "images:\n  bad: {exit_after: {medin: 1s}}\n", `s.yaml:4:22: unknown field "medin"`},
		"a probability above 1":                   {head + "images:\n  bad: {sick_probability: 7}\n", "s.yaml:4:8: images.bad: sick_probability is 7, expected a share from 0 to 1"},
		"a sickness without a kind":               {head + "images:\n  bad: {sick_after: 30m}\n", "sick_after needs one of sick_probability"},
		"a negative spread":                       {head + "images:\n  bad: {sick_spread: -1m}\n", "sick_spread is -1m0s, expected 0s or more"},
		"more memory than there is":               {head + "images:\n  bad: {memory: 120}\n", "memory is 120, expected a percentage"},
		"a zone that there is not":                {head + web + "steps:\n  - {at: 1m, lose_zone: {zone: d}}\n", `s.yaml:6:5: steps[0]: zone is "d", expected a, b or c`},
		"an outage without a kind":                {head + web + "steps:\n  - {at: 1m, outage: {for: 5m}}\n", "the outage has no kind"},
		"a shortage of nothing":                   {head + web + "steps:\n  - {at: 1m, no_capacity: {of: GPU, for: 1m}}\n", `no_capacity.of is "GPU", expected FARGATE, FARGATE_SPOT or EC2`},
		"a shortage that never was":               {head + web + "steps:\n  - {at: 1m, no_spot: {}}\n", "for is 0s, expected a duration above 0s"},
		"a changed secret without a reader":       {head + web + "steps:\n  - {at: 1m, change_secret: {secret: x}}\n", `no service reads the secret "x"`},
		"an earlier value that ended before":      {head + strings.Replace(web, "desired: 1", "desired: 1, secrets: {DB: x}", 1) + "steps:\n  - {at: 1m, change_secret: {secret: x, earlier_ends: -1s}}\n", "earlier_ends is -1s, expected a duration of 0s or more"},
		"a secret without a reader":               {head + web + "steps:\n  - {at: 1m, break_secret: {secret: x, how: deleted, for: 1m}}\n", `no service reads the secret "x"`},
		"a deleted image by no name":              {head + web + "steps:\n  - {at: 1m, delete_image: {image: shop/web}}\n", `delete_image.image is "shop/web", expected repository:tag`},
		"an expected decision by a wrong name":    {head + web + "expect:\n  - {decision: rolback, never: true}\n", `s.yaml:6:5: expect[0]: there is no decision "rolback": do you mean "rollback"?`},
		"an expected reason by a wrong name":      {head + web + "expect:\n  - {reason: bad-revison}\n", `there is no reason "bad-revison": do you mean "bad-revision"?`},
		"an expectation of another service":       {head + web + "expect:\n  - {service: shop/api, image: good}\n", `there is no service "shop/api": do you mean "shop/web"?`},
		"an expected cause by a wrong name":       {head + web + "expect:\n  - {cause: app-exits}\n", `there is no cause "app-exits": do you mean "app-exit"?`},
		"expected messages about another service": {head + web + "expect:\n  - {messages: {service: shop/api, at_most: 1}}\n", `there is no service "shop/api": do you mean "shop/web"?`},
		"an expected image without images":        {head + web + "expect:\n  - {service: shop/web, image: good}\n", `there is no image "good" in this scenario`},
		"a cluster without instances":             {head + "clusters:\n  - {cluster: a}\n", "s.yaml:4:5: clusters[0]: expected cluster: a name, and instances: from 1"},
		"a launch type of another age":            {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", launch: LAMBDA}\n", `launch is "LAMBDA", expected FARGATE or EC2`},
		"an unknown controller":                   {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", controller: ME}\n", `controller is "ME", expected ECS, CODE_DEPLOY or EXTERNAL`},
		"too little throttling":                   {head + web + "steps:\n  - {at: 1m, control_plane: {for: 1m, throttle: 3}}\n", "throttle is 3, expected a share from 0 to 1"},
		"a negative size":                         {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", cpu: -1}\n", "cpu is -1 and memory 0, expected CPU units and MiB"},
		"an alarm of no load balancer":            {head + web + "alarms:\n  - {name: a, service: shop/web, metric: errors, above: 1, for: 1}\n", "s.yaml:6:5: alarms[0]: shop/web has no load_balancer to count its errors"},
		"an alarm on no metric":                   {head + web + "alarms:\n  - {name: a, service: shop/web, metric: mood, above: 1, for: 1}\n", `metric is "mood", expected cpu, memory`},
		"more minutes than there are":             {head + web + "alarms:\n  - {name: a, service: shop/web, above: 1, for: 3, of: 2}\n", "of is 2, expected 3 minutes or more"},
		"missing data of another kind":            {head + web + "alarms:\n  - {name: a, service: shop/web, above: 1, for: 3, missing: gone}\n", `missing is "gone", expected missing, breaching`},
		"a rule that is none":                     {head + web + "alarms:\n  - {name: a, rule: \"ALARM(\"}\n", `alarms[0]: rule is "ALARM(": ALARM needs the name of an alarm`},
		"a rule about no alarm":                   {head + web + "alarms:\n  - {name: a, rule: ALARM(b)}\n", `rule names "b", expected the name of an earlier alarm`},
		"a metric broken in no way":               {head + web + "steps:\n  - {at: 1m, break_metric: {service: shop/web, how: odd, for: 5m}}\n", `break_metric.how is "odd", expected missing, late, negative, fraction, doubled`},
		"a metric broken for no time":             {head + web + "steps:\n  - {at: 1m, break_metric: {service: shop/web, how: late}}\n", "for is 0s, expected a duration above 0s"},
		"a protection of seconds":                 {head + web + "steps:\n  - {at: 1m, protect: {service: shop/web, for: 90s}}\n", "protect.for is 1m30s, expected whole minutes"},
		"a forged state of no alarm":              {head + web + "steps:\n  - {at: 1m, set_alarm: {alarm: a, state: OK}}\n", `the scenario has no alarm "a"`},
		"an unknown strategy":                     {head + canary("strategy: purple"), "s.yaml:4:5: services[0]: deployment.strategy is \"purple\", expected rolling, blue-green, linear or canary"},
		"a canary of nothing":                     {head + canary("strategy: canary"), "deployment.percent is 0, expected a percentage of the traffic"},
		"a canary without traffic":                {head + "services:\n  - {cluster: a, service: b, image: \"c:d\", deployment: {strategy: canary, percent: 10}}\n", "deployment.strategy canary needs load_balancer"},
		"steps of all at once":                    {head + canary("strategy: blue-green, percent: 10"), "deployment.percent and step_bake are for linear and canary"},
		"a pause in a shift":                      {head + canary("pause_at: [PRODUCTION_TRAFFIC_SHIFT]"), `deployment.pause_at is "PRODUCTION_TRAFFIC_SHIFT", expected RECONCILE_SERVICE, PRE_SCALE_UP`},
		"a pause that ends oddly":                 {head + canary("pause_then: sleep"), `deployment.pause_then is "sleep", expected rollback or continue`},
		"half a minute of bake time":              {head + canary("bake: 30s"), "deployment has a time of 30s, expected whole minutes"},
		"an unknown deployment alarm":             {head + canary("alarms: [x]"), `deployment.alarms names "x", expected an alarm of the scenario`},
		"an answer of another kind":               {head + web + "steps:\n  - {at: 1m, continue: {service: shop/web, action: maybe}}\n", `action is "maybe", expected continue or rollback`},
		"a throttle beyond everything":            {head + web + "steps:\n  - {at: 1m, throttle: {service: ecs, probability: 2}}\n", `a probability from 0 to 1, found "ecs" and 2`},
		"a push without a tag":                    {head + web + "steps:\n  - {at: 1m, push: {image: shop/web}}\n", `push.image is "shop/web", expected repository:tag`},
		"a container without a name":              {head + besides("{image: \"a:b\"}"), "s.yaml:4:5: services[0]: containers[0]: the container has no name"},
		"a container without a tag":               {head + besides("{name: x, image: a}"), `containers[0]: image is "a", expected repository:tag`},
		"a container of another's name":           {head + besides("{name: app, image: \"a:b\"}"), `containers[0]: name is "app", expected one that no other container has`},
		"a container that ends oddly":             {head + besides("{name: x, image: \"a:b\", exit_code: soon}"), `containers[0]: exit_code is "soon", expected a number or none`},
		"a container that runs nothing":           {head + besides("{name: x, image: \"a:b\", runs: v9}"), `runs is "v9", expected a name in images`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := rehearse.Parse("s.yaml", []byte(tt.yaml))
			require.ErrorContains(t, err, tt.want)
			assert.Nil(t, s)
			assert.Contains(t, err.Error(), "s.yaml", "the error names the file")
		})
	}
}

func TestAllFaultsOfAScenarioComeAtOnce(t *testing.T) {
	_, err := rehearse.Parse("s.yaml", []byte(head+web+"steps:\n  - {at: 1m, lose_host: {service: shop/api}}\n  - {at: 1m}\nexpect:\n  - {decision: rolback}\n  - {trigger: tock}\n"))
	require.Error(t, err)
	var places []string
	for line := range strings.Lines(err.Error()) {
		place, _, _ := strings.Cut(line, ": ")
		places = append(places, place)
	}
	assert.Equal(t, []string{"s.yaml:6:5", "s.yaml:7:5", "s.yaml:9:5", "s.yaml:10:5"}, places)
}

func play(t *testing.T, yaml string, seed uint64) rehearse.Result {
	t.Helper()
	s, err := rehearse.Parse("s.yaml", []byte(yaml))
	require.NoError(t, err)
	run, err := rehearse.New(s, rehearse.Options{Seed: seed})
	require.NoError(t, err)
	require.NoError(t, run.Play(context.Background()))
	return run.Result()
}

const storm = head + `images:
  bad: {exit_probability: 1, exit_after: {median: 10s}, exit_code: 1}
policy: "version: 1\nredeploy: {tag: stable}\n"
faults: {duplicate: 0.5, reorder: 0.5}
` + web + `steps:
  - {at: 1m, push: {image: "shop/web:stable", runs: bad}}
`

func TestTheSameSeedGivesTheSameRunByteForByte(t *testing.T) {
	first, err := json.Marshal(play(t, storm, 3))
	require.NoError(t, err)
	second, err := json.Marshal(play(t, storm, 3))
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
	other, err := json.Marshal(play(t, storm, 4))
	require.NoError(t, err)
	assert.NotEqual(t, string(first), string(other), "another seed is another run")
}

func TestAPolicyThatCannotBeReadStopsTheRehearsal(t *testing.T) {
	s, err := rehearse.Parse("s.yaml", []byte(head+"policy: \"version: 7\"\n"))
	require.NoError(t, err)
	_, err = rehearse.New(s, rehearse.Options{})
	assert.ErrorContains(t, err, "s: policy:1:10: version is 7, expected 1")
}

func TestMergeMeansFiguresAndKeepsEveryBreak(t *testing.T) {
	ten, thirty := 10.0, 30.0
	run := func(seed uint64, detect *float64, failed int, held bool) rehearse.Result {
		return rehearse.Result{
			Scenario: "s", Seed: seed, Runs: 1,
			Services:   []rehearse.ServiceResult{{Service: "a/b", TasksFailed: failed, DowntimeS: float64(failed), DetectS: detect}},
			Invariants: []rehearse.InvariantResult{{Name: "i", Held: held, Detail: "d"}},
		}
	}
	got := rehearse.Merge([]rehearse.Result{run(1, &ten, 2, true), run(2, nil, 3, true), run(3, &thirty, 4, false)})
	twenty := 20.0
	assert.Equal(t, rehearse.Result{
		Scenario: "s", Seed: 1, Runs: 3,
		Services:   []rehearse.ServiceResult{{Service: "a/b", TasksFailed: 3, DowntimeS: 3, DetectS: &twenty}},
		Invariants: []rehearse.InvariantResult{{Name: "i", Held: false, Detail: "seed 3: d; it held in 2 of 3 runs"}},
	}, got)
	assert.False(t, got.Held())
}
