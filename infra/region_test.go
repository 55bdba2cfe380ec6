//go:build !race

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRegionsThatDoNotExistAreRefused(t *testing.T) {
	for _, region := range []string{"", "eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-5"} {
		assert.NoError(t, checkRegion(region), region)
	}
	for _, region := range []string{"eu-central1", "EU-CENTRAL-1", "frankfurt", "eu-central-9"} {
		require.EqualError(t, checkRegion(region),
			`the region "`+region+`" is not one that Homeostat can be deployed to: set AWS_REGION to one like eu-central-1`)
	}
}
