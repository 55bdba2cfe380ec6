package demand

import (
	"errors"
	"time"
)

// layout is the version of the stored bytes. A state of another layout is learned
// anew.
const layout = 4

// MarshalBinary returns the state as bytes. The size grows with the learned
// content. It never fails.
func (s *State) MarshalBinary() ([]byte, error) {
	c := coder{writes: true, bytes: make([]byte, usualBytes)}
	version := byte(layout)
	c.byte(&version)
	s.code(&c)
	return c.bytes[:c.at], nil
}

// UnmarshalBinary reads the bytes of MarshalBinary. It returns an error for bytes
// of another layout and for corrupt bytes, and leaves the state unchanged.
func (s *State) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != layout {
		return errors.New("the stored state has another layout")
	}
	c := coder{bytes: data, at: 1}
	var out State
	out.code(&c)
	if c.broken || c.at < len(data) {
		return errors.New("the stored state is corrupt")
	}
	*s = out
	return nil
}

// code writes or reads the stored fields. Writing changes nothing.
func (s *State) code(c *coder) {
	s.codeHead(c)
	c.floats(&s.level, &s.slope, &s.surprise, &s.last, &s.steady, &s.drift, &s.meanNeed, &s.meanDemand, &s.weight)
	for i := range s.forecasters {
		f := &s.forecasters[i]
		c.floats(&f.ahead, &f.brief, &f.lasting, &f.total)
		c.sparse(f.past[:], s.similarPast(i))
		c.sparse(f.errors[:], nil)
	}
	middle := float64(unixSeconds(s.Newest)) - s.Period.Seconds()/2
	s.hour.code(c, hourBins, binOf(hourBins, 3600, middle))
	s.day.code(c, dayBins, binOf(dayBins, 86400, middle))
	s.codeShadows(c)
	for i := range s.startups {
		took := int(s.startups[i])
		c.small(&took)
		s.startups[i] = uint16(took)
	}
	s.codeCost(c)
}

// codeHead writes or reads the fields that others are relative to.
func (s *State) codeHead(c *coder) {
	code := byte(s.Signal)
	c.byte(&code)
	s.Signal = Code(code)
	period := int64(s.Period)
	c.number(&period, int64(maxPeriod))
	s.Period = time.Duration(period)
	c.time(&s.Newest)
	c.time(&s.panicUntil)
	c.small(&s.panicCount)
	c.integer(&s.chosen, shadows-1)
	c.integer(&s.startup, maxTotal)
	c.integer(&s.count, maxTotal)
	c.small(&s.steadyFor)
	c.broken = c.broken || !s.Signal.known()
}

// known reports whether the code is None or the code of a signal.
func (c Code) known() bool {
	for _, signal := range Signals() {
		if signal.Code() == c {
			return true
		}
	}
	return c == None
}

// codeCost writes or reads the cost of a request, and the counts that wait for the
// CPU of their time.
func (s *State) codeCost(c *coder) {
	c.floats(&s.cost.busy, &s.cost.requests, &s.cost.seconds)
	c.number(&s.cost.newest, maxSeconds)
	before := s.cost.newest
	for i := range s.requests {
		one := &s.requests[i]
		c.relative(&one.end, before)
		before = one.end
		c.number(&one.seconds, maxSeconds)
		c.floats(&one.n)
	}
}

// similarPast returns the forecasts that those of a forecaster mostly equal; nil
// for none. The trend equals the level without a rise. A profile equals its base
// if it does not raise it.
func (s *State) similarPast(i int) []float64 {
	switch i {
	case trend, hourly:
		return s.forecasters[level].past[:]
	case daily:
		return s.forecasters[trend].past[:]
	}
	return nil
}

// code writes or reads a profile. One byte holds the numbers of samples of four
// bins. A mean is rounded to two bytes. The current bin keeps four bytes, because
// it still changes a little with each sample.
func (p *profile) code(c *coder, bins, now int) {
	for from := 0; from < bins; from += 4 {
		seen := byte(0)
		for i := range 4 {
			seen |= min(p.seen[from+i], often) << (2 * i)
		}
		c.byte(&seen)
		size := 0
		for i := range 4 {
			b := from + i
			switch p.seen[b] = min(seen>>(2*i)&3, often); {
			case p.seen[b] == 0:
			case b == now:
				size += 4
			default:
				size += 2
			}
		}
		next := c.next(size)
		if next == nil {
			continue
		}
		for i := range 4 {
			switch b := from + i; {
			case p.seen[b] == 0:
			case b == now:
				c.single(&p.demand[b], next)
				next = next[4:]
			default:
				c.half(&p.demand[b], next)
				next = next[2:]
			}
		}
	}
}

// time writes or reads a time in whole seconds. The zero time stays zero.
func (c *coder) time(t *time.Time) {
	at := unixSeconds(*t)
	if c.number(&at, maxSeconds); !c.writes && at != 0 {
		*t = time.Unix(at, 0).UTC()
	}
}

// unixSeconds returns the seconds since 1970; 0 for the zero time.
func unixSeconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
