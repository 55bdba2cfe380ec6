package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/route"
)

const (
	deployAgain = "Deploy the stack again with `cdk deploy`."
	readOnly    = "Run doctor with a role that holds the AWS managed policy ReadOnlyAccess."
	// silence is the time without an invocation after which the sweep, scheduled
	// each minute, counts as stopped.
	silence = 15 * time.Minute
	// skew is the tolerated difference of the clocks.
	skew = 30 * time.Second
	// nearlyAll is the share of the timeout above which a sweep may miss services.
	nearlyAll = 0.75
)

// Examine returns the findings of an installation. Without a stack it examines
// nothing else.
func Examine(in Installation, now time.Time) []Finding {
	stack := examineStack(in)
	if in.Stack.Status == "" {
		return stack
	}
	all := stack
	for _, part := range []struct {
		check   string
		examine func(Installation, time.Time) []Finding
	}{
		{checkTable, examineTable},
		{checkFunctions, examineFunctions},
		{checkSources, examineSources},
		{checkRules, examineRules},
		{checkQueues, examineQueues},
		{checkTopic, examineTopic},
		{checkHeartbeat, examineHeartbeat},
		{checkClock, examineClock},
		{checkPolicy, examinePolicy},
		{checkFreezes, examineFreezes},
		{checkPermissions, examinePermissions},
		{checkServices, examineServices},
		{checkAlarms, examineAlarms},
	} {
		if why, unread := in.Unread[part.check]; unread {
			all = append(all, Finding{Unknown, part.check, "", "could not be read: " + why.Why, why.fix()})
			continue
		}
		all = append(all, part.examine(in, now)...)
	}
	return all
}

func examineStack(in Installation) []Finding {
	s := collector{check: checkStack}
	name := in.Stack.Name
	status := in.Stack.Status
	switch {
	case in.Unread[checkStack] != Unread{}:
		s.add(Unknown, name, "could not be read: "+in.Unread[checkStack].Why, in.Unread[checkStack].fix())
	case status == "":
		s.add(Broken, name, fmt.Sprintf("there is no stack %s in account %s, region %s", name, in.Home.ID, in.Home.Region),
			"Give --stack, --region or --profile of the installation, or install it with `cdk deploy`.")
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		s.add(Warning, name, "is being changed: "+status, "Wait until the change is complete, then run doctor again.")
	case status == "UPDATE_ROLLBACK_COMPLETE":
		s.add(Warning, name, "its latest change was rolled back"+because(in.Stack.Reason), "Read the events of the stack in CloudFormation, fix the cause and deploy again.")
	case status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE" && status != "IMPORT_COMPLETE":
		s.add(Broken, name, "is in the state "+status+because(in.Stack.Reason), "Read the events of the stack in CloudFormation, fix the cause and deploy again.")
	}
	return s.orFine(name + " is " + status)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func examineTable(in Installation, _ time.Time) []Finding {
	s := collector{check: checkTable}
	t := in.Table
	switch {
	case t.Name == "":
		s.add(Broken, "", "the stack has no table", deployAgain)
	case t.Status == "":
		s.add(Broken, t.Name, "the stack names this table, and it does not exist in DynamoDB", "Restore it from point-in-time recovery under the same name, or remove it from the stack and deploy again.")
	case t.Status != "ACTIVE":
		s.add(Warning, t.Name, "is "+t.Status, "Wait until DynamoDB has finished, then run doctor again.")
	case !t.Expires:
		s.add(Warning, t.Name, "old evidence and episodes do not expire", "Turn time to live on for the attribute `expires`, or deploy the stack again.")
	}
	return s.orFine(t.Name + " is " + t.Status)
}

// examineRules compares the rules of the stack with the rules of the code and
// with the schedule of the sweep.
func examineRules(in Installation, _ time.Time) []Finding {
	s := collector{check: checkRules}
	expected := map[string]string{"SweepSchedule": contract.FunctionSweep}
	for _, r := range route.Rules() {
		expected[ruleID(r.Name)] = r.Function
	}
	known := map[string]bool{}
	for _, q := range in.Queues {
		known[q.ARN] = true
	}
	for _, r := range in.Rules {
		function, ours := expected[r.ID]
		delete(expected, r.ID)
		if !ours {
			continue
		}
		switch {
		case !r.Enabled:
			s.add(Broken, r.Name, "is disabled, so "+function+" receives none of its events", "Enable it with `aws events enable-rule --name "+r.Name+"`.")
		case len(r.Targets) == 0:
			s.add(Broken, r.Name, "has no target, so "+function+" receives none of its events", deployAgain)
		case !slices.ContainsFunc(r.Targets, func(arn string) bool { return known[arn] }) && len(known) > 0:
			s.add(Broken, r.Name, "sends to "+strings.Join(r.Targets, ", ")+", and that is not a queue of the stack", deployAgain)
		}
	}
	for _, id := range sortedKeys(expected) {
		s.add(Broken, id, "is missing, so "+expected[id]+" receives none of its events", deployAgain)
	}
	return s.orFine(fmt.Sprintf("%d rules are enabled and reach their queues", len(in.Rules)))
}

// ruleID returns the logical id of a rule in the stack.
func ruleID(name string) string {
	var id strings.Builder
	id.WriteString("On")
	for part := range strings.SplitSeq(name, "-") {
		id.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return id.String()
}

func examineQueues(in Installation, _ time.Time) []Finding {
	s := collector{check: checkQueues}
	dead := 0
	for _, q := range in.Queues {
		if !q.Dead {
			continue
		}
		dead++
		if q.Waiting > 0 {
			s.add(Broken, q.Name, fmt.Sprintf("holds %d undelivered messages", q.Waiting),
				"Follow docs/operations.md#dead-letters, then redrive or purge the queue.")
		}
	}
	if expected := len(contract.Functions()); dead < expected {
		s.add(Broken, "", fmt.Sprintf("%d of %d dead-letter queues exist", dead, expected), deployAgain)
	}
	return s.orFine(fmt.Sprintf("%d dead-letter queues are empty", dead))
}

func examineTopic(in Installation, _ time.Time) []Finding {
	s := collector{check: checkTopic}
	t := in.Topic
	switch {
	case t.ARN == "":
		s.add(Broken, "", "the stack has no topic, so no notification is sent", deployAgain)
	case t.Confirmed == 0 && t.Pending > 0:
		s.add(Warning, t.ARN, fmt.Sprintf("%d subscriptions wait for confirmation, none is confirmed", t.Pending), "Follow the link in the message that AWS sent to each of them.")
	case t.Confirmed == 0:
		s.add(Warning, t.ARN, "the topic has no subscription, so alarms and notifications reach no operator", "Subscribe with `aws sns subscribe --topic-arn "+t.ARN+" --protocol email --notification-endpoint ADDRESS`.")
	}
	return s.orFine(fmt.Sprintf("%d confirmed subscriptions", t.Confirmed))
}

func examineHeartbeat(in Installation, now time.Time) []Finding {
	s := collector{check: checkHeartbeat}
	const fix = "Follow docs/operations.md#no-heartbeat."
	switch h := in.Heartbeat; {
	case !h.Known:
		s.add(Unknown, "", "the last invocation of the sweep is unknown", readOnly)
	case h.At.IsZero():
		s.add(Broken, "", "the sweep was not invoked in the last three hours", fix)
	case now.Sub(h.At) > silence:
		s.add(Broken, "", "the sweep was last invoked "+ago(now.Sub(h.At)), fix)
	}
	for _, f := range in.Functions {
		if took := in.Heartbeat.Longest; f.Name == contract.FunctionSweep && f.Timeout > 0 && took.Seconds() > nearlyAll*f.Timeout.Seconds() {
			s.add(Warning, "", fmt.Sprintf("a sweep took %s of its %s timeout, so it may not reach every service", took.Round(time.Second), f.Timeout),
				"Watch fewer tags or enrol fewer services in this account; docs/costs.md says how many services one sweep evaluates.")
		}
	}
	return s.orFine("the sweep was last invoked " + ago(now.Sub(in.Heartbeat.At)))
}

func examineClock(in Installation, _ time.Time) []Finding {
	s := collector{check: checkClock}
	off := in.Clock.Ahead.Abs().Round(time.Second)
	side := "ahead of"
	if in.Clock.Ahead < 0 {
		side = "behind"
	}
	switch {
	case in.Clock.Own:
		s.add(Note, "", "the endpoint has a time of its own, and it is used", "")
	case !in.Clock.Known:
		s.add(Unknown, "", "the response of AWS has no time", "Check that no proxy removes the header Date.")
	case off > skew:
		s.add(Warning, "", fmt.Sprintf("this machine's clock is %s %s AWS's, so the ends of freezes and all ages are wrong", off, side),
			"Set this machine's clock by NTP.")
	}
	return s.orFine(fmt.Sprintf("this machine's clock is within %s of AWS's", skew))
}

// examineFreezes notes each active freeze, because it explains missing actions.
func examineFreezes(in Installation, now time.Time) []Finding {
	s := collector{check: checkFreezes}
	for _, f := range in.Freezes {
		if !f.Active(now) {
			continue
		}
		what := "is frozen"
		if !f.Until.IsZero() {
			what += " until " + f.Until.UTC().Format(time.RFC3339)
		}
		if f.Who != "" {
			what += " by " + f.Who
		}
		if f.Why != "" {
			what += ", because " + f.Why
		}
		s.add(Note, f.Scope, what, "")
	}
	if len(s.findings) > 0 {
		return s.findings
	}
	return s.orFine("nothing is frozen")
}

// ago formats the age of an event.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
