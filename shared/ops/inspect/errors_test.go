package inspect_test

import (
	"errors"
	"net/http"
	"testing"

	"homeostat/shared/core/fault"
	"homeostat/shared/ops/inspect"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorSummariesNameTheOperationAndTheCause(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		answer, want string
	}{
		"AWS denies": {
			http.StatusBadRequest, `{"__type":"AccessDeniedException","Message":"not yours"}`,
			"listing clusters: AccessDeniedException: not yours (the role lacks the permission in the message)",
		},
		"AWS fails": {
			http.StatusBadRequest, `{"__type":"ServerException"}`, "listing clusters: ServerException",
		},
		"something else answers": {
			http.StatusOK, `<html>`, "listing clusters: the answer to ECS: ListClusters is not a response of AWS",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := ecs.NewFromConfig(sdk.OverSocket(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, err := w.Write([]byte(c.answer))
				assert.NoError(t, err)
			})))
			_, err := client.ListClusters(t.Context(), &ecs.ListClustersInput{})
			require.Error(t, err)
			assert.Equal(t, c.want, inspect.ErrorSummary(fault.FromAWS("listing clusters", err)))
		})
	}
	assert.Equal(t, "plain", inspect.ErrorSummary(errors.New("plain")))
}
