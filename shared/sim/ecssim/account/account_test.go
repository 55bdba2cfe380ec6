package account

import (
	"math/rand/v2"
	"testing"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
)

func TestNamesOfAnAccount(t *testing.T) {
	id := Identity{Account: "123456789012", Region: "cn-north-1", Partition: "aws-cn"}
	assert.Equal(t, "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/shop", id.ARN("ecs", "cluster/shop"))
	assert.Equal(t, "arn:aws-cn:iam::123456789012:role/app", id.Role("app"))
	assert.Equal(t, "arn:aws-cn:iam::123456789012:root", id.Root())
}

func TestRandomNamesHaveTheirForms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, UUID(r))
	assert.Regexp(t, `^[0-9a-f]{17}$`, Hex(r, 17))
	assert.Regexp(t, `^[1-9][0-9]{18}$`, Digits(r, 19))
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, Digest("text"))
}

func TestASequenceNeverRepeats(t *testing.T) {
	var s Sequence
	assert.Equal(t, "00000000-0000-4000-9000-000000000001", s.NextID())
	assert.Equal(t, "00000000-0000-4000-9000-000000000002", s.NextID())
}

func TestTagsOfAResource(t *testing.T) {
	tags := Tags{}
	tags.Put("arn:1", nil)
	assert.NotContains(t, tags, "arn:1")
	assert.Equal(t, []wire.Object{}, tags.Of("arn:1"))
	tags.Put("arn:1", []wire.Object{{"key": "a"}})
	assert.Equal(t, []wire.Object{{"key": "a"}}, tags.Of("arn:1"))
}
