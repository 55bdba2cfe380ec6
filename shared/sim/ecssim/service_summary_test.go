package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASummaryShowsWhatIsDeployedAndWhatServes(t *testing.T) {
	w := newWorld(t, Config{})
	good, bad := Behaviour{StartDelay: Fixed(30 * time.Second)}, Behaviour{StartDelay: Fixed(30 * time.Second), Exit: Exit{Probability: 1}}
	w.steady(ServiceSpec{Desired: 3, TaskDefinition: w.image("1", good)})
	before, ok := w.ServiceSummary("shop", "web")
	require.True(t, ok)
	assert.Equal(t, "web:1", before.TaskDefinition)
	assert.Equal(t, map[string]int{before.Digest: 3}, before.Serving)

	_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: aws.String(w.image("2", bad)),
	})
	require.NoError(t, err)
	after, ok := w.ServiceSummary("shop", "web")
	require.True(t, ok)
	assert.Equal(t, "web:2", after.TaskDefinition)
	assert.NotEqual(t, before.Deployment, after.Deployment)
	assert.NotEqual(t, before.Digest, after.Digest, "the tag is resolved before the first task starts")
	assert.Equal(t, before.Serving, after.Serving, "the old tasks serve on")

	w.run(5 * time.Minute)
	later, _ := w.ServiceSummary("shop", "web")
	assert.Equal(t, after.Digest, later.Digest, "what was recorded is what the tag pointed to")

	_, ok = w.ServiceSummary("shop", "absent")
	assert.False(t, ok)
	_, ok = w.ServiceSummary("absent", "web")
	assert.False(t, ok)
}
