package decode_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	deployment = `"deploymentId":"ecs-svc/1"`
	newService = `["arn:aws:ecs:eu-central-1:123456789012:service/shop/web"]`
	oldService = `["arn:aws:ecs:eu-central-1:123456789012:service/web"]`
	cluster    = `"clusterArn":"arn:aws:ecs:eu-central-1:123456789012:cluster/shop"`
)

func TestTheKindOfATaskEventFollowsBothStatuses(t *testing.T) {
	cases := []struct {
		last, desired string
		want          fleet.TriggerKind
	}{
		{"STOPPED", "STOPPED", fleet.TaskStopped},
		{"STOPPED", "RUNNING", fleet.TaskStopped},
		{"STOPPED", "", fleet.TaskStopped},
		{"RUNNING", "STOPPED", fleet.TaskStopping},
		{"PENDING", "STOPPED", fleet.TaskStopping},
		{"PROVISIONING", "STOPPED", fleet.TaskStopping},
		{"", "STOPPED", fleet.TaskStopping},
		{"DEACTIVATING", "STOPPED", fleet.TaskStopping},
		{"STOPPING", "RUNNING", fleet.TaskStopping},
		{"DEPROVISIONING", "STOPPED", fleet.TaskStopping},
		{"RUNNING", "RUNNING", fleet.TaskRunning},
		{"RUNNING", "", fleet.TaskRunning},
		{"PENDING", "RUNNING", fleet.Ignored},
		{"PROVISIONING", "RUNNING", fleet.Ignored},
		{"ACTIVATING", "RUNNING", fleet.Ignored},
		{"DELETED", "STOPPED", fleet.Ignored},
		{"stopped", "RUNNING", fleet.Ignored},
		{"", "", fleet.Ignored},
	}
	for _, c := range cases {
		t.Run("last "+c.last+", desired "+c.desired, func(t *testing.T) {
			got := one(t, taskEvent(`{`+cluster+`,"group":"service:web","lastStatus":"`+c.last+`","desiredStatus":"`+c.desired+`"}`))
			assert.Equal(t, c.want, got.Kind)
			assert.Equal(t, "shop/web", got.Cluster+"/"+got.Service)
			assert.NotNil(t, got.Stop)
			if c.want == fleet.Ignored {
				assert.NotEmpty(t, got.Reason)
			}
		})
	}
}

func TestATaskEventIsReadCompletely(t *testing.T) {
	seven := 7
	got := one(t, event("aws.ecs", "ECS Task State Change", `["arn:aws:ecs:eu-central-1:123456789012:task/shop/0f3a"]`, `{
		`+cluster+`,"taskArn":"arn:aws:ecs:eu-central-1:123456789012:task/shop/0f3a","taskDefinitionArn":"arn:aws:ecs:eu-central-1:123456789012:task-definition/web:42",
		"containers":[{"name":"web","image":"shop/web:1","imageDigest":"sha256:1","exitCode":7,"reason":"broken"},{"name":"side"}],
		"group":"service:web","startedBy":"ecs-svc/1","version":5,"lastStatus":"STOPPED","desiredStatus":"STOPPED","stopCode":"EssentialContainerExited",
		"stoppedReason":"Essential container in task exited","createdAt":"2026-11-02T08:00:00.123Z","startedAt":"2026-11-02T08:01:00Z","stoppedAt":"2026-11-02T09:02:00+01:00",
		"availabilityZone":"eu-central-1b","capacityProviderName":"FARGATE_SPOT","launchType":"FARGATE"}`))
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		assert.NoError(t, err)
		return parsed
	}
	assert.Equal(t, fleet.Trigger{
		Kind: fleet.TaskStopped, ID: "e-1", At: at("2026-11-02T08:15:30Z"), Partition: "aws", Account: "123456789012", Region: "eu-central-1",
		Cluster: "shop", Service: "web", Deployment: "ecs-svc/1", TaskDefinition: "web:42", Task: "0f3a", Version: 5,
		Reason: "Essential container in task exited",
		Stop: &fleet.Stop{
			Code: "EssentialContainerExited", Reason: "Essential container in task exited", Group: "service:web",
			Containers: []fleet.ContainerExit{{Name: "web", Image: "shop/web:1", Digest: "sha256:1", ExitCode: &seven, Reason: "broken"}, {Name: "side"}},
			LastStatus: "STOPPED", DesiredStatus: "STOPPED",
			CreatedAt: at("2026-11-02T08:00:00.123Z"), StartedAt: at("2026-11-02T08:01:00Z"), StoppedAt: at("2026-11-02T08:02:00Z"),
			AvailabilityZone: "eu-central-1b", CapacityProvider: "FARGATE_SPOT", LaunchType: "FARGATE",
		},
	}, got)
}

func TestNamesInATaskEvent(t *testing.T) {
	cases := []struct{ name, detail, cluster, service, deployment, definition, task string }{
		{
			"old ARN format", `{` + cluster + `,"taskArn":"arn:aws:ecs:eu-central-1:123456789012:task/0f3a"}`,
			"shop", "", "", "", "0f3a",
		},
		{
			"no cluster ARN, new task ARN", `{"taskArn":"arn:aws-cn:ecs:cn-north-1:123456789012:task/shop/0f3a"}`,
			"shop", "", "", "", "0f3a",
		},
		{"a group that is no service", `{"group":"family:web","startedBy":"deploy"}`, "", "", "", "", ""},
		{"a service's group", `{"group":"service:web:blue","startedBy":"ecs-svc/9"}`, "", "web:blue", "ecs-svc/9", "", ""},
		{"a task definition without an ARN", `{"taskDefinitionArn":"web:42"}`, "", "", "", "web:42", ""},
		{"keys in another case", `{"ClusterArn":"x","TaskArn":"y","Group":"service:web"}`, "", "", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, taskEvent(c.detail))
			assert.Equal(t, c.cluster, got.Cluster)
			assert.Equal(t, c.service, got.Service)
			assert.Equal(t, c.deployment, got.Deployment)
			assert.Equal(t, c.definition, got.TaskDefinition)
			assert.Equal(t, c.task, got.Task)
		})
	}
}

func TestServiceActionsAndDeployments(t *testing.T) {
	const action, change = "ECS Service Action", "ECS Deployment State Change"
	cases := []struct {
		name, detailType, resources, detail string
		want                                fleet.TriggerKind
		cluster, service, deployment        string
	}{
		{"a steady service", action, newService, `{` + cluster + `,"eventName":"SERVICE_STEADY_STATE"}`, fleet.ServiceAction, "shop", "web", ""},
		{"an old service ARN", action, oldService, `{` + cluster + `,"eventName":"SERVICE_STEADY_STATE"}`, fleet.ServiceAction, "shop", "web", ""},
		{"no resources", action, `[]`, `{` + cluster + `,"eventName":"SERVICE_STEADY_STATE"}`, fleet.ServiceAction, "shop", "", ""},
		{"null resources", action, `null`, `{` + cluster + `,"eventName":"SERVICE_STEADY_STATE"}`, fleet.ServiceAction, "shop", "", ""},
		{"a name that nobody knows", action, newService, `{"eventName":"SERVICE_DANCED"}`, fleet.ServiceAction, "shop", "web", ""},
		{"no name", action, newService, `{}`, fleet.Ignored, "shop", "web", ""},
		{"a deployment as an action", action, newService, `{"eventName":"SERVICE_DEPLOYMENT_IN_PROGRESS"}`, fleet.DeploymentStarted, "shop", "web", ""},
		{"a deployment done, as an action", action, newService, `{"eventName":"SERVICE_DEPLOYMENT_COMPLETED"}`, fleet.DeploymentCompleted, "shop", "web", ""},
		{"a deployment failed, as an action", action, newService, `{"eventName":"SERVICE_DEPLOYMENT_FAILED"}`, fleet.DeploymentFailed, "shop", "web", ""},
		{"a deployment", change, newService, `{"eventName":"SERVICE_DEPLOYMENT_IN_PROGRESS",` + deployment + `}`, fleet.DeploymentStarted, "shop", "web", "ecs-svc/1"},
		{"a rollback's start", change, newService, `{"eventName":"SERVICE_DEPLOYMENT_IN_PROGRESS",` + deployment + `,"reason":"ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0."}`, fleet.DeploymentStarted, "shop", "web", "ecs-svc/1"},
		{"a deployment done", change, newService, `{"eventName":"SERVICE_DEPLOYMENT_COMPLETED",` + deployment + `}`, fleet.DeploymentCompleted, "shop", "web", "ecs-svc/1"},
		{"a deployment failed", change, newService, `{"eventName":"SERVICE_DEPLOYMENT_FAILED",` + deployment + `}`, fleet.DeploymentFailed, "shop", "web", "ecs-svc/1"},
		{"a deployment with an old ARN has no cluster", change, oldService, `{"eventName":"SERVICE_DEPLOYMENT_FAILED",` + deployment + `}`, fleet.DeploymentFailed, "", "web", "ecs-svc/1"},
		{"a deployment event of another name", change, newService, `{"eventName":"SERVICE_STEADY_STATE"}`, fleet.Ignored, "shop", "web", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, event("aws.ecs", c.detailType, c.resources, c.detail))
			assert.Equal(t, c.want, got.Kind)
			assert.Equal(t, []string{c.cluster, c.service, c.deployment}, []string{got.Cluster, got.Service, got.Deployment})
		})
	}
}

func TestOnlyAWaitingHookIsATrigger(t *testing.T) {
	for name, want := range map[string]fleet.TriggerKind{
		"HOOK_AWAITING_ACTION": fleet.HookWaiting, "HOOK_SUCCEEDED": fleet.Ignored, "HOOK_FAILED": fleet.Ignored, "HOOK_TIMED_OUT": fleet.Ignored,
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, event("aws.ecs", "ECS Hook State Change", "[]",
				`{"eventName":"`+name+`","serviceDeploymentArn":"arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/web/EZe5"}`))
			assert.Equal(t, want, got.Kind)
			assert.Equal(t, []string{"shop", "web", "EZe5"}, []string{got.Cluster, got.Service, got.Deployment})
		})
	}
}

func TestEventsThatAreIgnoredWithAReason(t *testing.T) {
	const autoscaling = "Application Auto Scaling Scaling Activity State Change"
	cases := []struct{ name, raw string }{
		{"an unknown detail-type", event("aws.ecs", "ECS Something", "[]", "{}")},
		{"an unknown source", event("acme", "Order Placed", "[]", "{}")},
		{"no detail-type", `{"source":"aws.ecs"}`},
		{"a task event that AWS did not send", event("acme.ecs", "ECS Task State Change", "[]", `{"lastStatus":"STOPPED"}`)},
		{"a task event of another service of AWS", event("aws.ec2", "ECS Task State Change", "[]", `{"lastStatus":"STOPPED"}`)},
		{"a source in capitals", event("AWS.ECS", "ECS Task State Change", "[]", `{"lastStatus":"STOPPED"}`)},
		{"a tick that AWS did not send", event("acme", "Scheduled Event", "[]", "{}")},
		{"a direct alarm that AWS did not send", `{"source":"acme","alarmData":{"alarmName":"a","state":{"value":"ALARM"}}}`},
		{"a deleted image", event("aws.ecr", "ECR Image Action", "[]", `{"action-type":"DELETE","result":"SUCCESS","repository-name":"r"}`)},
		{"an archived image", event("aws.ecr", "ECR Image Action", "[]", `{"action-type":"UPDATE_STORAGE_CLASS","result":"SUCCESS","repository-name":"r"}`)},
		{"a failed push", event("aws.ecr", "ECR Image Action", "[]", `{"action-type":"PUSH","result":"FAILURE","repository-name":"r"}`)},
		{"a failed replication", event("aws.ecr", "ECR Replication Action", "[]", `{"action-type":"REPLICATE","result":"FAILED","repository-name":"r"}`)},
		{"a pull through cache", event("aws.ecr", "ECR Pull Through Cache Action", "[]", `{"sync-status":"SUCCESS"}`)},
		{"a referrer", event("aws.ecr", "ECR Referrer Action", "[]", `{"repository-name":"r"}`)},
		{"a scan of a function", event("aws.inspector2", "Inspector2 Scan", "[]", `{"scan-status":"ACTIVE"}`)},
		{"a container instance", event("aws.ecs", "ECS Container Instance State Change", "[]", `{"status":"DRAINING"}`)},
		{"a rebalance recommendation", event("aws.ec2", "EC2 Instance Rebalance Recommendation", "[]", `{"instance-id":"i-1"}`)},
		{"another health event", event("aws.health", "AWS Health Event", "[]", `{"service":"EC2","eventTypeCode":"AWS_ECS_TASK_PATCHING_RETIREMENT"}`)},
		{"another health event of ECS", event("aws.health", "AWS Health Event", "[]", `{"service":"ECS","eventTypeCode":"AWS_ECS_OPERATIONAL_ISSUE"}`)},
		{"a table at its maximum", event("aws.application-autoscaling", autoscaling, "[]", `{"serviceNamespace":"dynamodb","resourceId":"table/t","scaledToMax":true}`)},
		{"a service below its maximum", event("aws.application-autoscaling", autoscaling, "[]", `{"serviceNamespace":"ecs","resourceId":"service/shop/web","scaledToMax":false}`)},
		{"an alarm's contributor", event("aws.cloudwatch", "CloudWatch Alarm Contributor State Change", "[]", `{"alarmName":"a","state":{"value":"ALARM"}}`)},
		{"an alarm with a contributor", event("aws.cloudwatch", "CloudWatch Alarm State Change", "[]", `{"alarmName":"a","alarmContributor":{"id":"c"},"state":{"value":"ALARM"}}`)},
		{"an alarm without a state", event("aws.cloudwatch", "CloudWatch Alarm State Change", "[]", `{"alarmName":"a"}`)},
		{"a confirmation of SNS", `{"Type":"SubscriptionConfirmation","TopicArn":"` + topic + `","Message":"You have chosen to subscribe"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, c.raw)
			assert.Equal(t, fleet.Ignored, got.Kind)
			assert.NotEmpty(t, got.Reason)
			assert.NotContains(t, got.Reason, "\n")
		})
	}
}

func TestImagesAndScans(t *testing.T) {
	const arn = "arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/shop/web"
	cases := []struct {
		name, source, detailType, detail string
		kind                             fleet.TriggerKind
		image                            fleet.Image
	}{
		{"a push", "aws.ecr", "ECR Image Action", `{"action-type":"PUSH","result":"SUCCESS","repository-name":"shop/web","image-tag":"1.0","image-digest":"sha256:1"}`, fleet.ImagePush, fleet.Image{Repository: "shop/web", Tag: "1.0", Digest: "sha256:1"}},
		{"a push without a tag", "aws.ecr", "ECR Image Action", `{"action-type":"PUSH","result":"SUCCESS","repository-name":"shop/web","image-tag":"","image-digest":"sha256:1"}`, fleet.ImagePush, fleet.Image{Repository: "shop/web", Digest: "sha256:1"}},
		{"a replication", "aws.ecr", "ECR Replication Action", `{"action-type":"REPLICATE","result":"SUCCESS","repository-name":"shop/web","image-tag":"1.0"}`, fleet.ImageReplicated, fleet.Image{Repository: "shop/web", Tag: "1.0"}},
		{"a scan with one tag", "aws.ecr", "ECR Image Scan", `{"scan-status":"COMPLETE","repository-name":"shop/web","image-tags":["1.0"]}`, fleet.ImageScan, fleet.Image{Repository: "shop/web", Tag: "1.0"}},
		{"a scan with two tags", "aws.ecr", "ECR Image Scan", `{"scan-status":"COMPLETE","repository-name":"shop/web","image-tags":["1.0","latest"]}`, fleet.ImageScan, fleet.Image{Repository: "shop/web"}},
		{"a scan without a tag", "aws.ecr", "ECR Image Scan", `{"scan-status":"FAILED","repository-name":"shop/web","image-tags":[]}`, fleet.ImageScan, fleet.Image{Repository: "shop/web"}},
		{"an Inspector scan names an ARN", "aws.inspector2", "Inspector2 Scan", `{"scan-status":"INITIAL_SCAN_COMPLETE","repository-name":"` + arn + `","image-tags":["1.0"]}`, fleet.ImageScan, fleet.Image{Repository: "shop/web", Tag: "1.0"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, event(c.source, c.detailType, "[]", c.detail))
			assert.Equal(t, c.kind, got.Kind)
			assert.Equal(t, c.image, got.Image)
		})
	}
	t.Run("findings count by severity, without the total", func(t *testing.T) {
		got := one(t, event("aws.inspector2", "Inspector2 Scan", "[]", `{"repository-name":"r","finding-severity-counts":{"CRITICAL":0,"HIGH":2,"LOW":null,"TOTAL":9}}`))
		assert.Equal(t, map[string]int{"CRITICAL": 0, "HIGH": 2}, got.Scan.Findings)
	})
}

func TestARetirementGivesOneTriggerForEachNameItHas(t *testing.T) {
	const head = `{"service":"ECS","eventTypeCode":"AWS_ECS_TASK_PATCHING_RETIREMENT"`
	cases := []struct {
		name, resources, detail string
		want                    []string
	}{
		{"two services", `["shop|web","shop|checkout"]`, head + `}`, []string{"shop/web/", "shop/checkout/"}},
		{"the same service again among the entities", `["shop|web"]`, head + `,"affectedEntities":[{"entityValue":"shop|web"},{"entityValue":"shop|api"}]}`, []string{"shop/web/", "shop/api/"}},
		{"tasks in both ARN formats", `["arn:aws:ecs:eu-central-1:123456789012:task/shop/1a","arn:aws:ecs:eu-central-1:123456789012:task/2b"]`, head + `}`, []string{"shop//1a", "//2b"}},
		{"a service's ARN", `["arn:aws:ecs:eu-central-1:123456789012:service/shop/web"]`, head + `}`, []string{"shop/web/"}},
		{"nothing that can be read", `["somewhere"]`, head + `}`, []string{"//"}},
		{"nothing", `[]`, head + `,"affectedEntities":[]}`, []string{"//"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, o := range decodeEvents(event("aws.health", "AWS Health Event", c.resources, c.detail)) {
				assert.NoError(t, o.Err)
				assert.Equal(t, fleet.TaskRetirement, o.Trigger.Kind)
				assert.Equal(t, "eu-central-1", o.Trigger.Region)
				got = append(got, o.Trigger.Cluster+"/"+o.Trigger.Service+"/"+o.Trigger.Task)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOperationalIssuesOfAWS(t *testing.T) {
	const issue = `{"eventArn":"arn:aws:health:us-east-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/x","service":"%s","eventTypeCode":"AWS_%s_ISSUE","eventTypeCategory":"%s","startTime":"Mon, 2 Nov 2026 07:40:00 GMT"%s}`
	since := time.Date(2026, 11, 2, 7, 40, 0, 0, time.UTC)
	cases := []struct {
		name, service, category, more string
		kind                          fleet.TriggerKind
		region                        string
		want                          *fleet.Issue
	}{
		{
			"an open issue, by the region of its ARN", "ECS", "issue", `,"statusCode":"open","eventDescription":[{"latestDescription":"a"},{"latestDescription":"b"}]`, fleet.HealthIssue, "us-east-1",
			&fleet.Issue{Service: "ECS", Code: "AWS_ECS_ISSUE", Since: since, Text: "a"},
		},
		{
			"an ended issue, by its own region", "ECR", "issue", `,"statusCode":"closed","eventRegion":"eu-central-1"`, fleet.HealthIssue, "eu-central-1",
			&fleet.Issue{Service: "ECR", Code: "AWS_ECR_ISSUE", Since: since, Closed: true},
		},
		{"an issue of a service that stops no task", "WORKSPACES", "issue", "", fleet.Ignored, "eu-central-1", nil},
		{"a notification", "ECS", "accountNotification", "", fleet.Ignored, "eu-central-1", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, event("aws.health", "AWS Health Event", "[]", fmt.Sprintf(issue, c.service, c.service, c.category, c.more)))
			assert.Equal(t, c.kind, got.Kind)
			assert.Equal(t, c.region, got.Region)
			if c.want != nil {
				c.want.ID = "arn:aws:health:us-east-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/x"
			}
			assert.Equal(t, c.want, got.Issue)
		})
	}
	assert.Equal(t, fleet.Ignored, one(t, event("aws.health", "AWS Health Event", "[]", `{"service":"ECS","eventTypeCategory":"issue"}`)).Kind, "an issue without an ARN")
}

func TestEventsOfManagedDaemons(t *testing.T) {
	const names = `"clusterArn":"arn:aws:ecs:eu-central-1:123456789012:cluster/shop","daemonArn":"arn:aws:ecs:eu-central-1:123456789012:daemon/shop/node-logs"`
	cases := []struct {
		name, detailType, detail string
		kind                     fleet.TriggerKind
		id, host                 string
		closed                   bool
	}{
		{"a start that failed on an instance", "ECS Daemon Service Action", names + `,"eventName":"DAEMON_TASK_START_IMPAIRED","containerInstanceArn":"arn:aws:ecs:eu-central-1:123456789012:container-instance/shop/0a1b"`, fleet.DaemonChanged, "daemon/shop/node-logs/0a1b", "0a1b", false},
		{"a deployment that begins", "ECS Daemon Deployment State Change", names + `,"eventName":"DAEMON_DEPLOYMENT_PENDING"`, fleet.DaemonChanged, "daemon/shop/node-logs", "", false},
		{"a deployment that has ended", "ECS Daemon Deployment State Change", names + `,"eventName":"DAEMON_DEPLOYMENT_SUCCESSFUL"`, fleet.DaemonChanged, "daemon/shop/node-logs", "", true},
		{"a name that ECS may invent later", "ECS Daemon Service Action", names + `,"eventName":"DAEMON_DANCED"`, fleet.Ignored, "", "", false},
		{"no daemon", "ECS Daemon Service Action", `"eventName":"DAEMON_TASK_START_IMPAIRED"`, fleet.Ignored, "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, event("aws.ecs", c.detailType, "[]", "{"+c.detail+"}"))
			assert.Equal(t, c.kind, got.Kind)
			if c.kind == fleet.Ignored {
				assert.Nil(t, got.Issue)
				return
			}
			assert.Equal(t, "shop", got.Cluster)
			require.NotNil(t, got.Issue)
			assert.Equal(t, []any{c.id, c.host, c.closed}, []any{got.Issue.ID, got.Issue.Host, got.Issue.Closed})
			assert.Equal(t, fleet.DaemonService, got.Issue.Service)
		})
	}
}

func TestTicksAndTimers(t *testing.T) {
	cases := []struct{ name, raw, timer string }{
		{"a rule's tick", event("aws.events", "Scheduled Event", "[]", "{}"), ""},
		{"the default payload of EventBridge Scheduler has a text for a detail", event("aws.scheduler", "Scheduled Event", "[]", `"{}"`), ""},
		{"a payload of EventBridge Scheduler with an object", event("aws.scheduler", "Scheduled Event", "[]", `{}`), ""},
		{"a timer", `{"source":"homeostat.timer","id":"t-1","account":"123456789012","region":"eu-central-1","detail":{"cluster":"shop","service":"web","why":"after-check"}}`, "after-check"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, c.raw)
			assert.Equal(t, fleet.Tick, got.Kind)
			assert.Equal(t, c.timer, got.Timer)
			if c.timer != "" {
				assert.Equal(t, "shop/web", got.Cluster+"/"+got.Service)
			}
		})
	}
}

func TestPartitions(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-east-1": "aws-us-gov", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eusc-de-east-1": "aws-eusc", "": "",
	} {
		assert.Equal(t, want, one(t, `{"source":"aws.ecr","detail-type":"ECR Image Action","region":"`+region+`"}`).Partition, region)
	}
	got := one(t, taskEvent(`{"clusterArn":"arn:aws-cn:ecs:cn-north-1:210987654321:cluster/shop"}`))
	assert.Equal(t, "aws-cn", got.Partition)
	assert.Equal(t, "123456789012", got.Account, "the envelope's account stays")
	for _, forged := range []string{"arn:awsome:ecs:eu-central-1:1:cluster/shop", "arn:aws:ec2:eu-central-1:1:cluster/shop", "arn:aws:ecs:cluster/shop"} {
		assert.Empty(t, one(t, taskEvent(`{"clusterArn":"`+forged+`"}`)).Cluster, forged)
	}
}
