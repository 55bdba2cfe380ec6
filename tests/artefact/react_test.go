package artefact_test

import (
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func growsOnAlarm(t *testing.T, w *world) {
	w.serve(enrolled())
	w.alarm()
	busy := w.now.Add(-8 * time.Minute)
	w.load(func(at time.Time) float64 {
		if at.Before(busy) {
			return 30
		}
		return 200
	})
	w.until(0)
	events := w.Take(contract.FunctionScale)
	require.NotEmpty(t, events)

	w.deliver(contract.FunctionScale, events)
	assert.EqualValues(t, 2, w.described().DesiredCount, "one task at 100 % is work for two at 70 %")
	e := w.decided(fleet.ScaleOut)
	assert.Equal(t, fleet.AlarmChanged, e.Trigger.Kind)
	assert.Equal(t, contract.FunctionScale, e.Function)
	assert.True(t, e.Snapshot.CPU.Known)

	// A duplicate changes nothing.
	known, writes := len(w.episodes()), w.writes()
	w.deliver(contract.FunctionScale, events)
	assert.EqualValues(t, 2, w.described().DesiredCount)
	assert.Equal(t, writes, w.writes())
	assert.Len(t, w.episodes(), known)
	assert.EqualValues(t, len(events), w.counted(contract.FunctionScale, "Duplicates", string(fleet.AlarmChanged)))
	assert.NotEmpty(t, w.logged(contract.FunctionScale, "decided"))
}

// deployBad deploys a revision as an operator does, and returns its digest. Its
// tasks fail after so long.
func (w *world) deployBad(lives time.Duration) (digest string) {
	digest = w.Sim.PushImage(repository, "1.43.0", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(lives), Code: 1}})
	definition := w.define(repository + ":1.43.0")
	w.person(func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(definition) })
	w.before = w.writes()
	return digest
}

func rollsBack(t *testing.T, w *world) {
	w.serve(enrolled())
	good := w.images()
	bad := w.deployBad(3 * time.Second) // before they are healthy: the deployment continues
	w.until(-27 * time.Minute)
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))

	e := w.decided(fleet.RollBack)
	require.NotNil(t, e.Verdict.Action)
	assert.Equal(t, fleet.StopDeployment, e.Verdict.Action.Kind)
	assert.Equal(t, w.before["StopServiceDeployment"]+1, w.writes()["StopServiceDeployment"])
	_, quarantined := w.memory().Quarantines(bad)
	assert.True(t, quarantined, "the bad image is quarantined")

	w.until(0)
	assert.Equal(t, good, w.images(), "ECS has rolled back")
	w.aftermath()

	w.pushBadAgain(bad)
}

func rollsBackLate(t *testing.T, w *world) {
	w.serve(enrolled())
	good := w.images()
	bad := w.deployBad(9 * time.Minute) // the deployment succeeds long before
	w.until(0)
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))

	e := w.decided(fleet.RollBack)
	require.NotNil(t, e.Verdict.Action)
	assert.Equal(t, fleet.RunRevision, e.Verdict.Action.Kind)
	_, quarantined := w.memory().Quarantines(bad)
	assert.True(t, quarantined, "the bad image is quarantined")
	w.until(10 * time.Minute)
	assert.Equal(t, good, w.images(), "the service runs the good image again")
	w.aftermath()
	assert.EqualValues(t, "quarantined", w.pushBadAgain(bad).Name)
}

// pushBadAgain moves the watched tag to the bad image and returns the reason. The
// image must not be deployed.
func (w *world) pushBadAgain(bad string) fleet.Reason {
	w.t.Helper()
	writes := w.writes()
	w.retag(bad)
	w.until(11 * time.Minute)
	w.deliver(contract.FunctionRedeploy, w.Take(contract.FunctionRedeploy))
	assert.Equal(w.t, writes, w.writes())
	last := w.episodes()[0]
	assert.Equal(w.t, fleet.ImagePush, last.Trigger.Kind)
	require.NotEmpty(w.t, last.Decision.Reasons)
	return last.Decision.Reasons[0]
}

// aftermath delivers all later events to the functions, and expects no further
// action against a revision. The demand may still change the count.
func (w *world) aftermath() {
	w.t.Helper()
	writes, scaled := w.writes(), w.scaled()
	timers := w.Take(contract.FunctionSweep)
	require.NotEmpty(w.t, timers, "a timer requested the evaluation after the rollback")
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))
	w.deliver(contract.FunctionSweep, timers)
	writes["UpdateService"] += w.scaled() - scaled
	assert.Equal(w.t, writes, w.writes(), "nothing more was touched")
}

func redeploys(t *testing.T, w *world) {
	w.serve(enrolled())
	digest := w.Sim.PushImage(repository, tag, ecssim.Behaviour{})
	w.until(-34 * time.Minute)
	events := w.Take(contract.FunctionRedeploy)
	require.Len(t, events, 1)
	w.deliver(contract.FunctionRedeploy, events)

	e := w.decided(fleet.Redeploy)
	assert.Equal(t, contract.FunctionRedeploy, e.Function)
	definition, err := w.ECS.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: w.described().TaskDefinition})
	require.NoError(t, err)
	image := aws.ToString(definition.TaskDefinition.ContainerDefinitions[0].Image)
	assert.True(t, strings.HasSuffix(image, repository+"@"+digest), image)
	w.until(-20 * time.Minute)
	assert.Equal(t, []string{digest}, w.images())

	// The same push again, and the rollout's own events, change nothing.
	writes := w.writes()
	w.deliver(contract.FunctionRedeploy, events)
	w.deliver(contract.FunctionHeal, w.Take(contract.FunctionHeal))
	assert.Equal(t, writes, w.writes())
}

// scaled returns the number of changes of the count so far.
func (w *world) scaled() (n int) {
	for _, e := range w.episodes() {
		if a := e.Verdict.Action; a != nil && a.Kind == fleet.SetDesired && e.Result.Status == fleet.Done {
			n++
		}
	}
	return n
}
