package bench

import "time"

// outcome holds the figures of a run. Times are seconds of the virtual clock.
type outcome struct {
	// detected reports a rollback from a bad revision to a good one.
	detected bool
	// falseRollback reports a rollback of a good revision. ineffective reports a
	// rollback without an effect on the cause.
	falseRollback, ineffective bool
	// failed counts the failed tasks before the decision, and known those with an
	// event. Without a decision they count all failures.
	failed, known int
	// decide and recover count from the first failure. They are nil if that never
	// happened.
	decide, recover *float64
	downtime        float64
	// reaction is the time from the triggering event to Homeostat's rollback call.
	reaction *float64
}

// outcome returns the figures of the run.
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

// decision returns the time of the first rollback from a bad revision to a good
// one. Without one it returns the time of the first rollback, or zero.
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

// firstFailure returns the time of the first failure of a bad revision, or of its
// first error response. It returns zero without a failure.
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
