package demand

// What a fleet has that not every fleet has.
const (
	hasFewer = 1 << iota // not all of its tasks are ready
	hasLate              // some are on their way
	hasLater             // and others behind them
	hasSpare             // it could do with fewer
)

// codeFleets are the fleets that are only thought.
func (s *State) codeFleets(c *coder) {
	newest := seconds(s.Newest)
	for i := range s.shadows {
		s.shadows[i].code(c, newest)
	}
}

func (v *shadow) code(c *coder, newest int64) {
	has := v.has() | flag(v.spare != 0 || v.spareTop != 0, hasSpare)
	v.virtual.code(c, &has, newest)
	c.floats(&v.loss)
	if has&hasSpare != 0 {
		c.floats(&v.spare)
		c.small(&v.spareTop)
	}
}

func (v *virtual) has() byte {
	return flag(v.ready != v.count, hasFewer) | flag(v.late.count != 0, hasLate) | flag(v.later.count != 0, hasLater)
}

func flag(has bool, bit byte) byte {
	if has {
		return bit
	}
	return 0
}

// code writes or reads a fleet, and what it has.
func (v *virtual) code(c *coder, has *byte, newest int64) {
	c.byte(has)
	c.small(&v.count)
	if *has&hasFewer != 0 {
		c.small(&v.ready)
	} else if !c.writes {
		v.ready = v.count
	}
	if *has&hasLate != 0 {
		v.late.code(c, newest)
	}
	if *has&hasLater != 0 {
		v.later.code(c, newest)
	}
}

func (b *batch) code(c *coder, newest int64) {
	c.small(&b.count)
	c.after(&b.due, newest)
}
