//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reactFor is the longest time of an event through EventBridge, SQS and Lambda.
const reactFor = 45 * time.Second

// stack is the installed stack and the services that it watches.
type stack struct {
	*cloud
	installed
	store *record.Store
	// good is the image that the rollback of the failing service deploys.
	good string
}

// episodes returns the recorded episodes of a service, oldest first.
func (s *stack) episodes(t *testing.T, service string) []fleet.Episode {
	t.Helper()
	found, err := s.store.Episodes(t.Context(), ref(service), 20)
	require.NoError(t, err)
	slices.Reverse(found)
	return found
}

// told returns the episodes of events. Sweeps add episodes at any time.
func (s *stack) told(t *testing.T, service string) []fleet.Episode {
	t.Helper()
	return slices.DeleteFunc(s.episodes(t, service), func(e fleet.Episode) bool { return e.Trigger.Kind == fleet.Tick })
}

// awaitEpisode waits until a service has a matching episode, and returns it.
func (s *stack) awaitEpisode(t *testing.T, service string, isIt func(fleet.Episode) bool) fleet.Episode {
	t.Helper()
	for deadline := time.Now().Add(reactFor); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		for _, e := range s.episodes(t, service) {
			if isIt(e) {
				t.Log(said(e))
				return e
			}
		}
	}
	for _, e := range s.episodes(t, service) {
		t.Log(said(e))
	}
	require.Fail(t, "no such episode", "of %s within %s", service, reactFor)
	return fleet.Episode{}
}

// first accepts any episode: its presence shows that a function ran.
func first(fleet.Episode) bool { return true }

func because(reason string) func(fleet.Episode) bool {
	return func(e fleet.Episode) bool { return slices.Contains(reasons(e), reason) }
}

func decided(kind fleet.DecisionKind) func(fleet.Episode) bool {
	return func(e fleet.Episode) bool { return e.Decision.Kind == kind }
}

// said returns an episode in a line.
func said(e fleet.Episode) string {
	var why []string
	for _, r := range e.Why() {
		why = append(why, string(r.Name)+" ("+r.Text+")")
	}
	return fmt.Sprintf("%s, %s: %s because %s", e.Ref.Service, e.Function, strings.Join(outcome(e), " "), strings.Join(why, ", "))
}

// drained waits until a function's queue holds no message, in flight or waiting.
func (s *stack) drained(t *testing.T, function string) {
	t.Helper()
	await(t, reactFor, func() bool { return s.waiting(t, s.queueOf[function]) == "0 0" }, "the queue of %s is empty", function)
}

// tryAgainSoon makes failed messages return after seconds, and not after six
// minutes.
func (s *stack) tryAgainSoon(t *testing.T) {
	t.Helper()
	for _, url := range s.queueOf {
		_, err := s.queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: aws.String(url), Attributes: map[string]string{"VisibilityTimeout": "10"},
		})
		require.NoError(t, err)
	}
}

// waiting returns the number of waiting messages in a queue, and of those in
// flight.
func (s *stack) waiting(t *testing.T, url string) string {
	t.Helper()
	out, err := s.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}})
	require.NoError(t, err)
	return out.Attributes["ApproximateNumberOfMessages"] + " " + out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// again delivers an event a second time, under its first id, as SQS may.
func (s *stack) again(t *testing.T, function, id string, event sample) {
	t.Helper()
	body, err := json.Marshal(object{
		"version": "0", "id": id, "source": event.Source, "detail-type": event.DetailType, "account": account, "region": region,
		"time": time.Now().UTC().Format(time.RFC3339), "resources": event.Resources, "detail": event.Detail,
	})
	require.NoError(t, err)
	_, err = s.queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.queueOf[function]), MessageBody: aws.String(string(body))})
	require.NoError(t, err)
}

// policyText is the policy that is shipped with the functions.
const policyText = `version: 1
scale: {min: 1, max: 6, cpu: 50}
services:
  - match: {cluster: shop, service: "fresh*"}
    redeploy: {tag: stable}
`

func TestTheStackInstalledByTheCDK(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	policy := filepath.Join(c.home, "homeostat.yaml")
	require.NoError(t, os.WriteFile(policy, []byte(policyText), 0o600))
	options := []string{
		"endpoint=" + c.url + ",application-auto-scaling=" + c.scaling, "ephemeral=true", "policy=" + policy,
		"pin=true", "passRoles=arn:aws:iam::" + account + ":role/shop-tasks",
	}
	c.bootstrap(t)
	c.deploy(t, options...)
	assert.Contains(t, c.deploy(t, options...), "(no changes)", "deploying the same again changes nothing")

	s := &stack{cloud: c, installed: c.installed(t)}
	s.store = c.store(s.table)
	s.tryAgainSoon(t)
	s.schedule(t, false)
	t.Run("nothing of ours between", s.withoutHistory)

	// The upgrade gives the deployment time for task failures.
	s.good = s.push(t, "shop/sick", "1")
	s.makeService(t, "sick", "act", s.good)
	s.rollOut(t, "sick", s.push(t, "shop/sick", "2"))
	options[0] += ",ecs=" + c.withHistory(t)
	assert.NotContains(t, c.upgrade(t, options...), "(no changes)")
	assert.Equal(t, s.installed, c.installed(t), "an upgrade replaces neither table nor queues")
	t.Run("with the history that the emulator leaves out", s.withHistory)

	t.Run("destroyed, it leaves nothing", func(t *testing.T) { s.removed(t, options) })
}

// withoutHistory tests the reactions that need no past deployments, and the
// result of the others.
func (s *stack) withoutHistory(t *testing.T) {
	// Its tasks fail later on.
	s.makeService(t, "dying", "act", registry+"/shop/dying@"+digest("good"))
	s.rollOut(t, "dying", registry+"/shop/dying@"+digest("bad"))
	for name, mode := range map[string]string{"hot": "act", "observed": "observe", "proposed": "propose", "frozen": "act", "stranger": "", "bounded": "act", "healthy": "act"} {
		s.makeService(t, name, mode, registry+"/shop/"+name+"@"+digest(name))
		s.measure(t, name, 90)
	}
	minuteOver()
	s.homeostat(t, "freeze", "shop/frozen", "--why", "migration")
	s.bound(t, "bounded", 1, 3)
	// There is one queue, so the last service is handled last.
	for _, name := range []string{"stranger", "observed", "proposed", "frozen", "bounded", "hot"} {
		s.put(t, alarmOf(t, name))
	}

	t.Run("an alarm scales the service out", func(t *testing.T) {
		e := s.awaitEpisode(t, "hot", first)
		assert.Equal(t, contract.FunctionScale, e.Function)
		assert.Equal(t, []string{"alarm", "scale-out", "act", "done"}, outcome(e))
		assert.EqualValues(t, 5, s.service(t, "hot").DesiredCount, "two tasks at 90 % are five at 50 %, with a margin for what is not known yet")

		s.again(t, contract.FunctionScale, e.Trigger.ID, alarmOf(t, "hot"))
		s.drained(t, contract.FunctionScale)
		assert.Len(t, s.told(t, "hot"), 1, "the same event again is no new episode")
		assert.EqualValues(t, 5, s.service(t, "hot").DesiredCount, "and changes nothing")
	})
	t.Run("bounds of Application Auto Scaling hold", func(t *testing.T) {
		e := s.awaitEpisode(t, "bounded", first)
		assert.Equal(t, []string{"alarm", "scale-out", "act", "done"}, outcome(e))
		assert.Contains(t, reasons(e), "clamped-to-max")
		assert.EqualValues(t, 3, s.service(t, "bounded").DesiredCount)
	})
	for name, want := range map[string]struct{ verdict, reason string }{
		"observed": {"observe", "mode-observe"},
		"proposed": {"propose", "mode-propose"},
		"frozen":   {"hold", "frozen"},
	} {
		t.Run("a service that is "+name+" is left alone", func(t *testing.T) {
			e := s.awaitEpisode(t, name, first)
			assert.Equal(t, []string{"alarm", "scale-out", want.verdict, ""}, outcome(e))
			assert.Contains(t, reasons(e), want.reason)
			assert.EqualValues(t, 2, s.service(t, name).DesiredCount)
		})
	}
	t.Run("a service without the tag is not even recorded", func(t *testing.T) {
		s.drained(t, contract.FunctionScale)
		assert.Empty(t, s.episodes(t, "stranger"))
		assert.EqualValues(t, 2, s.service(t, "stranger").DesiredCount)
	})
	t.Run("a message that always fails ends among the dead letters", s.poison)
	t.Run("the schedule finds changes without events", s.sweeps)
	t.Run("without a history nothing is rolled back or out", s.blind)
}

// homeostat runs the command line.
func (s *stack) homeostat(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(root, "bin", "homeostat"), args...)
	command.Env = s.environment(s.endpoints()...)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "homeostat %s: %s", args, out)
}

// enrolled waits until a tick of the schedule has found a new service. A push
// names a repository, and the inventory names its services.
func (s *stack) enrolled(t *testing.T, service string) {
	t.Helper()
	await(t, 4*time.Minute, func() bool {
		inventory, err := s.store.Inventory(t.Context(), fleet.AccountOf(ref(service)))
		require.NoError(t, err)
		return slices.ContainsFunc(inventory.Members(), func(m fleet.Member) bool { return m.Service == service })
	}, "a tick found "+service)
}

// blind tests the result without service deployments, as in ministack: no
// rollback is possible, and no push can be compared.
func (s *stack) blind(t *testing.T) {
	running := s.push(t, "shop/fresh", "stable")
	s.makeService(t, "fresh", "act", running)
	s.enrolled(t, "fresh")
	pushed := s.push(t, "shop/fresh", "stable")
	s.put(t, pushOf(t, "shop/fresh", "stable", pushed))
	s.failures(t, "dying")

	e := s.awaitEpisode(t, "fresh", because("unread"))
	assert.Equal(t, contract.FunctionRedeploy, e.Function)
	assert.Equal(t, running, s.image(t, "fresh"))

	// ministack does not know the tasks, so their ends count for nothing.
	e = s.awaitEpisode(t, "dying", because("unconfirmed-event"))
	assert.Equal(t, contract.FunctionHeal, e.Function)
	assert.Equal(t, registry+"/shop/dying@"+digest("bad"), s.image(t, "dying"))
}

// failures are EventBridge's events of a crash loop: each of the service's tasks
// ends soon after its start, and so does its replacement.
func (s *stack) failures(t *testing.T, service string) []sample {
	t.Helper()
	const tasks = 8
	begun := s.primary(t, service).CreatedAt.Add(time.Second)
	lived := time.Since(begun) / tasks
	require.Greater(t, lived, time.Second, "the deployment is too young for %d deaths", tasks)
	var told []sample
	for i := range tasks {
		told = append(told, s.failureOf(t, service, fmt.Sprintf("%032x", i+1), begun.Add(time.Duration(i)*lived), lived))
	}
	s.put(t, told...)
	return told
}

// schedule turns the stack's own schedule on or off. While it is off, no tick
// evaluates a service before its metrics can be read.
func (s *stack) schedule(t *testing.T, on bool) {
	t.Helper()
	rule := aws.String(s.ruleOf["SweepSchedule"])
	var err error
	if on {
		_, err = s.events.EnableRule(t.Context(), &eventbridge.EnableRuleInput{Name: rule})
	} else {
		_, err = s.events.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: rule})
	}
	require.NoError(t, err)
}

// sweeps waits for the stack's own schedule.
func (s *stack) sweeps(t *testing.T) {
	s.makeService(t, "missed", "act", registry+"/shop/missed@"+digest("missed"))
	s.measure(t, "missed", 90)
	minuteOver()
	s.schedule(t, true)
	await(t, 2*time.Minute, func() bool { return len(s.episodes(t, "missed")) > 0 }, "a sweep looked at the service")
	e := s.episodes(t, "missed")[0]
	assert.Equal(t, contract.FunctionSweep, e.Function)
	assert.Equal(t, []string{"tick", "scale-out", "act", "done"}, outcome(e))
	assert.EqualValues(t, 5, s.service(t, "missed").DesiredCount)
}

func outcome(e fleet.Episode) []string {
	return []string{string(e.Trigger.Kind), string(e.Decision.Kind), string(e.Verdict.Outcome), e.Result.Status}
}

func reasons(e fleet.Episode) []string {
	var names []string
	for _, r := range e.Why() {
		names = append(names, string(r.Name))
	}
	return names
}
