package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) digests() []string {
	var out []string
	for _, task := range w.running() {
		out = append(out, aws.ToString(task.Containers[0].ImageDigest))
	}
	return out
}

func TestTagsArePinnedToDigests(t *testing.T) {
	w := newWorld(t, Config{})
	first := w.PushImage("web", "latest", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: w.define("web:latest"), Desired: 1})
	second := w.PushImage("web", "latest", Behaviour{})
	require.NotEqual(t, first, second)

	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
	w.run(3 * time.Minute)
	assert.Equal(t, []string{first, first}, w.digests(), "scale-out keeps the digest of the first task")

	w.update(ecs.UpdateServiceInput{PlatformVersion: aws.String("1.4.0")})
	w.run(5 * time.Minute)
	assert.Equal(t, []string{first, first}, w.digests(), "an update that is not forced keeps it too")

	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
	w.run(5 * time.Minute)
	assert.Equal(t, []string{second, second}, w.digests(), "a forced deployment resolves anew")
}

func TestARevisionRecordsItsDigests(t *testing.T) {
	w := newWorld(t, Config{})
	digest := w.PushImage("web", "latest", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: w.define("web:latest"), Desired: 1})
	out, err := w.ecs.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{*w.record().TargetServiceRevision.Arn, "arn:aws:ecs:eu-central-1:123456789012:service-revision/shop/web/1"},
	})
	require.NoError(t, err)
	require.Len(t, out.ServiceRevisions, 1)
	image := out.ServiceRevisions[0].ContainerImages[0]
	assert.Equal(t, digest, *image.ImageDigest)
	assert.Equal(t, w.RegistryHost()+"/web:latest", *image.Image)
	assert.Equal(t, "MISSING", *out.Failures[0].Reason)
}

func TestWithoutVersionConsistencyEachTaskResolves(t *testing.T) {
	w := newWorld(t, Config{})
	first := w.PushImage("web", "latest", Behaviour{})
	definition := w.define("web:latest", func(c *ContainerSpec) { c.NoVersionConsistency = true })
	w.steady(ServiceSpec{TaskDefinition: definition, Desired: 1})
	second := w.PushImage("web", "latest", Behaviour{})
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
	w.run(3 * time.Minute)
	assert.Equal(t, []string{first, second}, w.digests())
}

func TestADeletedDigestBreaksLaterStarts(t *testing.T) {
	w := newWorld(t, Config{})
	gone := w.PushImage("web", "latest", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: w.define("web:latest"), Desired: 1})
	next := w.PushImage("web", "latest", Behaviour{})
	require.True(t, w.DeleteImage("web", gone))

	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
	w.run(3 * time.Minute)
	require.NotEmpty(t, w.stops())
	reference := w.RegistryHost() + "/web@" + gone
	stop := w.stops()[0].Detail
	assert.Equal(t, "TaskFailedToStart", stop.StopCode)
	assert.Equal(t, "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "+
		reference+": "+reference+": not found", stop.StoppedReason)
	assert.Nil(t, stop.Containers[0].ExitCode, "a container that never ran has no exit code")

	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
	w.run(5 * time.Minute)
	assert.Equal(t, []string{next, next}, w.digests(), "a forced deployment fixes it")
}

func TestARollbackUsesTheOldDigestNotTheTag(t *testing.T) {
	w := newWorld(t, Config{})
	good := w.PushImage("web", "latest", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: w.define("web:latest"), Desired: 2, Breaker: &BreakerSpec{Rollback: true}})
	w.PushImage("web", "latest", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Millisecond), Code: 1}})
	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
	w.run(20 * time.Minute)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
	assert.Equal(t, []string{good, good}, w.digests())
}

func TestGoingBackByUpdateServiceCanMeetTheBadImageAgain(t *testing.T) {
	w := newWorld(t, Config{})
	w.PushImage("web", "latest", Behaviour{})
	first := w.define("web:latest")
	w.steady(ServiceSpec{TaskDefinition: first, Desired: 1})
	bad := w.PushImage("web", "latest", Behaviour{})
	w.deploy(w.define("web:latest"))
	w.run(5 * time.Minute)
	w.deploy(first)
	w.run(5 * time.Minute)
	assert.Equal(t, []string{bad}, w.digests(), "the older revision says latest, and latest has moved")
}

func TestImagesOfOtherRegistriesAlwaysExist(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.define("public.ecr.aws/nginx/nginx:1.27"), Desired: 1})
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", w.digests()[0])
}
