package demand

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// coder writes or reads the fields of a state in one order, so both directions
// agree. Zeros take no space. After broken bytes it reads only zeros.
type coder struct {
	writes, broken bool
	bytes          []byte
	at             int // the number of bytes read or written
}

// next returns the next n bytes to read or write; nil if none are left.
func (c *coder) next(n int) []byte {
	if len(c.bytes)-c.at < n && !c.grow(n) {
		return nil
	}
	c.at += n
	return c.bytes[c.at-n : c.at]
}

// grow makes space for n more bytes to write. A reader fails.
func (c *coder) grow(n int) bool {
	if !c.writes {
		c.fail()
		return false
	}
	c.bytes = append(c.bytes, make([]byte, len(c.bytes)+n)...)
	return true
}

// fail marks the bytes as broken and skips the rest.
func (c *coder) fail() { c.broken, c.at = true, len(c.bytes) }

// byte writes or reads a byte.
func (c *coder) byte(b *byte) {
	if next := c.next(1); c.writes {
		next[0] = *b
	} else if next != nil {
		*b = next[0]
	}
}

// varint writes or reads a number in the format of encoding/binary: seven bits a
// byte, the lowest first.
func (c *coder) varint(n *uint64) {
	if c.writes {
		rest := *n
		for ; rest >= 0x80; rest >>= 7 {
			c.next(1)[0] = byte(rest) | 0x80
		}
		c.next(1)[0] = byte(rest)
		return
	}
	left := c.bytes[c.at:]
	if len(left) > 0 && left[0] < 0x80 { // the usual case
		*n = uint64(left[0])
		c.at++
		return
	}
	read, length := binary.Uvarint(left)
	if length <= 0 {
		c.fail()
		return
	}
	*n = read
	c.at += length
}

// number writes or reads an integer from 0 to most. It writes the nearest bound for
// a number outside, and refuses to read one.
func (c *coder) number(n *int64, most int64) {
	wide := uint64(min(max(*n, 0), most))
	if c.varint(&wide); c.writes {
		return
	}
	if wide > uint64(most) {
		c.fail()
		return
	}
	*n = int64(wide)
}

// small writes or reads a number of tasks or samples, at most 65,535.
func (c *coder) small(n *int) { c.integer(n, math.MaxUint16) }

// integer is number for an int.
func (c *coder) integer(n *int, most int64) {
	wide := int64(*n)
	if c.number(&wide, most); !c.writes {
		*n = int(wide)
	}
}

// relative writes or reads a time as its distance from another one, with the sign
// in the lowest bit.
func (c *coder) relative(at *int64, from int64) {
	distance := *at - from
	folded := uint64(distance<<1 ^ distance>>63)
	if c.varint(&folded); c.writes {
		return
	}
	distance = int64(folded>>1) ^ -int64(folded&1)
	if from+distance < 0 || from+distance > maxSeconds {
		c.fail()
		return
	}
	*at = from + distance
}

// floats writes or reads numbers in single precision, sufficient for learned
// values.
func (c *coder) floats(all ...*float64) {
	next := c.next(4 * len(all))
	if next == nil {
		return
	}
	for i, f := range all {
		c.float(f, next[4*i:])
	}
}

// float writes or reads a number in single precision.
func (c *coder) float(f *float64, in []byte) {
	if c.writes {
		binary.LittleEndian.PutUint32(in, math.Float32bits(float32(*f)))
	} else {
		*f = float64(c.finite(binary.LittleEndian.Uint32(in)))
	}
}

// single is float for a float32.
func (c *coder) single(f *float32, in []byte) {
	wide := float64(*f)
	if c.float(&wide, in); !c.writes {
		*f = float32(wide)
	}
}

// half writes or reads the upper half of the bits of a number: its precision is
// one part in 500.
func (c *coder) half(f *float32, in []byte) {
	if c.writes {
		binary.LittleEndian.PutUint16(in, upper(math.Float32bits(*f)))
	} else {
		*f = c.finite(uint32(binary.LittleEndian.Uint16(in)) << 16)
	}
}

// upper returns the upper half of the bits of a number, rounded to the nearest. It
// rounds the highest numbers down.
func upper(bits uint32) uint16 {
	if rounded := bits + 1<<15; rounded&exponent != exponent {
		bits = rounded
	}
	return uint16(bits >> 16)
}

// exponent is the bits that are all set in an infinite number and in NaN.
const exponent = 0xff << 23

// finite returns the number of some bits. It fails for an infinite number and NaN.
func (c *coder) finite(bits uint32) float32 {
	if bits&exponent == exponent {
		c.fail()
		return 0
	}
	return math.Float32frombits(bits)
}

// sparse writes or reads a list as its differences from another one, or from zeros
// if the other is nil: one bit for each value, and the values that differ.
func (c *coder) sparse(list, other []float64) {
	for from := 0; from < len(list); from += 8 {
		part, differ := list[from:min(from+8, len(list))], byte(0)
		if c.writes {
			differ = differing(part, other, from)
		}
		c.byte(&differ)
		next := c.next(4 * bits.OnesCount8(differ))
		for i := range part {
			switch {
			case differ>>i&1 != 0 && next != nil:
				c.float(&part[i], next)
				next = next[4:]
			case !c.writes:
				part[i] = valueAt(other, from+i)
			}
		}
	}
}

// differing returns a bit for each value that differs in single precision.
func differing(part, other []float64, from int) (bits byte) {
	for i, f := range part {
		if float32(f) != float32(valueAt(other, from+i)) {
			bits |= 1 << i
		}
	}
	return bits
}

// valueAt returns a value of a list; 0 for a nil list.
func valueAt(list []float64, i int) float64 {
	if list == nil {
		return 0
	}
	return list[i]
}
