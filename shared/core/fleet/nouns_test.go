package fleet_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestEveryCauseHasTheFamilyOfTheDesign(t *testing.T) {
	want := map[fleet.Family][]fleet.Cause{
		fleet.FamilyNormal:    {"scaling-activity", "az-rebalancing", "maintenance", "host-draining", "user-stopped"},
		fleet.FamilyCapacity:  {"spot-interruption", "no-capacity", "cluster-full", "agent-lost", "host-lost"},
		fleet.FamilyTransient: {"provisioning-timeout", "pull-network", "pull-throttled", "secret-network", "runtime-timeout"},
		fleet.FamilyStart: {
			"image-missing", "pull-denied", "platform-mismatch", "secret-missing", "secret-denied", "role-unusable",
			"log-driver", "volume", "subnet-full", "disk-full", "config-invalid",
		},
		fleet.FamilyRuntime: {"out-of-memory", "killed", "app-exit", "app-exit-zero", "elb-health", "container-health", "stop-timeout"},
		fleet.FamilyUnknown: {"unknown"},
	}
	got := map[fleet.Family][]fleet.Cause{}
	for _, c := range fleet.Causes() {
		got[c.Family()] = append(got[c.Family()], c)
	}
	assert.Equal(t, want, got)
	assert.Equal(t, fleet.FamilyUnknown, fleet.Cause("unknown-word").Family())
	assert.Empty(t, fleet.Cause("").Family(), "no cause has no family")
}

func TestAFreezeAppliesUntilItsEndOrALift(t *testing.T) {
	for name, c := range map[string]struct {
		s    fleet.Freeze
		want bool
	}{
		"a freeze without an end": {fleet.Freeze{Frozen: true}, true},
		"a freeze before its end": {fleet.Freeze{Frozen: true, Until: fixture.Noon().Add(time.Second)}, true},
		"a freeze at its end":     {fleet.Freeze{Frozen: true, Until: fixture.Noon()}, false},
		"a freeze after its end":  {fleet.Freeze{Frozen: true, Until: fixture.Noon().Add(-time.Second)}, false},
		"an unfreeze":             {fleet.Freeze{}, false},
		"an unfreeze with an end": {fleet.Freeze{Until: fixture.Noon().Add(time.Hour)}, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, c.s.Active(fixture.Noon())) })
	}
}

func TestTheNameInAnARN(t *testing.T) {
	for text, want := range map[string]string{
		"arn:aws:ecs:eu-central-1:123456789012:service/shop/web":      "web",
		"arn:aws:ecs:eu-central-1:123456789012:task-definition/web:7": "web:7",
		"arn:aws:ecs:eu-central-1:123456789012:cluster/shop":          "shop",
		"web:7": "web:7",
		"":      "",
	} {
		assert.Equal(t, want, fleet.NameOf(text), text)
	}
}

func TestTheNamesOfAService(t *testing.T) {
	ref := fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web"}
	assert.Equal(t, "123456789012/eu-central-1/shop/web", ref.Key())
	assert.Equal(t, "shop/web", ref.String())
	assert.Equal(t, "arn:aws:ecs:eu-central-1:123456789012:service/shop/web", ref.ARN())
	assert.Equal(t, []string{"account", "cluster:shop", "service:shop/web"}, ref.Scopes())
	china := ref
	china.Partition = "aws-cn"
	assert.Equal(t, "arn:aws-cn:ecs:eu-central-1:123456789012:service/shop/web", china.ARN())
	assert.Equal(t, ref.Key(), china.Key(), "the key is the same across versions")
}

func TestARegionDeterminesThePartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "aws", "us-east-1": "aws", "cn-north-1": "aws-cn", "cn-northwest-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-gov-east-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
	} {
		assert.Equal(t, want, fleet.PartitionOf(region), region)
		ref := fleet.ServiceRef{Account: "123456789012", Region: region, Cluster: "shop", Service: "web"}
		assert.Equal(t, "arn:"+want+":ecs:"+region+":123456789012:service/shop/web", ref.ARN())
		assert.Equal(t, "arn:"+want+":ecs:"+region+":123456789012:service-revision/shop/web/7", ref.RevisionARN("7"))
	}
	assert.Empty(t, fleet.PartitionOf(""))
}

func TestATriggerNamesAServiceOnlyInFull(t *testing.T) {
	full := fleet.Trigger{Partition: "aws", Account: "1", Region: "r", Cluster: "c", Service: "s"}
	ref, ok := full.Ref()
	assert.True(t, ok)
	assert.Equal(t, fleet.ServiceRef{Partition: "aws", Account: "1", Region: "r", Cluster: "c", Service: "s"}, ref)
	for name, strip := range map[string]func(*fleet.Trigger){
		"no account": func(t *fleet.Trigger) { t.Account = "" }, "no region": func(t *fleet.Trigger) { t.Region = "" },
		"no cluster": func(t *fleet.Trigger) { t.Cluster = "" }, "no service": func(t *fleet.Trigger) { t.Service = "" },
	} {
		part := full
		strip(&part)
		_, ok := part.Ref()
		assert.False(t, ok, name)
	}
}

func TestAnUnknownReadingIsNotZero(t *testing.T) {
	assert.Equal(t, fleet.Reading{Value: 0, Known: true, At: fixture.Noon(), Why: "cpu"}, fleet.Known(0, fixture.Noon(), "cpu"))
	assert.Equal(t, fleet.Reading{Why: "throttled"}, fleet.Unknown("throttled"))
	raw, err := json.Marshal(fleet.Unknown("throttled"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"value":0,"known":false,"why":"throttled"}`, string(raw))
}

func TestTheStatusOfRollouts(t *testing.T) {
	for status, c := range map[string]struct{ working, back bool }{
		"PENDING": {true, false}, "IN_PROGRESS": {true, false}, "STOP_REQUESTED": {true, true}, "ROLLBACK_REQUESTED": {true, true},
		"ROLLBACK_IN_PROGRESS": {true, true}, "SUCCESSFUL": {}, "STOPPED": {}, "ROLLBACK_SUCCESSFUL": {}, "ROLLBACK_FAILED": {}, "": {},
	} {
		r := fleet.Rollout{Status: status}
		assert.Equal(t, c.working, r.InProgress(), "%s in progress", status)
		assert.Equal(t, c.back, r.RollingBack(), "%s rolling back", status)
	}
	assert.True(t, fleet.Rollout{Status: "IN_PROGRESS", RollbackTo: "r"}.RollingBack(), "ECS has chosen a revision to roll back to")
	assert.False(t, fleet.Rollout{Status: "ROLLBACK_SUCCESSFUL", RollbackTo: "r"}.RollingBack(), "the rollback is complete")
}

func TestASnapshotKnowsItsDeployments(t *testing.T) {
	primary := fleet.Deployment{ID: "b", Status: "PRIMARY", RolloutState: "COMPLETED"}
	old := fleet.Deployment{ID: "a", Status: "ACTIVE"}
	s := fleet.Snapshot{Deployments: []fleet.Deployment{old, primary}, History: []fleet.Rollout{{ARN: "2"}, {ARN: "1"}}}
	got, ok := s.Primary()
	assert.True(t, ok)
	assert.Equal(t, primary, got)
	assert.True(t, s.Deploying(), "the old deployment is still draining")
	s.Deployments = s.Deployments[1:]
	assert.False(t, s.Deploying())
	s.Deployments[0].RolloutState = "IN_PROGRESS"
	assert.True(t, s.Deploying())
	latest, ok := s.Latest()
	assert.True(t, ok)
	assert.Equal(t, "2", latest.ARN)
	_, ok = fleet.Snapshot{}.Primary()
	assert.False(t, ok)
	_, ok = fleet.Snapshot{}.Latest()
	assert.False(t, ok)
	assert.False(t, fleet.Snapshot{}.Deploying())
}

func TestARevisionIsPinnedOnlyAsAWhole(t *testing.T) {
	by := func(digests ...string) fleet.Revision {
		var r fleet.Revision
		for _, d := range digests {
			r.Containers = append(r.Containers, fleet.ContainerImage{Image: fleet.Image{Repository: "web", Digest: d}})
		}
		return r
	}
	assert.True(t, by("a").Pinned())
	assert.True(t, by("a", "b").Pinned())
	assert.False(t, by("a", "").Pinned())
	assert.False(t, by().Pinned(), "a revision without containers is unknown")
}

func TestAWSScalesOnlyWithAnActivePolicy(t *testing.T) {
	assert.True(t, fleet.Scaling{Registered: true, Policies: []string{"cpu"}}.Steered())
	assert.False(t, fleet.Scaling{Registered: true, Policies: []string{"cpu"}, Suspended: true}.Steered())
	assert.False(t, fleet.Scaling{Registered: true}.Steered())
}

func TestEqualDecisionsHaveTheSameKey(t *testing.T) {
	e := fleet.Episode{
		Decision: fleet.Decision{Kind: fleet.ScaleOut, Reasons: []fleet.Reason{{Name: "demand-above-count", Text: "CPU 90 %"}}},
		Verdict:  fleet.Verdict{Outcome: fleet.Hold, Reasons: []fleet.Reason{{Name: "cooldown", Text: "10s"}}},
	}
	other := e
	other.Decision.Reasons = []fleet.Reason{{Name: "demand-above-count", Text: "CPU 91 %"}}
	assert.Equal(t, "scale-out hold  demand-above-count cooldown", e.DecisionKey())
	assert.Equal(t, e.DecisionKey(), other.DecisionKey())
	assert.Equal(t, []fleet.Reason{{Name: "demand-above-count", Text: "CPU 90 %"}, {Name: "cooldown", Text: "10s"}}, e.Why())
	assert.Len(t, e.Decision.Reasons, 1, "Why changes nothing")
}

func TestCurrentFollowsARollback(t *testing.T) {
	old, bad := fleet.Revision{ARN: "r/1"}, fleet.Revision{ARN: "r/2"}
	for name, c := range map[string]struct {
		history []fleet.Rollout
		want    fleet.Revision
		ok      bool
	}{
		"no history":                        {nil, fleet.Revision{}, false},
		"the newest rollout":                {[]fleet.Rollout{{Target: bad}, {Target: old}}, bad, true},
		"a rollback":                        {[]fleet.Rollout{{Target: bad, RollbackTo: "r/1"}, {Target: old}}, old, true},
		"a rollback to an unknown revision": {[]fleet.Rollout{{Target: bad, RollbackTo: "r/0"}, {Target: old}}, fleet.Revision{}, false},
		"an older rollback":                 {[]fleet.Rollout{{Target: old}, {Target: bad, RollbackTo: "r/0"}}, old, true},
		"a rollback to itself":              {[]fleet.Rollout{{Target: bad, RollbackTo: "r/2"}}, bad, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := fleet.Snapshot{History: c.history}.Current()
			assert.Equal(t, c.ok, ok)
			assert.Equal(t, c.want, got)
		})
	}
}
