package secretsmanager_test

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const begin = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"

// newSim returns an account with the secret shop/db, which a task definition names by its
// ARN and a key.
func newSim(t *testing.T) *ecssim.Sim {
	sim := ecssim.New(ecssim.Config{})
	sim.Server().Check(func(problem string) { t.Error(problem) })
	sim.Server().Warn(func(text string) { t.Error(text) })
	_, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "web", Containers: []ecssim.ContainerSpec{
		{Name: "app", Image: "web", Secrets: map[string]string{"DB": begin + "shop/db-AbCd12:user::"}},
	}})
	require.NoError(t, err)
	return sim
}

func TestASecretIsFoundByItsNameAndItsARN(t *testing.T) {
	sim := newSim(t)
	for name, c := range map[string]struct {
		id    string
		found bool
	}{
		"by its name": {"shop/db", true},
		"by its ARN":  {begin + "shop/db-AbCd12", true},
		"by its ARN without the six characters at the end": {begin + "shop/db", true},
		"not by the source of a task definition":           {begin + "shop/db-AbCd12:user::", false},
		"not by another ending":                            {begin + "shop/db-AbCd13", false},
		"not by a part of its name":                        {"shop", false},
		"not in another account":                           {"arn:aws:secretsmanager:eu-central-1:210987654321:secret:shop/db-AbCd12", false},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := sim.Server().Invoke("secretsmanager", "DescribeSecret", wire.Object{"SecretId": c.id})
			if !c.found {
				require.ErrorContains(t, err, "ResourceNotFoundException: Secrets Manager can't find the specified secret.")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "shop/db", out.String("Name"))
			assert.Equal(t, begin+"shop/db-AbCd12", out.String("ARN"))
		})
	}
}

func TestTheChangeOfASecretFollowsItsFaults(t *testing.T) {
	const after, lasts = time.Hour, 30 * time.Minute
	for name, c := range map[string]struct {
		how string
		// changed and repaired are the last change in the fault and after its end.
		changed, repaired time.Duration
		deleted           bool
	}{
		"a wrong value is a change, and so is the repair": {ecssim.SecretWrong, after, after + lasts, false},
		"a value without the key is a change":             {ecssim.SecretKeyGone, after, after + lasts, false},
		"a deletion is a change with its date":            {ecssim.SecretDeleted, after, after + lasts, true},
		"a missing permission is no change":               {ecssim.SecretDenied, -90 * 24 * time.Hour, -90 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			sim := newSim(t)
			start := sim.Now()
			described := func(at time.Duration) (out wire.Object, changed time.Duration) {
				sim.RunUntil(start.Add(at))
				out, err := sim.Server().Invoke("secretsmanager", "DescribeSecret", wire.Object{"SecretId": "shop/db"})
				require.NoError(t, err)
				last, ok := out.Time("LastChangedDate")
				require.True(t, ok)
				return out, last.Sub(start)
			}
			before, changed := described(after)
			assert.Equal(t, -90*24*time.Hour, changed)
			sim.BreakSecret(ecssim.SecretTrouble{Secret: "shop/db", How: c.how, Until: sim.Now().Add(lasts)})
			in, changed := described(after + time.Minute)
			assert.Equal(t, c.changed, changed)
			assert.Equal(t, c.deleted, in.Has("DeletedDate"))
			out, changed := described(after + lasts)
			assert.Equal(t, c.repaired, changed)
			assert.False(t, out.Has("DeletedDate"))
			versions := before.Object("VersionIdsToStages")
			assert.Len(t, versions, 1)
			assert.Equal(t, c.how == ecssim.SecretDenied, assert.ObjectsAreEqual(versions, in.Object("VersionIdsToStages")))
		})
	}
}
