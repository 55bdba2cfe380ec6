//go:build !race

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnknownRegionsAreRejected(t *testing.T) {
	for _, region := range []string{"", "eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-5"} {
		assert.NoError(t, checkRegion(region), region)
	}
	for _, region := range []string{"eu-central1", "EU-CENTRAL-1", "frankfurt", "eu-central-9"} {
		require.EqualError(t, checkRegion(region),
			`the region "`+region+`" is not supported: set AWS_REGION to a region such as eu-central-1`)
	}
}
