package demand

import (
	"errors"
	"time"
)

// layout is the version of the bytes; another one is learned anew.
const layout = 4

// usualBytes is about as many as a state has that has learned for days.
const usualBytes = 6000

// MarshalBinary is the state as bytes: the more it has learned, the more.
func (s *State) MarshalBinary() ([]byte, error) {
	c := coder{writes: true, bytes: make([]byte, usualBytes)}
	version := byte(layout)
	c.byte(&version)
	s.code(&c)
	return c.bytes[:c.at], nil
}

// UnmarshalBinary reads what MarshalBinary wrote. Bytes of another layout, or
// that cannot be a state, leave the state as it is and are an error: the
// service is learned anew.
func (s *State) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != layout {
		return errors.New("the learned state is of another layout")
	}
	c := coder{bytes: data, at: 1}
	var out State
	out.code(&c)
	if c.broken || c.at < len(data) {
		return errors.New("the learned state holds what no state can")
	}
	*s = out
	return nil
}

// code writes or reads all that is kept. What is written is left as it is.
func (s *State) code(c *coder) {
	s.codeHead(c)
	c.floats(&s.level, &s.slope, &s.surprise, &s.last, &s.steady, &s.strayed, &s.meanNeed, &s.meanWork, &s.weight)
	for i := range s.forecasters {
		f := &s.forecasters[i]
		c.floats(&f.ahead, &f.brief, &f.lasting, &f.total)
		c.sparse(f.past[:], s.pastLike(i))
		c.sparse(f.errors[:], nil)
	}
	middle := float64(seconds(s.Newest)) - s.Period.Seconds()/2
	s.hour.code(c, hourBins, binOf(hourBins, 3600, middle))
	s.day.code(c, dayBins, binOf(dayBins, 86400, middle))
	s.codeFleets(c)
	for i := range s.startups {
		took := int(s.startups[i])
		c.small(&took)
		s.startups[i] = uint16(took)
	}
	s.codeCost(c)
}

// codeHead is what all the rest is reckoned from.
func (s *State) codeHead(c *coder) {
	rung := byte(s.Signal)
	c.byte(&rung)
	s.Signal = Signal(rung)
	period := int64(s.Period)
	c.number(&period, int64(mostPeriod))
	s.Period = time.Duration(period)
	c.moment(&s.Newest)
	c.moment(&s.panicUntil)
	c.small(&s.panicCount)
	c.whole(&s.chosen, shadows-1)
	c.whole(&s.startup, mostCount)
	c.whole(&s.count, mostCount)
	c.small(&s.steadyFor)
	c.broken = c.broken || s.Signal > CPU
}

// codeCost is what a request costs, with the counts that are still to be set
// against the CPU of their time.
func (s *State) codeCost(c *coder) {
	c.floats(&s.cost.busy, &s.cost.requests, &s.cost.seconds)
	c.number(&s.cost.newest, mostSeconds)
	before := s.cost.newest
	for i := range s.requests {
		one := &s.requests[i]
		c.after(&one.end, before)
		before = one.end
		c.number(&one.seconds, mostSeconds)
		c.floats(&one.n)
	}
}

// pastLike are the forecasts that those of a forecaster are mostly the same as:
// the trend's where nothing rises, the profiles' where they do not raise.
func (s *State) pastLike(i int) []float64 {
	switch i {
	case trend, hourly:
		return s.forecasters[level].past[:]
	case daily:
		return s.forecasters[trend].past[:]
	}
	return nil
}

// code writes or reads a profile: for four bins a byte says how often each was
// seen. A mean of many samples is only known so well; the bin of now is still
// being learned, a little from each sample, so nothing of it is rounded off.
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
				c.single(&p.work[b], next)
				next = next[4:]
			default:
				c.half(&p.work[b], next)
				next = next[2:]
			}
		}
	}
}

// moment is a time in whole seconds, which keeps the zero time zero.
func (c *coder) moment(t *time.Time) {
	at := seconds(*t)
	if c.number(&at, mostSeconds); !c.writes && at != 0 {
		*t = time.Unix(at, 0).UTC()
	}
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
