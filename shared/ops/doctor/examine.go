package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/eventrules"
)

const (
	deployAgain = "Deploy the stack again with `cdk deploy`."
	readOnly    = "Run doctor with a role that holds the AWS managed policy ReadOnlyAccess."
	// silence is when a sweep that is called every minute has stopped.
	silence = 15 * time.Minute
	// skew is what a clock may be off before times that people give mislead.
	skew = 30 * time.Second
	// nearlyAll of its time is when a sweep will soon not get to every service.
	nearlyAll = 0.75
)

// Examine says what is to be said of the installation. Without a stack there
// is nothing else to look at.
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
		{checkSwitches, examineSwitches},
		{checkPermissions, examinePermissions},
		{checkServices, examineServices},
		{checkAlarms, examineAlarms},
	} {
		if why, unread := in.Unread[part.check]; unread {
			all = append(all, Finding{Unknown, part.check, "", "could not be read: " + why.Why, why.cure()})
			continue
		}
		all = append(all, part.examine(in, now)...)
	}
	return all
}

func examineStack(in Installation) []Finding {
	s := sheet{check: checkStack}
	name := in.Stack.Name
	status := in.Stack.Status
	switch {
	case in.Unread[checkStack] != Unread{}:
		s.add(Unknown, name, "could not be read: "+in.Unread[checkStack].Why, in.Unread[checkStack].cure())
	case status == "":
		s.add(Broken, name, fmt.Sprintf("there is no stack %s in account %s, region %s", name, in.Home.Account, in.Home.Region),
			"Give --stack, --region or --profile of the installation, or install it with `cdk deploy`.")
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		s.add(Warning, name, "is being changed: "+status, "Wait until the change is complete, then look again.")
	case status == "UPDATE_ROLLBACK_COMPLETE":
		s.add(Warning, name, "its latest change was undone"+because(in.Stack.Reason), "Read the stack's events in CloudFormation, mend the cause and deploy again.")
	case status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE" && status != "IMPORT_COMPLETE":
		s.add(Broken, name, "is in the state "+status+because(in.Stack.Reason), "Read the stack's events in CloudFormation, mend the cause and deploy again.")
	}
	return s.or(name + " is " + status)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func examineTable(in Installation, _ time.Time) []Finding {
	s := sheet{check: checkTable}
	t := in.Table
	switch {
	case t.Name == "":
		s.add(Broken, "", "the stack holds no table", deployAgain)
	case t.Status == "":
		s.add(Broken, t.Name, "the stack names this table, and DynamoDB does not know it", "Restore it from point-in-time recovery under the same name, or remove it from the stack and deploy again.")
	case t.Status != "ACTIVE":
		s.add(Warning, t.Name, "is "+t.Status, "Wait until DynamoDB has finished, then look again.")
	case !t.Expires:
		s.add(Warning, t.Name, "old evidence and episodes do not expire", "Turn time to live on for the attribute `expires`, or deploy the stack again.")
	}
	return s.or(t.Name + " is " + t.Status)
}

// examineRules compares with the rules that the code knows, and with the
// schedule of the sweep.
func examineRules(in Installation, _ time.Time) []Finding {
	s := sheet{check: checkRules}
	expected := map[string]string{"SweepSchedule": contract.FunctionSweep}
	for _, r := range eventrules.All() {
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
			s.add(Broken, r.Name, "is disabled, so "+function+" is not told", "Enable it with `aws events enable-rule --name "+r.Name+"`.")
		case len(r.Targets) == 0:
			s.add(Broken, r.Name, "has no target, so "+function+" is not told", deployAgain)
		case !slices.ContainsFunc(r.Targets, func(arn string) bool { return known[arn] }) && len(known) > 0:
			s.add(Broken, r.Name, "sends to "+strings.Join(r.Targets, ", ")+", which is no queue of the stack", deployAgain)
		}
	}
	for _, id := range sortedKeys(expected) {
		s.add(Broken, id, "is missing, so "+expected[id]+" is not told", deployAgain)
	}
	return s.or(fmt.Sprintf("%d rules are enabled and reach their queues", len(in.Rules)))
}

// ruleID is how the stack calls a rule.
func ruleID(name string) string {
	var id strings.Builder
	id.WriteString("On")
	for part := range strings.SplitSeq(name, "-") {
		id.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return id.String()
}

func examineQueues(in Installation, _ time.Time) []Finding {
	s := sheet{check: checkQueues}
	dead := 0
	for _, q := range in.Queues {
		if !q.Dead {
			continue
		}
		dead++
		if q.Waiting > 0 {
			s.add(Broken, q.Name, fmt.Sprintf("holds %d messages that were given up", q.Waiting),
				"Do what docs/operations.md#dead-letters says, then redrive or purge the queue.")
		}
	}
	if expected := len(contract.Functions()); dead < expected {
		s.add(Broken, "", fmt.Sprintf("%d of %d dead-letter queues are there", dead, expected), deployAgain)
	}
	return s.or(fmt.Sprintf("%d dead-letter queues are empty", dead))
}

func examineTopic(in Installation, _ time.Time) []Finding {
	s := sheet{check: checkTopic}
	t := in.Topic
	switch {
	case t.ARN == "":
		s.add(Broken, "", "the stack holds no topic, so nobody is told of anything", deployAgain)
	case t.Confirmed == 0 && t.Pending > 0:
		s.add(Warning, t.ARN, fmt.Sprintf("%d subscriptions wait to be confirmed, none is", t.Pending), "Follow the link in the message that AWS sent to each of them.")
	case t.Confirmed == 0:
		s.add(Warning, t.ARN, "nobody has subscribed, so alarms and calls for a person reach nobody", "Subscribe with `aws sns subscribe --topic-arn "+t.ARN+" --protocol email --notification-endpoint ADDRESS`.")
	}
	return s.or(fmt.Sprintf("%d confirmed subscriptions", t.Confirmed))
}

func examineHeartbeat(in Installation, now time.Time) []Finding {
	s := sheet{check: checkHeartbeat}
	const cure = "Do what docs/operations.md#no-heartbeat says."
	switch h := in.Heartbeat; {
	case !h.Known:
		s.add(Unknown, "", "it is not known when the sweep was last called", readOnly)
	case h.At.IsZero():
		s.add(Broken, "", "the sweep was not called in the last three hours", cure)
	case now.Sub(h.At) > silence:
		s.add(Broken, "", "the sweep was last called "+ago(now.Sub(h.At)), cure)
	}
	for _, f := range in.Functions {
		if took := in.Heartbeat.Longest; f.Name == contract.FunctionSweep && f.Timeout > 0 && took.Seconds() > nearlyAll*f.Timeout.Seconds() {
			s.add(Warning, "", fmt.Sprintf("a sweep took %s of the %s that it has, so it may not reach every service", took.Round(time.Second), f.Timeout),
				"Watch fewer tags or enrol fewer services in this account; docs/costs.md says how many looks one sweep reaches.")
		}
	}
	return s.or("the sweep was last called " + ago(now.Sub(in.Heartbeat.At)))
}

func examineClock(in Installation, _ time.Time) []Finding {
	s := sheet{check: checkClock}
	off := in.Clock.Ahead.Abs().Round(time.Second)
	side := "ahead of"
	if in.Clock.Ahead < 0 {
		side = "behind"
	}
	switch {
	case !in.Clock.Known:
		s.add(Unknown, "", "AWS's answer carried no time", "Look whether a proxy removes the header Date.")
	case off > skew:
		s.add(Warning, "", fmt.Sprintf("this machine's clock is %s %s AWS's, so freezes end and ages are read at the wrong time", off, side),
			"Set this machine's clock by NTP.")
	}
	return s.or(fmt.Sprintf("this machine's clock is within %s of AWS's", skew))
}

// examineSwitches notes what is frozen: somebody wanted it, and somebody else
// wonders why nothing is done.
func examineSwitches(in Installation, now time.Time) []Finding {
	s := sheet{check: checkSwitches}
	for _, sw := range in.Switches {
		if !sw.Active(now) {
			continue
		}
		what := "is frozen"
		if !sw.Until.IsZero() {
			what += " until " + sw.Until.UTC().Format(time.RFC3339)
		}
		if sw.Who != "" {
			what += " by " + sw.Who
		}
		if sw.Why != "" {
			what += ", because " + sw.Why
		}
		s.add(Note, sw.Scope, what, "")
	}
	if len(s.findings) > 0 {
		return s.findings
	}
	return s.or("nothing is frozen")
}

// ago is a duration as people say it.
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
