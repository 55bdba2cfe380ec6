package cloudwatchlogs_test

import (
	"testing"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newServer returns a Sim's server that checks answers against AWS's models.
func newServer(t *testing.T) *wire.Server {
	server := ecssim.New(ecssim.Config{}).Server()
	server.Check(func(problem string) { t.Error(problem) })
	return server
}

func TestADeletedLogGroupIsGone(t *testing.T) {
	server, web := newServer(t), wire.Object{"logGroupName": "/ecs/web"}
	_, err := server.Invoke("logs", "CreateLogGroup", web)
	require.NoError(t, err)
	_, err = server.Invoke("logs", "DeleteLogGroup", web)
	require.NoError(t, err)
	left, err := server.Invoke("logs", "DescribeLogGroups", wire.Object{})
	require.NoError(t, err)
	assert.Empty(t, left.Objects("logGroups"))
	_, err = server.Invoke("logs", "DeleteLogGroup", web)
	assert.ErrorContains(t, err, "The specified log group does not exist.")
}
