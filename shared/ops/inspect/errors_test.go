package inspect_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"homeostat/shared/core/fault"
	"homeostat/shared/ops/inspect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
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
			socket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, err := w.Write([]byte(c.answer))
				assert.NoError(t, err)
			}))
			defer socket.Close()
			client := ecs.NewFromConfig(aws.Config{
				Region: region, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), BaseEndpoint: aws.String(socket.URL),
				Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			})
			_, err := client.ListClusters(t.Context(), &ecs.ListClustersInput{})
			require.Error(t, err)
			assert.Equal(t, c.want, inspect.ErrorSummary(fault.FromAWS("listing clusters", err)))
		})
	}
	assert.Equal(t, "plain", inspect.ErrorSummary(errors.New("plain")))
}
