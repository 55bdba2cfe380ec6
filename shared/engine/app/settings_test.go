package app_test

import (
	"testing"

	"homeostat/shared/engine/app"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePolicyIsFoundWhereLambdaUnpackedIt(t *testing.T) {
	for name, c := range map[string]struct{ told, want string }{
		"a name is beside the code": {"homeostat.yaml", "/unpacked/homeostat.yaml"},
		"a whole path is itself":    {"/etc/homeostat.yaml", "/etc/homeostat.yaml"},
		"no policy is no path":      {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			environment := map[string]string{
				"HOMEOSTAT_ACCOUNT": "123456789012", "AWS_REGION": "eu-central-1", "HOMEOSTAT_TABLE": "memory",
				"HOMEOSTAT_POLICY": c.told, "LAMBDA_TASK_ROOT": "/unpacked",
			}
			settings, err := app.ReadSettings("heal", func(n string) string { return environment[n] })
			require.NoError(t, err)
			assert.Equal(t, c.want, settings.PolicyPath)
		})
	}
}
