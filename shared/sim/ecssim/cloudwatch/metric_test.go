package cloudwatch

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestPointsAreKeptInOrderWhateverOrderTheyComeIn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &Series{resolution: 60}
		times := rapid.SliceOfN(rapid.Int64Range(0, 100), 1, 50).Draw(r, "times")
		for _, at := range times {
			p := Single(1)
			p.At = at * 60
			s.put(p)
		}
		n := 0.0
		for i, p := range s.points {
			n += p.N
			if i > 0 && p.At <= s.points[i-1].At {
				r.Fatalf("%d after %d", p.At, s.points[i-1].At)
			}
		}
		assert.InDelta(r, len(times), n, 0, "none is lost")
	})
}

func TestOldPointsAreForgotten(t *testing.T) {
	s := &Series{resolution: 60}
	for day := range int64(60) {
		s.put(Point{At: day * 86400, N: 1})
	}
	assert.LessOrEqual(t, len(s.points), 31)
	assert.Equal(t, int64(59*86400), s.points[len(s.points)-1].At)
}
