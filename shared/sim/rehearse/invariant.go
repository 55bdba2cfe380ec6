package rehearse

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// invariant is a rule that must hold in every scenario.
type invariant struct {
	name string
	// broken returns the detail of a violation, or an empty text.
	broken func(r *Run, e fleet.Episode, before []fleet.Episode) string
}

func everywhere() []invariant {
	return []invariant{
		{"every decision has a reason", func(_ *Run, e fleet.Episode, _ []fleet.Episode) string {
			return when(len(e.Decision.Reasons) == 0, "none was given")
		}},
		{"no service is changed unless its mode is act", func(r *Run, e fleet.Episode, _ []fleet.Episode) string {
			mode := r.policy.For(e.Ref, e.Snapshot.Tags, "").Mode
			return when(done(e) && mode != policy.Act, "the mode is %s", mode)
		}},
		{"no service is changed while it is frozen", func(r *Run, e fleet.Episode, _ []fleet.Episode) string {
			scope, ok := r.frozenAt(e)
			return when(done(e) && ok, "%s is frozen", scope)
		}},
		{"the desired count stays within its bounds", func(r *Run, e fleet.Episode, _ []fleet.Episode) string {
			p := r.policy.For(e.Ref, e.Snapshot.Tags, "")
			a := e.Verdict.Action
			return when(done(e) && a.Kind == fleet.SetDesired && (a.To < p.Min || a.To > p.Max), "set to %d", to(a))
		}},
		{"each intent is acted on once", func(_ *Run, e fleet.Episode, before []fleet.Episode) string {
			again := done(e) && slices.ContainsFunc(before, func(b fleet.Episode) bool {
				return done(b) && b.Ref == e.Ref && b.Verdict.Action.Intent == e.Verdict.Action.Intent
			})
			return when(again, "%s", intent(e))
		}},
		{"a quarantined image does not come back", func(_ *Run, e fleet.Episode, before []fleet.Episode) string {
			return cameBack(e, before)
		}},
		{"no episode contains the value of a secret", func(r *Run, e fleet.Episode, _ []fleet.Episode) string { return r.tells(e) }},
		{"no rollback for a cause outside of the revision", func(_ *Run, e fleet.Episode, _ []fleet.Episode) string {
			blameless := e.Family == fleet.FamilyNormal || e.Family == fleet.FamilyCapacity || e.Family == fleet.FamilyTransient
			return when(done(e) && e.Decision.Kind == fleet.RollBack && blameless && !holdsBlame(e), "the cause was %s", e.Cause)
		}},
	}
}

// holdsBlame reports whether the evaluation had evidence of a task failure that
// the revision may have caused. The trigger does not matter.
func holdsBlame(e fleet.Episode) bool {
	return e.Decision.Main().Name == reason.BadRevision
}

func when(broken bool, format string, args ...any) string {
	if !broken {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func done(e fleet.Episode) bool { return e.Result.Status == fleet.Done && e.Verdict.Action != nil }

func to(a *fleet.Action) int {
	if a == nil {
		return 0
	}
	return a.To
}

func intent(e fleet.Episode) string {
	if e.Verdict.Action == nil {
		return ""
	}
	return e.Verdict.Action.Intent
}

func cameBack(e fleet.Episode, before []fleet.Episode) string {
	if !done(e) {
		return ""
	}
	for _, c := range e.Verdict.Action.Images {
		for _, b := range before {
			bad := b.Ref == e.Ref && (done(b) || b.Decision.Action == nil) &&
				slices.ContainsFunc(b.Decision.Quarantine, func(i fleet.Image) bool { return i.Digest == c.Image.Digest })
			if bad {
				return c.Image.Digest
			}
		}
	}
	return ""
}

// tells returns the secret with a value in the episode. The simulated
// applications write their secrets to their logs.
func (r *Run) tells(e fleet.Episode) string {
	var text []byte
	for _, v := range r.scenario.Services {
		for _, secret := range r.registered(v).Secrets {
			if text == nil {
				text, _ = json.Marshal(e) // an episode is plain data
			}
			if bytes.Contains(text, []byte(r.sim.SecretValue(secret))) {
				return "the value of " + secret
			}
		}
	}
	return ""
}

func (r *Run) frozenAt(e fleet.Episode) (scope string, ok bool) {
	for _, f := range r.frozen {
		if slices.Contains(e.Ref.Scopes(), f.scope) && !e.At.Before(f.from) && (f.until.IsZero() || e.At.Before(f.until)) {
			return f.scope, true
		}
	}
	return "", false
}

// invariants returns the rules of every scenario, then the expectations of this
// one.
func (r *Run) invariants() []InvariantResult {
	var out []InvariantResult
	for _, rule := range everywhere() {
		result := InvariantResult{Name: rule.name, Held: true}
		for i, e := range r.episodes {
			if detail := rule.broken(r, e, r.episodes[:i]); detail != "" && result.Held {
				result.Held = false
				result.Detail = fmt.Sprintf("%s at %s: %s", e.Ref, e.At.Sub(r.start), detail)
			}
		}
		out = append(out, result)
	}
	for _, x := range r.scenario.Expect {
		out = append(out, r.expected(x))
	}
	return out
}

func (r *Run) expected(x Expectation) InvariantResult {
	out := InvariantResult{Name: "expected: " + x.String(), Held: true}
	if x.Messages != nil {
		out.Detail = x.Messages.difference(r)
		out.Held = out.Detail == ""
		return out
	}
	if x.Desired != nil || x.Running != nil || x.Image != "" {
		out.Detail = r.atTheEnd(x)
		out.Held = out.Detail == ""
		return out
	}
	n := 0
	for _, e := range r.episodes {
		if r.matches(x, e) {
			n++
		}
	}
	switch {
	case x.Never && n > 0:
		out.Held, out.Detail = false, fmt.Sprintf("it happened %d times", n)
	case !x.Never && x.Times > 0 && n != x.Times:
		out.Held, out.Detail = false, fmt.Sprintf("it happened %d times", n)
	case !x.Never && n == 0:
		out.Held, out.Detail = false, "it did not happen"
	}
	return out
}

func (r *Run) matches(x Expectation, e fleet.Episode) bool {
	at := e.At.Sub(r.start)
	if at < x.After || (x.Before > 0 && at > x.Before) || (x.Service != "" && x.Service != e.Ref.String()) {
		return false
	}
	short := r.short(e)
	for _, pair := range [][2]string{
		{x.Trigger, short.Trigger},
		{x.Cause, short.Cause},
		{x.Decision, short.Decision},
		{x.Verdict, short.Verdict},
		{x.Result, short.Result},
		{x.Action, short.Action},
	} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return x.Reason == "" || slices.ContainsFunc(e.Why(), func(w fleet.Reason) bool { return w.Name == reason.Current(x.Reason) })
}

// atTheEnd returns the differences of the service from its expected state at the
// end.
func (r *Run) atTheEnd(x Expectation) string {
	cluster, name, _ := strings.Cut(x.Service, "/")
	ctx := context.Background()
	out, err := r.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{name}})
	if err != nil || len(out.Services) != 1 {
		return "the service could not be read"
	}
	s := out.Services[0]
	if x.Desired != nil && int(s.DesiredCount) != *x.Desired {
		return fmt.Sprintf("desired is %d", s.DesiredCount)
	}
	if x.Running != nil && int(s.RunningCount) != *x.Running {
		return fmt.Sprintf("running is %d", s.RunningCount)
	}
	if x.Image == "" {
		return ""
	}
	return r.runsOnly(ctx, cluster, name, cmp.Or(x.Container, appContainer), x.Image)
}

// runsOnly returns the difference of a container of the running tasks from a behaviour.
func (r *Run) runsOnly(ctx context.Context, cluster, service, container, behaviour string) string {
	list, err := r.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if err != nil {
		return "the tasks could not be listed"
	}
	if len(list.TaskArns) == 0 {
		return "no task runs"
	}
	tasks, err := r.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: list.TaskArns})
	if err != nil {
		return "the tasks could not be described"
	}
	for _, t := range tasks.Tasks {
		at := slices.IndexFunc(t.Containers, func(c types.Container) bool { return aws.ToString(c.Name) == container })
		if at < 0 {
			return fmt.Sprintf("a task has no container %q", container)
		}
		if got := r.images[aws.ToString(t.Containers[at].ImageDigest)]; got != behaviour {
			return fmt.Sprintf("a task runs %q", got)
		}
	}
	return ""
}

// String returns the expectation as a sentence of its fields.
func (x Expectation) String() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	if x.Messages != nil {
		return x.Messages.String()
	}
	if x.Never {
		parts = append(parts, "never")
	}
	if x.Times > 0 {
		parts = append(parts, strconv.Itoa(x.Times)+" times")
	}
	add("of", x.Service)
	add("on", x.Trigger)
	add("for", x.Cause)
	add("decision", x.Decision)
	add("because", x.Reason)
	add("verdict", x.Verdict)
	add("action", x.Action)
	add("result", x.Result)
	if x.After > 0 {
		add("after", x.After.String())
	}
	if x.Before > 0 {
		add("before", x.Before.String())
	}
	if x.Desired != nil {
		add("desired at the end", strconv.Itoa(*x.Desired))
	}
	if x.Running != nil {
		add("running at the end", strconv.Itoa(*x.Running))
	}
	add("container", x.Container)
	add("image at the end", x.Image)
	return strings.Join(parts, " ")
}

func itoa(n int) string { return strconv.Itoa(n) }
