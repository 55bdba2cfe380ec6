package ecssim

import (
	"math/rand/v2"
)

// entropy is everything random in a Sim. Names and chances come from separate
// streams, so that asking for one more id does not change what tasks do.
type entropy struct {
	names  *rand.Rand // ids, ARNs, digests
	events *rand.Rand // ids of events
	chance *rand.Rand // delays and failures
	faults *rand.Rand // throttling
}

func newEntropy(seed uint64) *entropy {
	stream := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	return &entropy{names: stream(1), events: stream(2), chance: stream(3), faults: stream(4)}
}

// hexOf is n hexadecimal digits.
func hexOf(r *rand.Rand, n int) string { return letters(r, "0123456789abcdef", n) }

// digitsOf is n decimal digits, the first of them not zero.
func digitsOf(r *rand.Rand, n int) string {
	return letters(r, "123456789", 1) + letters(r, "0123456789", n-1)
}

func letters(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// uuidOf is a random UUID (version 4).
func uuidOf(r *rand.Rand) string {
	const digits = "0123456789abcdef"
	var b [36]byte
	for i := range b {
		b[i] = digits[r.IntN(16)]
	}
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	b[14] = '4'
	b[19] = digits[8+r.IntN(4)]
	return string(b[:])
}

// happens is true with probability p.
func (e *entropy) happens(p float64) bool {
	return p > 0 && (p >= 1 || e.chance.Float64() < p)
}
