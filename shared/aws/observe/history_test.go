package observe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTheHistoryNamesWhatRanByDigest(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("v2", ecssim.Behaviour{}), 10*time.Minute)
	h := w.read(fleet.Needs{Revisions: true}).History
	require.Len(t, h, 2)
	assert.True(t, h[0].CreatedAt.After(h[1].CreatedAt), "newest first")
	assert.Equal(t, "SUCCESSFUL", h[0].Status)
	assert.Equal(t, "SUCCESSFUL", h[1].Status)
	assert.Equal(t, h[1].Target.ARN, h[0].Source)
	assert.False(t, h[0].FinishedAt.IsZero())
	assert.Equal(t, "web:2", h[0].Target.TaskDefinition)
	assert.Equal(t, []fleet.ContainerImage{{Name: "app", Image: w.Image("v2")}}, h[0].Target.Containers)
	assert.Equal(t, []fleet.ContainerImage{{Name: "app", Image: w.Image("v1")}}, h[1].Target.Containers)
	assert.Empty(t, h[0].Target.Status, "what runs now is no way back and is not looked up")
	assert.Equal(t, "ACTIVE", h[1].Target.Status)
	assert.Empty(t, h[1].Target.Images)
	assert.True(t, h[1].Target.AsWritten, "its tag still leads to the digest")
	assert.True(t, h[1].Target.Pinned())
}

func TestARevisionThatCannotRunAgainIsKnown(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("v2", ecssim.Behaviour{}), 10*time.Minute)
	require.True(t, w.Sim.DeleteImage("web", w.Digests["v1"]))
	_, err := w.Client.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web:1")})
	require.NoError(t, err)
	old := w.read(fleet.Needs{Revisions: true}).History[1].Target
	assert.Equal(t, "INACTIVE", old.Status)
	assert.Equal(t, []fleet.CheckedImage{{Image: w.Image("v1").Pinned(), State: fleet.ImageGone}}, old.Images)
	assert.False(t, old.AsWritten)
}

func TestARollbackOfECSIsInTheHistory(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("bad", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(time.Second), Code: 1}}), 40*time.Minute)
	s := w.read(fleet.Needs{Revisions: true})
	require.NotEmpty(t, s.History)
	assert.Equal(t, "ROLLBACK_SUCCESSFUL", s.History[0].Status)
	assert.Equal(t, "TRIGGERED", s.History[0].BreakerStatus)
	assert.NotEmpty(t, s.History[0].RollbackTo)
	assert.False(t, s.History[0].RollingBack())
	assert.Equal(t, w.Digests["bad"], s.History[0].Target.Containers[0].Image.Digest)
	assert.Equal(t, "web:1", s.TaskDefinition)
}

func TestTheRolloutsOwnAlarmStateIsInTheHistory(t *testing.T) {
	for name, c := range map[string]struct {
		state cwtypes.StateValue
		want  string
	}{
		"a quiet alarm is watched":                               {cwtypes.StateValueOk, "MONITORING"},
		"an alarm that rang at the start ends the watch at once": {cwtypes.StateValueAlarm, "DISABLED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.alarm("web-5xx", cwtypes.StateValueOk)
			w.steady(func(s *ecssim.ServiceSpec) { s.Alarms = []string{"web-5xx"} })
			w.alarm("web-5xx", c.state)
			w.deploy(w.Define("v2", ecssim.Behaviour{}), 5*time.Second)
			latest, ok := w.read(fleet.Needs{Revisions: true}).Latest()
			assert.True(t, ok)
			assert.Equal(t, c.want, latest.AlarmStatus)
		})
	}
}

func TestOfALongHistoryTwoTargetsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.steady()
	for i := range 4 {
		w.deploy(w.Define(fmt.Sprint("v", i+2), ecssim.Behaviour{}), 10*time.Minute)
	}
	h := w.read(fleet.Needs{Revisions: true}).History
	require.Len(t, h, 5)
	var status []string
	for _, r := range h {
		status = append(status, r.Target.Status)
	}
	assert.Equal(t, []string{"", "ACTIVE", "ACTIVE", "", ""}, status)
	assert.Equal(t, 2, w.Sim.Calls("ecs", "DescribeTaskDefinition").Made)
}

func TestTheWatchedTagIsReadAgain(t *testing.T) {
	w := newWorld(t)
	w.steady()
	needs := fleet.Needs{Revisions: true, Tag: "v1", Repository: "web"}
	assert.Equal(t, new(w.Image("v1")), w.read(needs).Watched)
	old := w.Digests["v1"]
	w.Digests["v1"] = w.Sim.PushImage("web", "v1", ecssim.Behaviour{})
	s := w.read(needs)
	assert.Equal(t, new(w.Image("v1")), s.Watched)
	assert.Equal(t, old, s.History[0].Target.Containers[0].Image.Digest, "what runs is what it was")

	s = w.read(fleet.Needs{Revisions: true, Tag: "gone", Repository: "web"})
	assert.Nil(t, s.Watched)
	assert.Contains(t, s.Unread["watched"], "ImageNotFoundException")
	s = w.read(fleet.Needs{Revisions: true, Tag: "v1", Repository: "other"})
	assert.Equal(t, &fleet.Image{Repository: "other", Tag: "v1"}, s.Watched, "the service does not run it")
	s = w.read(fleet.Needs{Tag: "v1", Repository: "web"})
	assert.Nil(t, s.Watched, "without the revisions nothing is known")
}

func TestAnImageOfAnotherRegistryIsNotLookedUp(t *testing.T) {
	w := newWorld(t)
	w.Region = "us-east-1"
	w.steady()
	s := w.read(fleet.Needs{Revisions: true, Tag: "v1", Repository: "web"})
	assert.Nil(t, s.Watched)
	assert.Equal(t, "the repository web is not an ECR repository of us-east-1", s.Unread["watched"])
}

func TestEnrolledServicesOfAllClustersAndPagesAreFound(t *testing.T) {
	w := newWorld(t)
	definition := w.Define("v1", ecssim.Behaviour{})
	var want []string
	for _, cluster := range []string{"shop", "jobs", "empty"} {
		w.Sim.AddCluster(cluster)
		if cluster == "empty" {
			continue
		}
		for i := range 23 {
			spec := ecssim.ServiceSpec{Cluster: cluster, Name: fmt.Sprintf("s-%02d", i), TaskDefinition: definition}
			if i%2 == 0 {
				spec.Tags = map[string]string{contract.TagMode: "observe"}
				want = append(want, cluster+"/"+spec.Name)
			}
			_, err := w.Sim.CreateService(spec)
			require.NoError(t, err)
		}
	}
	all, err := w.Enrolled(t.Context(), fixture.Home())
	require.NoError(t, err)
	var got []string
	for _, s := range all {
		got = append(got, s.Ref.String())
		assert.Equal(t, fixture.Account, s.Ref.Account)
		assert.Equal(t, "web:1", s.TaskDefinition)
		assert.True(t, s.Found)
		assert.Equal(t, "observe", s.Tags[contract.TagMode])
	}
	assert.ElementsMatch(t, want, got)
	assert.Equal(t, 6, w.Sim.Calls("ecs", "DescribeServices").Made, "ten at a time")
}

func TestTheImagesOfADefinitionAreReadAsWritten(t *testing.T) {
	w := newWorld(t)
	w.Define("v1", ecssim.Behaviour{})
	got, err := w.Images(t.Context(), "web:1")
	require.NoError(t, err)
	assert.Equal(t, []fleet.ContainerImage{{Name: "app", Image: fleet.Image{Registry: w.Sim.RegistryHost(), Repository: "web", Tag: "v1"}}}, got)
	_, err = w.Images(t.Context(), "web:9")
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
}
