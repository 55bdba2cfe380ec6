package ecssim

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// entropy is the randomness of a Sim. Names and chances have separate streams, so
// that one more id does not change the behaviour of tasks.
type entropy struct {
	names  *rand.Rand // ids, ARNs, digests
	events *rand.Rand // ids of events
	chance *rand.Rand // delays and failures
	faults *rand.Rand // throttling
	seed   uint64
}

func newEntropy(seed uint64) *entropy {
	stream := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	return &entropy{names: stream(1), events: stream(2), chance: stream(3), faults: stream(4), seed: seed}
}

// happens returns true with probability p.
func (e *entropy) happens(p float64) bool {
	return p > 0 && (p >= 1 || e.chance.Float64() < p)
}

// arrivals returns the stream of a service's requests. Each service has its own
// stream, so that neither other services nor scaling change it.
func (e *entropy) arrivals(service string) *rand.Rand {
	sum := sha256.Sum256([]byte(service))
	return rand.New(rand.NewPCG(e.seed, binary.BigEndian.Uint64(sum[:])))
}

// poisson draws a Poisson count with a mean.
func poisson(r *rand.Rand, mean float64) float64 {
	switch {
	case !(mean > 0):
		return 0
	case mean > normalAbove:
		return max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	// The times between arrivals are exponential. The count is the number of
	// arrivals within the mean.
	n, at := 0.0, r.ExpFloat64()
	for at <= mean {
		n++
		at += r.ExpFloat64()
	}
	return n
}
