package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// several creates the service web with an application and one more container.
func (w *world) several(app Behaviour, other ContainerSpec) {
	w.t.Helper()
	w.PushImage("web", "1", app)
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{
		Family: "web", Main: "app", Containers: []ContainerSpec{other, {Name: "app", Image: "web:1"}},
	})
	require.NoError(w.t, err)
	w.create(ServiceSpec{TaskDefinition: arn, Desired: 1})
}

func TestAContainerThatIsNotEssentialDoesNotStopItsTask(t *testing.T) {
	t.Run("when its image cannot be pulled", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.PushImage("agent", "1", Behaviour{})
		require.True(t, w.DeleteImage("agent", w.Digest("agent:1")))
		w.several(Behaviour{}, ContainerSpec{Name: "agent", Image: "agent:1", Sidecar: true})
		w.run(10 * time.Minute)
		require.Empty(t, w.stops())
		containers := w.running()[0].Containers
		assert.Equal(t, "STOPPED", *containers[0].LastStatus)
		assert.Contains(t, *containers[0].Reason, "CannotPullContainerError")
		assert.Nil(t, containers[0].ExitCode)
		assert.Nil(t, containers[0].ImageDigest)
		assert.Equal(t, "RUNNING", *containers[1].LastStatus)
		images := w.images("web")
		assert.Nil(t, images["agent"], "the revision has no digest of it")
		assert.NotNil(t, images["app"])
	})
	t.Run("when it exits", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.PushImage("agent", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), OOM: true}})
		w.several(Behaviour{}, ContainerSpec{Name: "agent", Image: "agent:1", Sidecar: true})
		w.run(10 * time.Minute)
		require.Empty(t, w.stops())
		container := w.running()[0].Containers[0]
		assert.Equal(t, "STOPPED", *container.LastStatus)
		assert.EqualValues(t, 137, *container.ExitCode)
		assert.Equal(t, oomReason, *container.Reason)
	})
}

func TestAnEssentialContainerStopsItsTask(t *testing.T) {
	t.Run("when its image cannot be pulled", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.PushImage("agent", "1", Behaviour{})
		require.True(t, w.DeleteImage("agent", w.Digest("agent:1")))
		w.several(Behaviour{}, ContainerSpec{Name: "agent", Image: "agent:1"})
		w.run(2 * time.Minute)
		stop := w.stops()[0].Detail
		assert.Equal(t, stopFailedToStart, stop.StopCode)
		assert.Contains(t, stop.Containers[0].Reason, "CannotPullContainerError")
		assert.Empty(t, stop.Containers[1].Reason, "the application said nothing")
		assert.Nil(t, stop.Containers[1].ExitCode)
	})
	t.Run("when it exits", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.PushImage("agent", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 5}})
		w.several(Behaviour{StopDelay: Fixed(3 * time.Second)}, ContainerSpec{Name: "agent", Image: "agent:1"})
		w.run(3 * time.Minute)
		stop := w.stops()[0].Detail
		assert.Equal(t, stopEssential, stop.StopCode)
		assert.Equal(t, exitedReason, stop.StoppedReason)
		assert.Equal(t, []int{5, 143}, []int{*stop.Containers[0].ExitCode, *stop.Containers[1].ExitCode})
		assert.Equal(t, time.Minute, w.lived())
	})
	t.Run("unless its restart policy restarts it", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.PushImage("agent", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(2 * time.Minute), Code: 5}})
		w.several(Behaviour{}, ContainerSpec{
			Name: "agent", Image: "agent:1", Extra: map[string]any{"restartPolicy": map[string]any{"enabled": true, "restartAttemptPeriod": 60}},
		})
		w.run(10 * time.Minute)
		assert.Empty(t, w.stops())
	})
}

func TestTheStopEventsSayOfAContainerWhatTheFamilySays(t *testing.T) {
	code := 137
	for _, c := range []struct {
		name    string
		end     ContainerEnd
		sidecar bool
		status  string // of the container while the task runs
	}{
		{"an exit code", ContainerEnd{Code: &code}, true, "RUNNING"},
		{"a reason without an exit code: it never ran", ContainerEnd{Reason: "CannotPullContainerError: x"}, true, "STOPPED"},
		{"an essential container runs", ContainerEnd{Code: &code, Reason: "x"}, false, "RUNNING"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.several(Behaviour{Exit: Exit{Probability: 1, After: Fixed(2 * time.Minute), Code: 1}},
				ContainerSpec{Name: "agent", Image: "agent:1", Sidecar: c.sidecar, End: &c.end})
			w.run(2 * time.Minute)
			assert.Equal(t, c.status, *w.running()[0].Containers[0].LastStatus)
			w.run(2 * time.Minute)
			stop := w.stops()[0].Detail
			assert.Equal(t, stopEssential, stop.StopCode)
			assert.Equal(t, c.end.Code, stop.Containers[0].ExitCode)
			assert.Equal(t, c.end.Reason, stop.Containers[0].Reason)
			assert.Equal(t, 1, *stop.Containers[1].ExitCode, "the application decides")
		})
	}
}

func TestAContainerOfTheApplicationsImageHasNoEndOfItsOwn(t *testing.T) {
	w := newWorld(t, Config{})
	w.several(Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 1}}, ContainerSpec{Name: "migrate", Image: "web:1"})
	w.run(3 * time.Minute)
	stop := w.stops()[0].Detail
	assert.Equal(t, []int{143, 1}, []int{*stop.Containers[0].ExitCode, *stop.Containers[1].ExitCode})
}

// images returns the digests of the current service revision, by container.
func (w *world) images(service string) map[string]*string {
	w.t.Helper()
	list, err := w.ecs.ListServiceDeployments(w.t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: &service})
	require.NoError(w.t, err)
	out, err := w.ecs.DescribeServiceRevisions(w.t.Context(), &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{*list.ServiceDeployments[0].TargetServiceRevisionArn},
	})
	require.NoError(w.t, err)
	digests := map[string]*string{}
	for _, c := range out.ServiceRevisions[0].ContainerImages {
		digests[*c.ContainerName] = c.ImageDigest
	}
	return digests
}
