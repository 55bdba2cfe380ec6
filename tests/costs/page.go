package costs

import (
	"fmt"
	"strconv"
	"strings"
)

// Page is docs/costs.md.
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

This page is written by a program: ` + "`make costs`" + ` measures and computes it anew, and a test fails where a figure is off by more than a tenth. The pipeline runs in
ecssim on the real SDK; every call, request unit, byte and metric series is counted there, none is guessed. Prices are list prices of us-east-1
in USD, **without any free allowance**; other regions differ.

## A month

The events are a mix: of ten, four tasks start and four are stopped by scaling, an alarm rings and ends. Services are at rest between them, in mode act, with the built-in policy.
Storage is what the table has once the oldest episodes expire, after three months.

| services | events a service and day | Lambda | SQS | DynamoDB requests | DynamoDB storage | logs | metric series | metric reads | alarms, dashboard | **USD a month** |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
`

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
	board := p.dashboards.of(Dashboards)
	fmt.Fprintf(out, `
## Idle

An installation without a service costs %s USD a month at list price: %d alarms for %s, a dashboard for %s, the pollers of %d queues
for %s, the series of the sweep's own event for %s, and the rest for less than ten cents. Without the dashboard it is %s. AWS gives each account three dashboards, ten alarms,
ten custom metrics and a million SQS requests a month for nothing; where nobody else uses them, being idle costs %s.

The aim is less than 5. It is met where one of the free dashboards is left, or without the dashboard, and missed at list price.
`, usd(m.Total()), Alarms, usd(p.alarms.of(Alarms)), usd(board), Queues, usd(m.SQS), usd(m.Series), usd(m.Total()-board), usd(f.idleWithAllowance()))
}

// idleWithAllowance is an idle month of an account that uses nothing else.
func (f Figures) idleWithAllowance() float64 {
	const freeAlarms, freeRequests = 10, million
	p, m := prices(), f.Idle()
	return p.alarms.of(Alarms-freeAlarms) + max(0, m.SQS-p.sqs.of(freeRequests))
}

func (f Figures) events(out *strings.Builder) {
	out.WriteString(`
## What one event takes

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
An event of a busy service costs more than one of a quiet one, for two reasons. The memory holds the tasks of a day and is written whole, in a transaction, which
counts double; and each look reads all evidence of 48 hours to find what is new. Both grow with the service's events, up to the memory's bounds.
`)
}

// perMillion is what a million events cost, without what stands still.
func (f Figures) perMillion(r Rate) float64 {
	services := million / (r.PerDay * daysOfMonth)
	m, still := f.Of(services, r), f.Of(services, Rate{Used: newLedger(), Events: 1})
	return m.Total() - m.Series - still.Total() + still.Series
}

func (f Figures) sweeps(out *strings.Builder) {
	out.WriteString(`
## What the sweep takes

Every minute, whatever happens: the roster's lease, head and news, one call to list the clusters, and for each service that is enrolled, on average of an hour:

| services that are | calls of DynamoDB | calls of ECS and others | read units | write units | metrics read | alarms | USD for a service and month | services that one sweep reaches |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
`)
	p := prices()
	for _, s := range []struct {
		Sweep
		every float64
	}{{f.AtRest, 1}, {f.Tagged, 15}, {f.Above, 60}, {f.AtRestAsked, 1}, {f.AboveAsked, 60}} {
		a := s.Added
		month := a.times(ticksOfMonth)
		cost := p.reads.of(month.Reads) + p.writes.of(month.Writes) + p.metricReads.of(month.MetricReads) + p.lambdaTime.of(seconds(month)*memoryGB) + p.logs.of(month.LogBytes/gigabyte) + p.alarms.of(s.Alarms)
		table := a.of("dynamodb")
		fmt.Fprintf(out, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f | %s | %s |\n", s.Name, table, a.calls()-table, a.Reads, a.Writes, a.MetricReads, s.Alarms, cents(cost), rounded(s.reach(s.every)))
	}
	fmt.Fprintf(out, `
The last column is a limit and not a price: what one invocation of %.0f seconds would reach if it took one service after the other. Above 500 services the sweep has several invocations, each takes
eight looks at once, and what does not fit waits for the next tick, or less where tasks are lacking.

The CPU of a service at rest is asked for every fifth minute, of one above its minimum the CPU and the number of tasks every minute; with an alarm by which it calls (designs/0009-trigger-alarms.md) every
fifteenth minute, and every third while its count has been right for ten. One above its minimum is looked at once an hour in any case, and watched tags are compared every fifteenth minute. Each statistic of a metric is counted as a metric that is read; AWS may bill two statistics of one metric as one.
`, TimeoutSeconds)
}

func tariffTable(out *strings.Builder) {
	out.WriteString("\n## Prices\n\n| price | USD | for | source | compared with a copy of |\n|---|---:|---|---|---|\n")
	for _, p := range prices().all() {
		fmt.Fprintf(out, "| %s | %s | %s | <%s> | %s |\n", p.Name, strconv.FormatFloat(p.USD, 'f', -1, 64), p.Per, p.Source, p.Seen)
	}
}

const tail = `
The last column is the month of the newest copy of the page, or of a page that quotes it, that the price was compared with; AWS's own pages show their
figures by script and carry no date. Where it says none, no copy was at hand that states the price. Look at the source before you rely on a figure. Free are events of AWS on the default bus and their delivery to a queue of the
same account, the schedule, calls of ECS, ECR and Application Auto Scaling, encryption with AWS's own keys, and deletion by time to live.

## What is assumed

- Lambda polls each of the %d queues with %d long polls at a time. It goes down to two where the traffic is low, but not where a maximum concurrency is set, as here
  (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>). %d is the figure of that page; Lambda promises none.
- A function computes for %.0f ms an event and waits %.0f ms for a call of DynamoDB and %.0f ms for another call. This is not measured on AWS; it moves only the column Lambda.
- Lambda itself logs %d bytes of an invocation. Each event is an invocation of its own; in a storm up to ten share one.
- A metric series is counted for the whole month. AWS counts the hours in which it was written, so quiet fleets pay less; a reason that does not occur in the mix adds a series of 0.30.

Not in it: actions (each an intent and a second write of the memory), mails of the topic (2 USD for 100,000), X-Ray, which is off, your own alarms that Homeostat listens to (0.10 each), events of
other accounts (1 USD for a million), and what scaling saves.
`

// usd is an amount with as many digits as it is worth: two.
func usd(v float64) string {
	if v < 10 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return rounded(v)
}

// cents is a small amount with two digits that count.
func cents(v float64) string { return strconv.FormatFloat(v, 'g', 2, 64) }

// rounded is a number with two digits that count.
func rounded(v float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 1, 64), 64)
	if err != nil {
		return "?"
	}
	return whole(short)
}

// whole is a number with its thousands apart.
func whole(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
