package demand

// The flags of a stored shadow, one for each optional part.
const (
	hasStarting = 1 << iota // not all of its tasks are ready
	hasFirst                // a batch of tasks starts
	hasSecond               // a second batch starts
	hasSpare                // fewer tasks have sufficed for some time
)

// codeShadows writes or reads all shadows.
func (s *State) codeShadows(c *coder) {
	newest := unixSeconds(s.Newest)
	for i := range s.shadows {
		s.shadows[i].code(c, newest)
	}
}

// code writes or reads a shadow. Times are relative to the newest sample.
func (v *shadow) code(c *coder, newest int64) {
	has := v.flags() | flag(v.spare != 0 || v.spareTop != 0, hasSpare)
	v.simulated.code(c, &has, newest)
	c.floats(&v.loss)
	if has&hasSpare != 0 {
		c.floats(&v.spare)
		c.small(&v.spareTop)
	}
}

// flags returns the flags of a simulated service.
func (v *simulated) flags() byte {
	return flag(v.ready != v.count, hasStarting) | flag(v.first.count != 0, hasFirst) | flag(v.second.count != 0, hasSecond)
}

// flag returns the bit if it is set, else 0.
func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

// code writes or reads the flags and a simulated service.
func (v *simulated) code(c *coder, has *byte, newest int64) {
	c.byte(has)
	c.small(&v.count)
	if *has&hasStarting != 0 {
		c.small(&v.ready)
	} else if !c.writes {
		v.ready = v.count
	}
	if *has&hasFirst != 0 {
		v.first.code(c, newest)
	}
	if *has&hasSecond != 0 {
		v.second.code(c, newest)
	}
}

// code writes or reads a batch.
func (b *batch) code(c *coder, newest int64) {
	c.small(&b.count)
	c.relative(&b.due, newest)
}
