package account

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// Sequence issues ids for messages and events. An id is unique in the account.
type Sequence struct{ issued uint64 }

// NextID returns the next id, in the form of a UUID.
func (s *Sequence) NextID() string {
	s.issued++
	return fmt.Sprintf("00000000-0000-4000-9000-%012x", s.issued)
}

// Hex returns n random hexadecimal digits.
func Hex(r *rand.Rand, n int) string { return Letters(r, "0123456789abcdef", n) }

// Digits returns n random decimal digits. The first digit is not zero.
func Digits(r *rand.Rand, n int) string {
	return Letters(r, "123456789", 1) + Letters(r, "0123456789", n-1)
}

// Letters returns n random letters of an ASCII alphabet.
func Letters(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// UUID returns a random UUID (version 4).
func UUID(r *rand.Rand) string {
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

// Digest returns the digest of a text in the form of registries, "sha256:…".
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}
