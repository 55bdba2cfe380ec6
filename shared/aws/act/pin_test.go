package act_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

// back returns the rollback from the second revision to the first, by digest.
func (w *world) back() fleet.Action {
	return fleet.Action{
		Kind: fleet.RunRevision, TaskDefinition: "web:1", Expect: fleet.Expect{Deployment: w.primary()},
		Images: []fleet.ContainerImage{{Name: "app", Image: w.image("v1")}},
	}
}

func (w *world) forward() {
	w.update(ecs.UpdateServiceInput{TaskDefinition: new(w.define("v2", ecssim.Behaviour{}))})
	w.Run(10 * time.Minute)
}

func TestARevisionRunsPinnedByDigestAndOtherwiseAsItWas(t *testing.T) {
	w := newWorld(t)
	w.forward()
	got := w.apply(w.back())
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:3", got.TaskDefinition)
	assert.Regexp(t, `^runs web:3 with web@[0-9a-f]{12}$`, got.Text)
	assert.Contains(t, aws.ToString(w.Service().TaskDefinition), "task-definition/web:3")

	old, copied := w.definition("web:1"), w.definition("web:3")
	want := old.TaskDefinition.ContainerDefinitions
	want[0].Image = aws.String(w.image("v1").String())
	assert.Equal(t, want, copied.TaskDefinition.ContainerDefinitions, "all but the image is kept")
	assert.Equal(t, old.TaskDefinition.Cpu, copied.TaskDefinition.Cpu)
	assert.Equal(t, old.TaskDefinition.Memory, copied.TaskDefinition.Memory)
	assert.Equal(t, old.TaskDefinition.NetworkMode, copied.TaskDefinition.NetworkMode)
	assert.Equal(t, old.TaskDefinition.RequiresCompatibilities, copied.TaskDefinition.RequiresCompatibilities)
	assert.Equal(t, []ecstypes.Tag{{Key: aws.String("homeostat:pinned-from"), Value: aws.String("web:1")}}, copied.Tags)
	w.Run(10 * time.Minute)
	assert.EqualValues(t, 3, w.Service().RunningCount)
}

func TestTheSameRevisionAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.forward()
	a := w.back()
	w.apply(a)
	updates := w.made("UpdateService")
	assert.Equal(t, fleet.Skipped, w.apply(a).Status, "the deployment is another one now")
	a.Expect.Deployment = ""
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the service runs web:3 already", TaskDefinition: "web:3"}, w.apply(a))
	assert.Equal(t, updates, w.made("UpdateService"))
	assert.Equal(t, 1, w.made("RegisterTaskDefinition"))
}

func TestACopyOfAnEarlierTryIsUsedAgain(t *testing.T) {
	w := newWorld(t)
	w.forward()
	w.Sim.SetThrottle("ecs", "UpdateService", 1)
	_, err := w.Apply(t.Context(), fixture.Web(), w.back())
	require.Error(t, err)
	w.Sim.SetThrottle("ecs", "UpdateService", 0)
	got := w.apply(w.back())
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:3", got.TaskDefinition)
	assert.Equal(t, 1, w.made("RegisterTaskDefinition"), "no second copy")
}

func TestACopyOfSomethingElseIsNotUsed(t *testing.T) {
	w := newWorld(t)
	w.forward()
	w.apply(w.back())
	other := w.back()
	other.TaskDefinition = "web:2"
	got := w.apply(other)
	assert.Equal(t, "web:4", got.TaskDefinition, "a copy of web:2, though its image is the same")
	assert.Equal(t, []ecstypes.Tag{{Key: aws.String("homeostat:pinned-from"), Value: aws.String("web:2")}}, w.definition("web:4").Tags)
}

func TestARevisionThatIsPinnedAlreadyNeedsNoCopy(t *testing.T) {
	w := newWorld(t)
	w.forward()
	w.apply(w.back())
	a := w.back()
	w.update(ecs.UpdateServiceInput{TaskDefinition: aws.String("web:2")})
	a.TaskDefinition, a.Expect.Deployment = "web:3", ""
	got := w.apply(a)
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:3", got.TaskDefinition)
	assert.Equal(t, 1, w.made("RegisterTaskDefinition"))
}

func TestWithoutPinsTheRevisionRunsAsItIs(t *testing.T) {
	w := newWorld(t)
	w.forward()
	got := w.apply(fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1"})
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:1", got.TaskDefinition)
	assert.Zero(t, w.made("RegisterTaskDefinition"))
}

func TestAPinThatIsImpossibleIsTerminal(t *testing.T) {
	w := newWorld(t)
	for name, images := range map[string][]fleet.ContainerImage{
		"one container is not there": append(pin("app", w.Digests["v1"]), pin("worker", "sha256:1")...),
		"no digest is known":         {{Name: "app", Image: fleet.Image{Repository: "web", Tag: "v1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Images: images})
			require.Error(t, err)
			assert.Equal(t, fault.Terminal, fault.ClassOf(err))
			assert.Equal(t, "pin-impossible", fault.CodeOf(err))
			assert.Zero(t, w.made("RegisterTaskDefinition"))
			assert.Zero(t, w.made("UpdateService"))
		})
	}
}
