package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSecretsAreThoseThatDefinitionsName(t *testing.T) {
	w := newWorld(t, Config{})
	own := func(service, resource string) string {
		return "arn:aws:" + service + ":eu-central-1:123456789012:" + resource
	}
	w.image("1", Behaviour{}, func(c *ContainerSpec) {
		c.Extra = map[string]any{
			"secrets": []wire.Object{
				{"name": "A", "valueFrom": own("secretsmanager", "secret:db-AbCdEf:user::")},
				{"name": "B", "valueFrom": own("secretsmanager", "secret:db-AbCdEf:password::")},
				{"name": "C", "valueFrom": own("ssm", "parameter/plain")},
				{"name": "D", "valueFrom": own("ssm", "parameter/shop/deep")},
				{"name": "E", "valueFrom": "bare"},
				{"name": "F", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere"},
			},
			"repositoryCredentials": wire.Object{"credentialsParameter": own("secretsmanager", "secret:registry-AbCdEf")},
			"logConfiguration": wire.Object{"logDriver": "splunk", "secretOptions": []wire.Object{
				{"name": "splunk-token", "valueFrom": own("secretsmanager", "secret:splunk")},
			}},
		}
	})
	w.BreakSecret(SecretTrouble{Secret: "of-a-fault", How: SecretWrong, Until: w.Now().Add(time.Hour)})
	var secrets, parameters []string
	for _, s := range (stores{w.Sim}).Secrets() {
		secrets = append(secrets, s.Name)
		assert.Equal(t, w.Now().Add(-sourceAge), s.Created, s.Name)
	}
	for _, p := range (stores{w.Sim}).Parameters() {
		parameters = append(parameters, p.Name)
	}
	assert.Equal(t, []string{"db", "of-a-fault", "registry", "splunk"}, secrets)
	assert.Equal(t, []string{"/shop/deep", "bare", "plain"}, parameters)
}

func TestADeletedParameterIsGoneUntilTheFaultEnds(t *testing.T) {
	w := newWorld(t, Config{})
	w.image("1", Behaviour{}, func(c *ContainerSpec) { c.Secrets = map[string]string{"DB": "/shop/db"} })
	require.Len(t, stores{w.Sim}.Parameters(), 1)
	w.BreakSecret(SecretTrouble{Secret: "/shop/db", How: SecretDeleted, Until: w.Now().Add(time.Hour)})
	w.run(time.Minute)
	assert.Empty(t, stores{w.Sim}.Parameters())
	w.run(time.Hour)
	again := stores{w.Sim}.Parameters()
	require.Len(t, again, 1)
	assert.Equal(t, w.Now().Add(-time.Minute), again[0].Changed)
}

func TestAChangedSecretBreaksNoTask(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}, reads), Desired: 2})
	w.ChangeSecret("shop-db")
	w.LoseHost("shop", "web", 1)
	w.run(10 * time.Minute)
	assert.Len(t, w.stops(), 1, "only the host's task ended")
	w.assertSteady(2)
	assert.Equal(t, w.Now().Add(-10*time.Minute), (stores{w.Sim}).Secrets()[0].Changed)
}

func TestAnEndedSecretFailsTheTasksThatHoldItsEarlierValue(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}, reads), Desired: 3})
	w.EndSecret("shop-db", 5*time.Minute)
	w.run(20 * time.Minute)
	assert.Len(t, w.stops(), 3, "each task once, and no later one")
	w.assertSteady(3)
	assert.Equal(t, w.Now().Add(-20*time.Minute), (stores{w.Sim}).Secrets()[0].Changed)
}
