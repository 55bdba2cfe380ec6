package calendar

import "time"

// Window is a time after each occurrence of a cron expression. Both ends follow
// the clock of the zone. Ten hours from 22:00 end at 08:00, also in nights with a
// clock change, so consecutive windows leave no gap. The zero Window is never
// open.
type Window struct {
	cron   Cron
	zone   *time.Location
	length time.Duration
}

// NewWindow returns a window of this length from each occurrence.
func NewWindow(cron Cron, zone *time.Location, length time.Duration) Window {
	return Window{cron, zone, length}
}

// Open reports whether the window is open, and returns its start and end.
func (w Window) Open(now time.Time) (start, end time.Time, open bool) {
	if w.zone == nil {
		return time.Time{}, time.Time{}, false
	}
	wall := clock(now, w.zone)
	since := wall.Add(-w.length - putBack)
	// The clock may have shown a later time before it was put back.
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

// Next returns the first start of the window after now.
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

// end returns the end of a window from its actual start. If the clock skips the
// planned start, the window begins at the jump and keeps its length.
func (w Window) end(start time.Time) time.Time {
	return instant(clock(start, w.zone).Add(w.length), w.zone)
}

// clock returns the time of the wall clock, written as a time of UTC.
func clock(now time.Time, zone *time.Location) time.Time {
	return now.UTC().Add(offset(now, zone))
}

// offset returns the difference of the zone from UTC at a time.
func offset(now time.Time, zone *time.Location) time.Duration {
	_, seconds := now.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// instant returns the first moment at which the wall clock shows that time or a
// later one: the first of two, or the jump over a skipped time. It uses offsets
// only. The standard library returns wrong ends of offsets on the last day of leap
// years.
func instant(wall time.Time, zone *time.Location) time.Time {
	before, after := offset(wall.Add(-maxOffset), zone), offset(wall.Add(maxOffset), zone)
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
