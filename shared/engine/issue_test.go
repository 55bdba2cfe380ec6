package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/sim/ecssim"
)

// healthIssue returns the event of an operational issue of a service of AWS.
func (w *world) healthIssue(service string) string {
	return fmt.Sprintf(`{"source":"aws.health","id":"h-1","detail-type":"AWS Health Event","account":"123456789012","region":"eu-central-1","time":%q,"resources":[],
		"detail":{"eventArn":"arn:aws:health:eu-central-1::event/x","service":%q,"eventTypeCode":"AWS_OPERATIONAL_ISSUE","eventTypeCategory":"issue","statusCode":"open"}}`,
		w.Sim.Now().UTC().Format(time.RFC3339), service)
}

// A new role and an outage of the control plane: without the word of AWS, the revision
// is blamed.
func TestAnIssueOfAWSIsACommonCause(t *testing.T) {
	for service, blamed := range map[string]bool{"": true, "ECS": false, "ELASTICLOADBALANCING": true} {
		t.Run("issue of "+service, func(t *testing.T) {
			w := newWorld(t, "act")
			if service != "" {
				require.Empty(t, w.deliver(w.healthIssue(service)))
				require.Len(t, w.episodes, 1, "the enrolled service is evaluated, the foreign one is not")
				assert.Equal(t, reason.AWSIssue, w.last().Decision.Main().Name)
				assert.Empty(t, w.notifications.episodes, "the issue itself alerts nobody")
			}
			next := w.Define("next", ecssim.Behaviour{}, func(spec *ecssim.TaskDefinitionSpec) { spec.TaskRole = "other" })
			_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &next})
			require.NoError(t, err)
			w.Sim.SetOutage(ecssim.Outage{Kind: string(fleet.RoleUnusable), Until: w.Sim.Now().Add(5 * time.Minute)})
			w.run(10 * time.Minute)
			rolledBack, common := false, false
			for _, e := range w.episodes {
				rolledBack = rolledBack || e.Decision.Kind == fleet.RollBack
				common = common || e.Decision.Main().Name == reason.CommonCause
			}
			assert.Equal(t, blamed, rolledBack)
			assert.Equal(t, !blamed, common)
		})
	}
}

func TestAnEventOfADaemonReachesTheServicesOfItsCluster(t *testing.T) {
	event := func(cluster string) string {
		arn := "arn:aws:ecs:eu-central-1:123456789012:"
		return `{"source":"aws.ecs","id":"d-1","detail-type":"ECS Daemon Service Action","account":"123456789012","region":"eu-central-1","resources":[],
			"detail":{"eventName":"DAEMON_TASK_START_IMPAIRED","clusterArn":"` + arn + `cluster/` + cluster + `","daemonArn":"` + arn + `daemon/` + cluster + `/logs","containerInstanceArn":"` + arn + `container-instance/` + cluster + `/0a"}}`
	}
	w := newWorld(t, "act")
	require.Empty(t, w.deliver(event("other")))
	assert.Empty(t, w.episodes)
	require.Empty(t, w.deliver(event("shop")))
	require.Len(t, w.episodes, 1)
	assert.Equal(t, reason.AWSIssue, w.last().Decision.Main().Name)
	m, err := w.store.Memory(t.Context(), w.last().Ref)
	require.NoError(t, err)
	assert.Equal(t, "0a", m.Issues["daemon/shop/logs/0a"].Host)
}
