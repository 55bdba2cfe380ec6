package demand

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"
)

// coder goes over the fields of a state in one order and writes them or reads
// them, so that the two cannot differ. What it writes is as long as what was
// learned: zeros take no place. After broken bytes it reads only zeros.
type coder struct {
	writes, broken bool
	bytes          []byte
	at             int // how many were read, or written
}

const (
	// mostSeconds bounds times in bytes, some thirty thousand years; mostCount
	// bounds what is counted without end.
	mostSeconds = 1 << 40
	mostCount   = 1 << 40
	mostPeriod  = 366 * 24 * time.Hour
)

// next is where the next bytes are read or written; nil where none are left.
func (c *coder) next(n int) []byte {
	if len(c.bytes)-c.at < n && !c.more(n) {
		return nil
	}
	c.at += n
	return c.bytes[c.at-n : c.at]
}

// more makes place for so many more to be written. Nothing more can be read.
func (c *coder) more(n int) bool {
	if !c.writes {
		c.fail()
		return false
	}
	c.bytes = append(c.bytes, make([]byte, len(c.bytes)+n)...)
	return true
}

// fail leaves nothing to be read.
func (c *coder) fail() { c.broken, c.at = true, len(c.bytes) }

func (c *coder) byte(b *byte) {
	if next := c.next(1); c.writes {
		next[0] = *b
	} else if next != nil {
		*b = next[0]
	}
}

// varint is a number of seven bits a byte, the lowest first, as encoding/binary has them.
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
	if len(left) > 0 && left[0] < 0x80 { // as most are
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

// number is a whole number from 0 to most; what is outside is written as the
// bound, and refused where it is read.
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

// small is a number of tasks or samples.
func (c *coder) small(n *int) { c.whole(n, math.MaxUint16) }

func (c *coder) whole(n *int, most int64) {
	wide := int64(*n)
	if c.number(&wide, most); !c.writes {
		*n = int(wide)
	}
}

// after is a time by its distance from another one, the sign in the lowest bit.
func (c *coder) after(at *int64, from int64) {
	distance := *at - from
	folded := uint64(distance<<1 ^ distance>>63)
	if c.varint(&folded); c.writes {
		return
	}
	distance = int64(folded>>1) ^ -int64(folded&1)
	if from+distance < 0 || from+distance > mostSeconds {
		c.fail()
		return
	}
	*at = from + distance
}

// floats are numbers in single precision: that is enough for what is learned.
func (c *coder) floats(all ...*float64) {
	next := c.next(4 * len(all))
	if next == nil {
		return
	}
	for i, f := range all {
		c.float(f, next[4*i:])
	}
}

func (c *coder) float(f *float64, in []byte) {
	if c.writes {
		binary.LittleEndian.PutUint32(in, math.Float32bits(float32(*f)))
	} else {
		*f = float64(c.finite(binary.LittleEndian.Uint32(in)))
	}
}

func (c *coder) single(f *float32, in []byte) {
	wide := float64(*f)
	if c.float(&wide, in); !c.writes {
		*f = float32(wide)
	}
}

// half is a number to a five hundredth of it: the upper half of its bits.
func (c *coder) half(f *float32, in []byte) {
	if c.writes {
		binary.LittleEndian.PutUint16(in, upper(math.Float32bits(*f)))
	} else {
		*f = c.finite(uint32(binary.LittleEndian.Uint16(in)) << 16)
	}
}

// upper is the upper half of the bits of a number, rounded to the nearest; the
// highest numbers are rounded down.
func upper(bits uint32) uint16 {
	if rounded := bits + 1<<15; rounded&exponent != exponent {
		bits = rounded
	}
	return uint16(bits >> 16)
}

// exponent are the bits that are all set where a number is infinite, or is none.
const exponent = 0xff << 23

// finite is the number of some bits; what is not finite cannot be reckoned with.
func (c *coder) finite(bits uint32) float32 {
	if bits&exponent == exponent {
		c.fail()
		return 0
	}
	return math.Float32frombits(bits)
}

// sparse is a list of which most are the same as in another one, or 0 where
// there is no other: a bit for each, and those that differ.
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

// differing are the bits of those that are not the same once they are written.
func differing(part, other []float64, from int) (bits byte) {
	for i, f := range part {
		if float32(f) != float32(valueAt(other, from+i)) {
			bits |= 1 << i
		}
	}
	return bits
}

func valueAt(list []float64, i int) float64 {
	if list == nil {
		return 0
	}
	return list[i]
}
