package act_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// retire makes a task definition INACTIVE, and deletes it if gone is true.
func (w *world) retire(name string, gone bool) {
	_, err := w.Client.DeregisterTaskDefinition(w.t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(name)})
	require.NoError(w.t, err)
	if gone {
		_, err = w.Client.DeleteTaskDefinitions(w.t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{name}})
		require.NoError(w.t, err)
		w.Run(2 * time.Hour)
	}
}

func TestAnInactiveDefinitionIsRegisteredAgain(t *testing.T) {
	w := newWorld(t)
	w.forward()
	w.retire("web:1", false)
	got := w.apply(w.back())
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:3", got.TaskDefinition)
	assert.Equal(t, w.image("v1").String(), aws.ToString(w.definition("web:3").TaskDefinition.ContainerDefinitions[0].Image))
}

func TestADeletedDefinitionIsRegisteredFromItsStoredCopy(t *testing.T) {
	w := newWorld(t)
	keeper := &act.Keeper{ECS: w.Client, Store: simtest.NewStore(t, w.Sim)}
	w.Kept = keeper
	require.NoError(t, keeper.Keep(t.Context(), fixture.Web(), "web:1", nil))
	before := w.definition("web:1")
	w.forward()
	w.retire("web:1", true)
	a := w.back()
	_, err := w.Apply(t.Context(), fixture.Web(), a)
	require.Error(t, err, "the decision names no copy")
	a.Kept = true
	assert.Equal(t, "web:3", w.apply(a).TaskDefinition)
	copied := w.definition("web:3").TaskDefinition
	want := before.TaskDefinition.ContainerDefinitions
	want[0].Image = aws.String(w.image("v1").String())
	assert.Equal(t, want, copied.ContainerDefinitions, "all but the image is kept")
	assert.Equal(t, before.TaskDefinition.Memory, copied.Memory)
}

func TestADeletedDefinitionWithoutACopyIsTerminal(t *testing.T) {
	w := newWorld(t)
	w.Kept = &act.Keeper{ECS: w.Client, Store: simtest.NewStore(t, w.Sim)}
	w.forward()
	w.retire("web:1", true)
	a := w.back()
	a.Kept = true
	_, err := w.Apply(t.Context(), fixture.Web(), a)
	assert.Equal(t, "no-copy", fault.CodeOf(err))
	assert.Zero(t, w.made("RegisterTaskDefinition"))
}

func TestWithoutARegistrationTheDefinitionRunsAsItIsIfItsTagLeadsToTheImage(t *testing.T) {
	w := newWorld(t)
	w.forward()
	w.Sim.SetDenied("ecs", "RegisterTaskDefinition", true)
	a := w.back()
	_, err := w.Apply(t.Context(), fixture.Web(), a)
	assert.Equal(t, fault.Denied, fault.CodeOf(err), "its tag may lead to another image")
	a.AsWritten = true
	assert.Equal(t, "web:1", w.apply(a).TaskDefinition)
	w.update(ecs.UpdateServiceInput{TaskDefinition: aws.String("web:2")})
	w.retire("web:1", false)
	a.Expect.Deployment = w.primary()
	_, err = w.Apply(t.Context(), fixture.Web(), a)
	assert.Equal(t, fault.Denied, fault.CodeOf(err), "ECS accepts no inactive one")
}

func TestAnArchivedImageIsRestored(t *testing.T) {
	w := newWorld(t)
	client := ecr.NewFromConfig(w.Config)
	w.ECR = client
	require.True(t, w.Sim.ArchiveImage("web", w.Digests["v1"]))
	restore := fleet.Action{Kind: fleet.RestoreImage, Images: []fleet.ContainerImage{{Image: w.image("v1")}}}
	got := w.apply(restore)
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, 1, w.Sim.Calls("ecr", "UpdateImageStorageClass").Made)
	for name, images := range map[string][]fleet.ContainerImage{
		"no image":                {},
		"no digest":               {{Image: fleet.Image{Registry: w.image("v1").Registry, Repository: "web"}}},
		"a registry of elsewhere": {{Image: fleet.Image{Registry: "ghcr.io", Repository: "web", Digest: w.Digests["v1"]}}},
	} {
		restore.Images = images
		_, err := w.Apply(t.Context(), fixture.Web(), restore)
		assert.Error(t, err, name)
	}
}
