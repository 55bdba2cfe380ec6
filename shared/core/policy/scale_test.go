package policy_test

import (
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scaling = `version: 1
scale:
  min: 0
  max: 20
  memory: 75
  requests_per_task: 1200
  target_group: arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef
  load_balancer: app/shop/fedcba9876543210
  backlog_per_task: 50
  queue: orders.fifo
  metric:
    expression: "FILL(m1, 0) + m2 * 1.5e2"
    metrics:
      m1: {namespace: Shop, name: Carts, dimensions: {Stage: live}, stat: Sum, period: 10s}
      m2: {namespace: Shop, name: Visitors}
    per_task: 100
  violation_price: 0.3
  schedules:
    - {cron: "0 8 * * MON-FRI", zone: "Europe/Berlin", for: 10h, min: 4, max: 20}
    - {cron: "0 0 * * SAT", for: 48h, max: 3}
  own: true
  cooldown_out: 10s
  cooldown_in: 2m
  step_out: 8
  step_in: 2
  rate_in: 0.25
  changes_per_hour: 30
  to_zero: 15m
  wake: [orders-wait]
  arm: false
`

func TestParseReadsEveryScaleKey(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(scaling))
	require.NoError(t, err)
	e := p.For(fixture.Web(), nil, "")
	require.Len(t, e.Schedules, 2)
	assert.Equal(t, "UTC", e.Schedules[1].Zone, "without a zone it is UTC")
	assert.Nil(t, e.Schedules[1].Min)
	e.Schedules = nil
	want := policy.Default().For(fixture.Web(), nil, "").Scaling
	want.Memory, want.RequestsPerTask, want.BacklogPerTask, want.Queue = 75, 1200, 50, "orders.fifo"
	want.TargetGroup, want.LoadBalancer = "targetgroup/web/0123456789abcdef", "app/shop/fedcba9876543210"
	want.Metric = &policy.MetricRules{
		Expression: "FILL(m1, 0) + m2 * 1.5e2", PerTask: 100, Metrics: map[string]policy.MetricQuery{
			"m1": {Namespace: "Shop", Name: "Carts", Dimensions: map[string]string{"Stage": "live"}, Stat: "Sum", Period: 10 * time.Second},
			"m2": {Namespace: "Shop", Name: "Visitors", Stat: "Average", Period: time.Minute},
		},
	}
	want.ViolationPrice, want.Own, want.StepOut, want.StepIn, want.RateIn, want.ChangesPerHour = 0.3, true, 8, 2, 0.25, 30
	want.ToZero, want.Wake, want.Arm = 15*time.Minute, []string{"orders-wait"}, false
	assert.Equal(t, want, e.Scaling)
	assert.Equal(t, 10*time.Second, e.CooldownOut)
	assert.Equal(t, 0, e.Min)
}

func TestScaleDefaults(t *testing.T) {
	e := policy.Default().For(fixture.Web(), nil, "")
	assert.Equal(t, []int{1, 5}, []int{e.Min, e.Max})
	assert.InDelta(t, 70, e.CPU, 0)
	assert.False(t, e.CPUExplicit)
	assert.False(t, e.Own, "scaling policies of AWS stay in force")
}

func TestExplainShowsScalingWithItsLines(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(scaling))
	require.NoError(t, err)
	got := map[string]policy.Setting{}
	for _, s := range p.Explain(fixture.Web(), nil, "") {
		got[s.Path] = s
	}
	for path, want := range map[string][2]string{
		"scale.schedules": {
			`["0 8 * * MON-FRI" Europe/Berlin for 10h0m0s min 4 max 20, "0 0 * * SAT" UTC for 48h0m0s max 3]`, "homeostat.yaml:19",
		},
		"scale.metric":            {"FILL(m1, 0) + m2 * 1.5e2, 100 a task", "homeostat.yaml:12"},
		"scale.target_group":      {`"targetgroup/web/0123456789abcdef"`, "homeostat.yaml:7"},
		"scale.violation_price":   {"0.3", "homeostat.yaml:17"},
		"scale.to_zero":           {"15m0s", "homeostat.yaml:28"},
		"scale.wake":              {"[orders-wait]", "homeostat.yaml:29"},
		"limits.actions_per_hour": {"12", "built-in default"},
	} {
		assert.Equal(t, policy.Setting{Path: path, Value: want[0], Origin: want[1]}, got[path])
	}
}

// refused parses lines under "scale:", from line 3 on, or a whole file. Each case
// must have exactly one problem with the wanted text.
func refused(t *testing.T, cases map[string]struct{ lines, want string }) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := c.lines
			if !strings.HasPrefix(text, "version") {
				text = "version: 1\nscale:\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
			}
			p, err := policy.Parse("p.yaml", []byte(text))
			assert.Nil(t, p)
			require.ErrorContains(t, err, c.want)
			faults := strings.Split(err.Error(), "\n")
			assert.Len(t, faults, 1, "one problem is reported once: %s", err)
		})
	}
}

func TestParseRefusesInvalidScaleKeys(t *testing.T) {
	refused(t, map[string]struct{ lines, want string }{
		"a memory target below one percent": {"memory: 0.7", "p.yaml:3:11: scale.memory is 0.7, expected a percentage from 1 to 100, or 0 to leave memory out"},
		"fewer requests than none":          {"requests_per_task: -1", "p.yaml:3:22: scale.requests_per_task is -1, expected the requests per minute for one task, or 0"},
		"requests without end":              {"requests_per_task: .inf", "scale.requests_per_task is +Inf"},
		"a price of nothing":                {"violation_price: 0", "p.yaml:3:20: scale.violation_price is 0, expected a number above 0: 0.1 makes one percent"},
		"a price without end":               {"violation_price: .inf", "scale.violation_price is +Inf, expected a number above 0: 0.1 makes one percent of violating requests as bad as a tenth more cost. For fewer violations use more"},
		"a price that is no number":         {"violation_price: .nan", "scale.violation_price is NaN"},
		"a price below nothing":             {"violation_price: -0.1", "scale.violation_price is -0.1"},
		"a target group by its name":        {"target_group: web", `p.yaml:3:17: scale.target_group is "web", expected targetgroup/NAME/ID or the ARN of a target group`},
		"a network load balancer":           {"load_balancer: net/web/0123456789abcdef", "expected app/NAME/ID of an Application Load Balancer"},
		"a queue by its URL": {
			"backlog_per_task: 5\nqueue: https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
			"p.yaml:4:10: scale.queue is \"https://sqs.eu-central-1.amazonaws.com/123456789012/orders\", expected the name of an SQS queue",
		},
		"a queue without a backlog":                {"queue: orders", `p.yaml:3:10: scale.queue is "orders" without scale.backlog_per_task: set the number`},
		"a target group without its load balancer": {"target_group: targetgroup/web/0123456789abcdef", "p.yaml:3:17: scale.target_group without scale.load_balancer: requests are counted for both"},
		"a load balancer without its target group": {"load_balancer: app/web/0123456789abcdef", "p.yaml:3:18: scale.load_balancer without scale.target_group: requests are counted for both"},
		"a backlog without a queue":                {"backlog_per_task: 5", "p.yaml:3:21: scale.backlog_per_task without scale.queue: name the SQS queue"},
		"a step below nothing":                     {"step_out: -1", "p.yaml:3:13: scale.step_out is -1, expected 0 to 5000"},
		"a rate of nothing":                        {"rate_in: 0", "p.yaml:3:12: scale.rate_in is 0, expected a share of the tasks above 0 and up to 1 (no limit)"},
		"a rate above all":                         {"rate_in: 1.5", "scale.rate_in is 1.5"},
		"more changes than one a minute":           {"changes_per_hour: 61", "p.yaml:3:21: scale.changes_per_hour is 61, expected 0 to 60"},
		"zero after a second":                      {"to_zero: 1s\nmin: 0\nwake: [a]", "p.yaml:3:12: scale.to_zero is 1s, expected 1m to 744h, or 0s for never"},
		"a key that nobody knows":                  {"violation_cost: 1", `p.yaml:3:3: unknown field "violation_cost"`},
		"a list where a number goes":               {"step_in: [1]", "p.yaml:3:12: "},
		"an alarm without a name":                  {`wake: [""]`, "p.yaml:3:9: a name is empty"},
		"a negative minimum":                       {"min: -1", "p.yaml:3:8: scale.min is -1, expected 1 to 5000, or 0 with scale.to_zero"},
		"a maximum of nothing":                     {"max: 0", "p.yaml:3:8: scale.max is 0, expected 1 to 5000"},
		"a cooldown of two days":                   {"cooldown_out: 48h", "scale.cooldown_out is 48h0m0s, expected 0s to 24h"},
		"own as a word":                            {"own: perhaps", "p.yaml:3:8: "},
		"zero that is never reached":               {"to_zero: 15m\nwake: [a]", "p.yaml:3:12: scale.to_zero is 15m0s, but scale.min is 1, so there are always tasks: set scale.min to 0"},
		"zero for ever":                            {"to_zero: 15m\nmin: 0", "p.yaml:3:12: nothing would start the service again: name its scale.queue, alarms in scale.wake, a scale.metric, or a schedule with a min"},
		"a minimum of zero for ever":               {"min: 0", "p.yaml:3:8: scale.min is 0, expected 1 to 5000; with scale.to_zero, such as 15m, it may be 0"},
		"zero turned off by an entry":              {"version: 1\nscale: {min: 0, to_zero: 15m, wake: [a]}\nservices:\n  - match: {service: a}\n    scale: {to_zero: 0s}\n", "scale.min is 0, expected 1 to 5000"},
	})
}

func TestParseRefusesInvalidMetrics(t *testing.T) {
	metric := func(expression, metrics, perTask string) string {
		return "metric:\n  expression: " + expression + "\n  metrics: " + metrics + "\n  per_task: " + perTask
	}
	one := "{m1: {namespace: A, name: B}}"
	refused(t, map[string]struct{ lines, want string }{
		"an id that is not defined":      {metric("m1+m3", one, "1"), `p.yaml:4:17: scale.metric.expression names "m3", which is not under metrics`},
		"a metric that is not used":      {metric("m1", "{m1: {namespace: A, name: B}, m2: {namespace: A, name: C}}", "1"), `leaves out "m2", which is under metrics: use it or remove it`},
		"no metric":                      {metric("m1", "{}", "1"), "scale.metric.metrics has 0 metrics, expected 1 to 10, such as m1:"},
		"an id with a capital":           {metric("METRICS()", "{M1: {namespace: A, name: B}}", "1"), `"M1" is not the id of a metric, expected a lower-case letter, then letters, digits and _`},
		"an id with a dash":              {metric("METRICS()", "{m-1: {namespace: A, name: B}}", "1"), `"m-1" is not the id of a metric`},
		"less than nothing a task":       {metric("m1", one, "-1"), "p.yaml:6:15: scale.metric.per_task is -1, expected the demand for one task, or nothing to learn it from the CPU"},
		"no number a task":               {metric("m1", one, ".nan"), "scale.metric.per_task is NaN"},
		"no expression":                  {"metric:\n  metrics: " + one + "\n  per_task: 1", "scale.metric.expression has 0 characters, expected 1 to 1024"},
		"a bracket that is open":         {metric("SUM(m1", one, "1"), "scale.metric.expression has 1 brackets that are not closed"},
		"a bracket that is shut":         {metric("m1)", one, "1"), "closes a bracket that is not open"},
		"half a quotation":               {metric(`"FILL(m1, 'x)"`, one, "1"), "has an unclosed quotation mark"},
		"a sign that nobody knows":       {metric(`"m1 ; m1"`, one, "1"), `has ";", which is not valid in metric math`},
		"a search":                       {metric(`"SUM(SEARCH('{AWS/SQS}', 'Sum')) + m1"`, one, "1"), "uses SEARCH, which finds metrics by itself"},
		"a metric without a name":        {metric("m1", "{m1: {namespace: A}}", "1"), "p.yaml:5:19: the metric needs a namespace and a name"},
		"a dimension without a value":    {metric("m1", `{m1: {namespace: A, name: B, dimensions: {Queue: ""}}}`, "1"), `the dimension "Queue" is "", expected a name and a value`},
		"a stat in small letters":        {metric("m1", "{m1: {namespace: A, name: B, stat: sum}}", "1"), `p.yaml:5:49: the stat is "sum", expected Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95`},
		"a percentile above a hundred":   {metric("m1", "{m1: {namespace: A, name: B, stat: p101}}", "1"), `the stat is "p101"`},
		"a percentile without a number":  {metric("m1", "{m1: {namespace: A, name: B, stat: p}}", "1"), `the stat is "p"`},
		"a period of a number":           {metric("m1", "{m1: {namespace: A, name: B, period: 60}}", "1"), "p.yaml:5:51: expected a time with its unit, such as 30s, 5m or 12h"},
		"a period of forty seconds":      {metric("m1", "{m1: {namespace: A, name: B, period: 40s}}", "1"), "p.yaml:5:51: the period is 40s, expected 10s, 20s, 30s, or whole minutes such as 1m, up to 24h"},
		"a period of a minute and a bit": {metric("m1", "{m1: {namespace: A, name: B, period: 90s}}", "1"), "the period is 1m30s"},
		"a period that runs back":        {metric("m1", "{m1: {namespace: A, name: B, period: -60s}}", "1"), "the period is -1m0s"},
	})
}

func TestParseAcceptsMetricMath(t *testing.T) {
	for _, expression := range []string{
		"m1", "m1 + m2", "IF(m1 > 10 AND m2 <= 5, m1, m2)", "FILL(m1, REPEAT) / PERIOD(m2)", "SUM(METRICS())", `SUM(METRICS("Errors"))`,
		"RATE(m1) * 60 - 1e3", "MAX([m1, m2])", "m1 >= 2 || m2 != 0 && !m1", "(m1+m2)^0.5",
	} {
		t.Run(expression, func(t *testing.T) {
			_, err := policy.Parse("p.yaml", []byte("version: 1\nscale:\n  metric:\n    per_task: 1\n    metrics: {m1: {namespace: A, name: B, stat: p99.9}, m2: {namespace: A, name: C, period: 5m}}\n    expression: >-\n      "+expression+"\n"))
			if strings.Contains(expression, "m2") || strings.Contains(expression, "METRICS") {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, `leaves out "m2"`)
			}
		})
	}
}

func TestParseRefusesInvalidSchedules(t *testing.T) {
	schedules := func(all ...string) string { return "max: 10\nschedules:\n  - {" + strings.Join(all, "}\n  - {") + "}" }
	refused(t, map[string]struct{ lines, want string }{
		"an hour that is none":        {schedules(`cron: "0 25 * * *", for: 1h, min: 2`), `p.yaml:5:14: scale.schedules: the hour is "25", expected 0 to 23`},
		"the six fields of AWS":       {schedules(`cron: "0 8 ? * MON-FRI *", for: 1h, min: 2`), "has 6 fields, expected five: minute, hour"},
		"no expression":               {schedules(`for: 1h, min: 2`), `p.yaml:5:`},
		"a day that never comes":      {schedules(`cron: "0 0 31 FEB *", for: 1h, min: 2`), "never occurs"},
		"a zone that nobody knows":    {schedules(`cron: "0 8 * * *", zone: Europe/Bern, for: 1h, min: 2`), `p.yaml:5:33: scale.schedules: "Europe/Bern" is not a time zone, expected a name such as`},
		"no time":                     {schedules(`cron: "0 8 * * *", min: 2`), "scale.schedules: for is 0s, expected 1m to 744h"},
		"a year":                      {schedules(`cron: "0 8 * * *", for: 8760h, min: 2`), "p.yaml:5:32: scale.schedules: for is 8760h0m0s"},
		"nothing that changes":        {schedules(`cron: "0 8 * * *", for: 1h`), "the schedule changes nothing, expected min, max or both"},
		"min above its max":           {schedules(`cron: "0 8 * * *", for: 1h, min: 3, max: 2`), "p.yaml:5:41: the schedule's min is 3, above its max, which is 2"},
		"min above the policy's max":  {schedules(`cron: "0 8 * * *", for: 1h, min: 11`), "p.yaml:5:41: the schedule's min is 11, above scale.max, which is 10: give the schedule a max of its own"},
		"max below the policy's min":  {"min: 3\n" + schedules(`cron: "0 8 * * *", for: 1h, max: 2`), "p.yaml:6:41: the schedule's max is 2, below scale.min, which is 3: give the schedule a min of its own"},
		"a max of nothing":            {schedules(`cron: "0 8 * * *", for: 1h, max: 0`), "p.yaml:5:41: the schedule's max is 0, expected 1 to 5000"},
		"a min of nothing":            {schedules(`cron: "0 8 * * *", for: 1h, min: 0`), "p.yaml:5:41: the schedule's min is 0, expected 1 to 5000; with scale.to_zero, such as 15m, it may be 0"},
		"a key that nobody knows":     {schedules(`cron: "0 8 * * *", during: 1h, min: 2`), `unknown field "during"`},
		"two that contradict":         {schedules(`cron: "0 8 * * MON-FRI", for: 10h, min: 6`, `cron: "0 17 * * FRI", for: 2h, max: 5`), "p.yaml:5:48: the schedule's min 6 is above the max 5 of the schedule on line 6, and both are open on 2027-01-01 17:00 UTC: change a bound or a time"},
		"two that contradict rarely":  {schedules(`cron: "0 0 29 2 *", for: 1h, min: 6`, `cron: "*/5 * * * *", for: 1m, max: 5`), "both are open on 2028-02-29 00:00 UTC"},
		"over an ocean":               {schedules(`cron: "0 8 * * *", zone: America/New_York, for: 1h, min: 6`, `cron: "0 14 * * *", zone: Europe/Berlin, for: 1h, max: 5`), "both are open on 2027-01-01 13:00 UTC"},
		"an entry's max below theirs": {"version: 1\nscale:\n  max: 10\n  schedules: [{cron: \"0 8 * * *\", for: 1h, min: 6}]\nservices:\n  - match: {service: a}\n    scale: {max: 4}\n", "p.yaml:4:49: the schedule's min is 6, above scale.max, which is 4"},
		"more than anybody has":       {"schedules: [" + strings.Repeat(`{cron: "0 8 * * *", for: 1h, min: 2},`, 21) + "]", "scale.schedules has 21 schedules, expected at most 20"},
	})
}

func TestParseAcceptsSchedulesWithoutOverlap(t *testing.T) {
	for name, lines := range map[string]string{
		"one after the other":          `[{cron: "0 8 * * *", for: 1h, min: 6, max: 10}, {cron: "0 9 * * *", for: 1h, max: 5}]`,
		"on days that never meet":      `[{cron: "0 8 * * MON-FRI", for: 10h, min: 6, max: 10}, {cron: "0 0 * * SAT", for: 48h, max: 5}]`,
		"at times that an ocean parts": `[{cron: "0 8 * * *", zone: Asia/Tokyo, for: 1h, min: 6, max: 10}, {cron: "0 8 * * *", zone: Europe/Berlin, for: 1h, max: 5}]`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Parse("p.yaml", []byte("version: 1\nscale: {max: 10, schedules: "+lines+"}\n"))
			require.NoError(t, err)
		})
	}
}

func TestParseAcceptsKeysCompletedByAnEntry(t *testing.T) {
	for name, file := range map[string]string{
		"a backlog for all queue workers":        "scale: {backlog_per_task: 50}\nservices:\n  - match: {service: worker}\n    scale: {queue: orders}\n",
		"a quiet after which workers go to zero": "scale: {to_zero: 15m}\nservices:\n  - match: {service: worker}\n    scale: {min: 0, wake: [a]}\n  - match: {service: other}\n    scale: {min: 0, max: 3, metric: {expression: m1, metrics: {m1: {namespace: A, name: B}}, per_task: 2}}\n",
		"zero but in office hours":               "scale: {min: 0, to_zero: 1h, schedules: [{cron: \"0 8 * * MON-FRI\", for: 10h, min: 1}]}\n",
		"zero at the weekend only":               "scale: {to_zero: 1h, min: 2, schedules: [{cron: \"0 0 * * SAT\", for: 48h, min: 0}]}\n",
		"a min that fits the schedule's max":     "scale: {min: 3, schedules: [{cron: \"0 0 * * SAT\", for: 48h, min: 1, max: 2}]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Parse("p.yaml", []byte("version: 1\n"+file))
			require.NoError(t, err)
		})
	}
}

func TestMetricWithoutPerTaskCountsRequests(t *testing.T) {
	parse := func(perTask string) policy.Effective {
		p, err := policy.Parse("p.yaml", []byte("version: 1\nscale:\n  metric:\n    expression: m1 + m2\n    metrics: {m1: {namespace: A, name: B, stat: Sum, period: 10s}, m2: {namespace: A, name: C, stat: Sum, period: 30s}}\n"+perTask))
		require.NoError(t, err)
		return p.For(fixture.Web(), nil, "")
	}
	learned, said := parse(""), parse("    per_task: 40\n")
	assert.True(t, learned.CountsByMetric())
	assert.True(t, learned.Counts())
	assert.Equal(t, "m1 + m2, at what it is learned to cost", learned.Metric.String())
	assert.Equal(t, 30*time.Second, learned.Metric.Period(), "as seldom as the metric of the longest period")
	assert.False(t, said.CountsByMetric())
	assert.False(t, said.Counts())
	assert.Equal(t, "m1 + m2, 40 a task", said.Metric.String())
	assert.False(t, parse("  enabled: true\n").CountsRequests())
}
