package costs

import (
	"fmt"
	"strconv"
	"strings"
)

// Page returns the text of docs/costs.md.
func (f Figures) Page() string {
	var out strings.Builder
	out.WriteString(head)
	f.months(&out)
	f.idle(&out)
	f.events(&out)
	f.sweeps(&out)
	tariffTable(&out)
	fmt.Fprintf(&out, tail, Queues, pollers, pollers, ownSeconds*1000, dynamoSeconds*1000, awsSeconds*1000, platformBytes)
	return out.String()
}

const head = `# Costs

` + "`make costs`" + ` writes this page from measured and computed figures. A test fails if a figure is off by more than a tenth. The pipeline runs in
ecssim with the real SDK, and the program counts every call, request unit, byte and metric series. Prices are list prices of us-east-1
in USD, **without any free allowance**. Other regions differ.

## A month

Of ten events, four are starts of tasks, four are stops by scaling, and two are the start and the end of an alarm. Between them the services are stable, in mode act, with the built-in
policy. Storage is the size of the table after three months, when the oldest episodes expire.

| services | events a service and day | Lambda | SQS | DynamoDB requests | DynamoDB storage | logs | metric series | metric reads | alarms, dashboard | **USD a month** |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
`

// months writes the rows of the table of months.
func (f Figures) months(out *strings.Builder) {
	f.row(out, "none", "", f.Idle())
	for _, services := range []float64{10, 1000, 10000} {
		for _, r := range f.Rates {
			f.row(out, whole(services), whole(r.PerDay), f.Of(services, r))
		}
	}
}

func (f Figures) row(out *strings.Builder, services, perDay string, m Month) {
	fmt.Fprintf(out, "| %s | %s", services, perDay)
	for _, part := range []float64{m.Lambda, m.SQS, m.Requests, m.Storage, m.Logs, m.Series, m.MetricReads, m.Watch} {
		out.WriteString(" | " + usd(part))
	}
	fmt.Fprintf(out, " | **%s** |\n", usd(m.Total()))
}

func (f Figures) idle(out *strings.Builder) {
	p, m := prices(), f.Idle()
	dashboard := p.dashboards.of(Dashboards)
	fmt.Fprintf(out, `
## Installation without services

An installation without services costs %s USD a month at list price:

| part | USD a month |
|---|---:|
| %d alarms | %s |
| the dashboard | %s |
| the pollers of %d queues | %s |
| the metric series of the sweep | %s |
| the rest | %s |

Without the dashboard it costs %s USD. AWS gives each account three dashboards, ten alarms, ten custom metrics and a million SQS requests a month for free. If no other program
uses these allowances, the installation costs %s USD.

The aim is less than 5 USD. It is met with a free dashboard or without the dashboard, and missed at list price.
`, usd(m.Total()), Alarms, usd(p.alarms.of(Alarms)), usd(dashboard), Queues, usd(m.SQS), usd(m.Series),
		usd(m.Total()-p.alarms.of(Alarms)-dashboard-m.SQS-m.Series), usd(m.Total()-dashboard), usd(f.idleWithAllowance()))
}

// idleWithAllowance returns the cost of an idle month in an account without other
// use.
func (f Figures) idleWithAllowance() float64 {
	const freeAlarms, freeRequests = 10, million
	p, m := prices(), f.Idle()
	return p.alarms.of(Alarms-freeAlarms) + max(0, m.SQS-p.sqs.of(freeRequests))
}

func (f Figures) events(out *strings.Builder) {
	out.WriteString(`
## Cost of an event

| events a service and day | calls of DynamoDB | calls of ECS and others | read units | write units | metrics read | bytes logged | invocations | episode, bytes | memory, bytes | USD for a million events |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
`)
	for _, r := range f.Rates {
		u := r.Used.times(1 / r.Events)
		table := u.of("dynamodb")
		fmt.Fprintf(out, "| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %s | %.1f | %s | %s | %s |\n", whole(r.PerDay), table, u.calls()-table,
			u.Reads, u.Writes, u.MetricReads, rounded(u.LogBytes), u.Invocations, rounded(r.Episode), rounded(r.Standing), usd(f.perMillion(r)))
	}
	out.WriteString(`
An event of a busy service costs more than one of a quiet service, for two reasons:

- A transaction, which counts double, writes the complete memory with the tasks of a day.
- Each evaluation reads all evidence of 48 hours to find the new one.

Both grow with the number of events, up to the bounds of the memory.
`)
}

// perMillion returns the cost of a million events, without the fixed costs.
func (f Figures) perMillion(r Rate) float64 {
	services := million / (r.PerDay * daysOfMonth)
	m, fixed := f.Of(services, r), f.Of(services, Rate{Used: newLedger(), Events: 1})
	return m.Total() - m.Series - fixed.Total() + fixed.Series
}

func (f Figures) sweeps(out *strings.Builder) {
	out.WriteString(`
## Cost of the sweep

Every minute the sweep reads the lease, the head and the changes of the inventory and lists the clusters. For each enrolled service it adds, on average of an hour:

| services | calls of DynamoDB | calls of ECS and others | read units | write units | metrics read | alarms | USD for a service and month | services in one invocation |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
`)
	p := prices()
	for _, s := range []struct {
		Sweep
		every float64
	}{{f.Stable, 1}, {f.Tagged, 15}, {f.Above, 60}, {f.StableWithoutAlarm, 1}, {f.AboveWithoutAlarm, 60}} {
		a := s.Added
		month := a.times(ticksOfMonth)
		cost := p.reads.of(month.Reads) + p.writes.of(month.Writes) + p.metricReads.of(month.MetricReads) + p.lambdaTime.of(seconds(month)*memoryGB) + p.logs.of(month.LogBytes/gigabyte) + p.alarms.of(s.Alarms)
		table := a.of("dynamodb")
		fmt.Fprintf(out, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f | %s | %s |\n", s.Name, table, a.calls()-table, a.Reads, a.Writes, a.MetricReads, s.Alarms, cents(cost), rounded(s.reach(s.every)))
	}
	fmt.Fprintf(out, `
The last column is a limit, not a price: the number of services that one invocation of %.0f seconds would evaluate one after the other. Above 500 services the sweep uses several invocations.
Each evaluates eight services at once. The rest waits for the next tick, or less if tasks are missing.

| service | metrics | interval without a trigger alarm | interval with one |
|---|---|---:|---:|
| stable | CPU | 5 min | 15 min |
| above its minimum | CPU and number of tasks | 1 min | 3 min, if its count was right for 10 min |

The file designs/0009-trigger-alarms.md describes trigger alarms. The sweep evaluates a service above its minimum at least once an hour and compares watched tags every 15 minutes. Each statistic of a
metric counts as one read; AWS may bill two statistics of one metric as one.
`, TimeoutSeconds)
}

func tariffTable(out *strings.Builder) {
	out.WriteString("\n## Prices\n\n| price | USD | unit | source | month of the copy |\n|---|---:|---|---|---|\n")
	for _, p := range prices().all() {
		fmt.Fprintf(out, "| %s | %s | %s | <%s> | %s |\n", p.Name, strconv.FormatFloat(p.USD, 'f', -1, 64), p.Per, p.Source, p.Seen)
	}
}

const tail = `
The last column is the month of the newest copy of the page, or of a page that quotes the price. AWS's own pages have no date. "none" means that no copy with the price was available. Check the
source before you rely on a figure.

These are free: events of AWS on the default bus, their delivery to a queue of the same account, and the schedule. Calls of ECS, ECR and Application Auto Scaling are free too. So are
encryption with AWS's own keys and deletion by time to live.

## Assumptions

- Lambda polls each of the %d queues with %d long polls at a time. At low traffic it uses two polls, but not with a maximum concurrency, as here
  (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>). The figure %d is from that page; Lambda guarantees none.
- A function computes for %.0f ms an event and waits %.0f ms for a call of DynamoDB and %.0f ms for another call. This is not measured on AWS, and it affects only the column Lambda.
- Lambda itself logs %d bytes for an invocation. Each event has its own invocation; in a burst up to ten events share one.
- A metric series counts for the whole month. AWS counts only the hours with values, so quiet fleets pay less. A reason outside of the mix adds one or more series for 0.30 each.

The figures do not include:

- actions, each with an intent and a second write of the memory;
- mails of the topic (2 USD for 100,000);
- X-Ray, which is off by default;
- your own alarms that Homeostat reads (0.10 each);
- events of other accounts (1 USD for a million);
- the savings from scaling.
`

// usd formats an amount, with two significant digits from 10 on.
func usd(v float64) string {
	if v < 10 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return rounded(v)
}

// cents formats a small amount with two significant digits.
func cents(v float64) string { return strconv.FormatFloat(v, 'g', 2, 64) }

// rounded formats a number with two significant digits.
func rounded(v float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 1, 64), 64)
	if err != nil {
		return "?"
	}
	return whole(short)
}

// whole formats a whole number with commas between the thousands.
func whole(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
