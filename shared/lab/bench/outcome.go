package bench

import "time"

// outcome is what a run came to. Times are seconds of the virtual clock.
type outcome struct {
	// detected: a bad revision was rolled back to a good one.
	detected bool
	// falsely: a good revision was rolled back. inVain: a rollback was made that
	// could not cure.
	falseRollback, ineffective bool
	// failed are the tasks that failed before the decision, known those of them
	// that ECS had told of; where nothing was decided, all that failed.
	failed, known int
	// decide and recover count from the first failure; nil where it never came.
	decide, recover *float64
	downtime        float64
	// react is the time from the event that Homeostat rolled back for to its call.
	reaction *float64
}

// outcome sums the run up.
func (w *watch) outcome(group string) outcome {
	out := outcome{downtime: w.downtime() - w.before}
	for _, s := range w.subjects {
		s.addTo(&out, group)
	}
	if at, ok := w.emitted[w.trigger]; ok && !w.called.IsZero() {
		out.reaction = seconds(w.called.Sub(at))
	}
	return out
}

func (s *subject) addTo(out *outcome, group string) {
	decision := s.decision(out, group)
	for _, f := range s.failures {
		out.failed += count(decision.IsZero() || !f.ended.After(decision))
		out.known += count(decision.IsZero() || !f.knownAt.After(decision))
	}
	first := s.firstFailure()
	if group != groupBad || !out.detected || first.IsZero() {
		return
	}
	out.decide = seconds(max(0, decision.Sub(first)))
	if !s.recovered.IsZero() {
		out.recover = seconds(max(0, s.recovered.Sub(first)))
	}
}

// decision is when the service was rolled back: from a bad revision to a good
// one or, where that never happened, at all; zero where it never was.
func (s *subject) decision(out *outcome, group string) (at time.Time) {
	for _, r := range s.rollbacks {
		wrong, vain := !s.bad(r.from), s.bad(r.to)
		out.falseRollback = out.falseRollback || wrong
		out.ineffective = out.ineffective || vain || wrong && group == groupIncident
		right := !wrong && !vain && !out.detected
		if right || at.IsZero() {
			at = r.at
		}
		out.detected = out.detected || right
	}
	return at
}

// firstFailure is when a task of a bad revision failed first, or answered with
// an error where it answers with errors; zero where none did.
func (s *subject) firstFailure() (first time.Time) {
	if b := s.watch.scenario.Images[badImage]; b.ErrorRate > 0 {
		first = s.served
	}
	for _, f := range s.failures {
		if s.bad(f.digest) && (first.IsZero() || f.ended.Before(first)) {
			first = f.ended
		}
	}
	return first
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}
