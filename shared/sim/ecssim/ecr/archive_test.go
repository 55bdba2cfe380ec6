package ecr_test

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
)

func TestAnArchivedImageIsDescribedAndNotServed(t *testing.T) {
	r := newRegistry(t)
	digest := r.put(10, "v1")
	byDigest := []wire.Object{{"imageDigest": digest}}
	described := func() wire.Object {
		return r.ok("DescribeImages", wire.Object{"imageIds": byDigest}).Objects("imageDetails")[0]
	}
	served := func() int {
		return len(r.ok("BatchGetImage", wire.Object{"imageIds": byDigest}).Objects("images"))
	}
	move := func(class string) string {
		return r.ok("UpdateImageStorageClass", wire.Object{"imageId": byDigest[0], "targetStorageClass": class}).String("imageStatus")
	}
	assert.Equal(t, "ACTIVE", described().String("imageStatus"))
	assert.Equal(t, 1, served())

	assert.Equal(t, "ARCHIVED", move("ARCHIVE"))
	assert.Equal(t, "ARCHIVED", described().String("imageStatus"))
	assert.Equal(t, []string{"v1"}, described().Strings("imageTags"), "its tag stays")
	assert.Zero(t, served())

	assert.Equal(t, "ACTIVATING", move("STANDARD"))
	assert.Zero(t, served(), "not before the end of its restoration")
	r.RunUntil(r.Now().Add(6 * time.Minute))
	assert.Equal(t, "ACTIVE", described().String("imageStatus"))
	assert.Equal(t, 1, served())
	assert.Equal(t, "ARCHIVED", move("ARCHIVE"), "it can be archived again")
}

func TestOnlyAnImageOfTheRepositoryIsArchived(t *testing.T) {
	r := newRegistry(t)
	_, err := r.call("UpdateImageStorageClass", wire.Object{"imageId": wire.Object{"imageTag": "none"}, "targetStorageClass": "ARCHIVE"})
	assert.ErrorContains(t, err, "does not exist")
	assert.False(t, r.ArchiveImage("web", "sha256:none"))
	assert.False(t, r.ArchiveImage("other", "sha256:none"))
}
