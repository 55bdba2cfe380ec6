package calendar

import "time"

// Window is the time that follows each occurrence of a cron expression, both by
// the clock of a zone: ten hours from 22:00 end at 08:00 also in the nights in
// which the clock changes. So windows that follow one another leave no hole.
// The zero Window is never open.
type Window struct {
	cron   Cron
	zone   *time.Location
	length time.Duration
}

// NewWindow is open for so long from each occurrence.
func NewWindow(cron Cron, zone *time.Location, length time.Duration) Window {
	return Window{cron, zone, length}
}

// putBack is longer than any clock is put back, and than the time in which it
// then shows again what it has shown before.
const putBack = 3 * time.Hour

// Open reports whether the window is open, and when it began and ends.
func (w Window) Open(now time.Time) (start, end time.Time, open bool) {
	if w.zone == nil {
		return time.Time{}, time.Time{}, false
	}
	wall := clock(now, w.zone)
	since := wall.Add(-w.length - putBack)
	// What the clock shows later may have been shown before it was put back.
	before, after := offset(now.Add(-putBack), w.zone), offset(now, w.zone)
	for last := wall.Add(max(0, before-after)); ; {
		at, ok := w.cron.previous(last, since)
		if !ok {
			return time.Time{}, time.Time{}, false
		}
		if start = instant(at, w.zone); !start.After(now) {
			if end = w.end(start); now.Before(end) {
				return start, end, true
			}
			return time.Time{}, time.Time{}, false
		}
		last = at.Add(-time.Minute)
	}
}

// Next is when the window next opens after now.
func (w Window) Next(now time.Time) (start time.Time, ok bool) {
	if w.zone == nil {
		return time.Time{}, false
	}
	for wall := clock(now, w.zone); ; {
		at, ok := w.cron.next(wall)
		if !ok {
			return time.Time{}, false
		}
		if start = instant(at, w.zone); start.After(now) {
			return start, true
		}
		wall = at.Add(time.Minute)
	}
}

// end is by the clock that the window really began on: one that begins in an
// hour which is left out begins when the clock jumps, and keeps its length.
func (w Window) end(start time.Time) time.Time {
	return instant(clock(start, w.zone).Add(w.length), w.zone)
}

// clock is what the wall clock shows, written as a time of UTC.
func clock(now time.Time, zone *time.Location) time.Time {
	return now.UTC().Add(offset(now, zone))
}

func offset(now time.Time, zone *time.Location) time.Duration {
	_, seconds := now.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// instant is the first moment at which the wall clock shows that time or a later
// one: the first of two, and the jump where the time is left out. It asks for
// offsets only: what the standard library says of where they end is wrong on the
// last day of leap years.
func instant(wall time.Time, zone *time.Location) time.Time {
	// No clock is so far from UTC, and none changes twice in between.
	const far = 15 * time.Hour
	before, after := offset(wall.Add(-far), zone), offset(wall.Add(far), zone)
	late, early := wall.Add(-before), wall.Add(-after)
	if offset(late, zone) == before {
		return late
	}
	if offset(early, zone) == after {
		return early
	}
	for late.Sub(early) > time.Second {
		middle := early.Add((late.Sub(early) / 2).Truncate(time.Second))
		if offset(middle, zone) == before {
			early = middle
		} else {
			late = middle
		}
	}
	return late
}
