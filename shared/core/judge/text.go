package judge

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Full returns the headline with its detail.
func (f Finding) Full() string {
	if f.Detail == "" {
		return f.Text
	}
	return f.Text + "; " + f.Detail
}

// describe sets the headline with the counts, and the statistics behind it.
func (f *Finding) describe(lives []life) {
	f.Text = f.counts(lives) + ", " + f.comparison()
	if f.Slow {
		f.Text = fmt.Sprintf("%d of %d tasks failed, %s, ", f.Failures, f.Tasks, ages(lives)) + f.comparison()
	}
	f.Detail = f.statistics()
}

// counts returns the record of the suspect, such as "3 of 4 tasks failed within
// 14 s of start".
func (f *Finding) counts(lives []life) string {
	text := fmt.Sprintf("%d of %d tasks failed", f.Failures, f.Tasks)
	if f.Failures > 0 {
		text += " within " + f.period(lives)
	}
	return text
}

// ages returns the ages of the failed tasks as a text.
func ages(lives []life) string {
	least, most := time.Duration(math.MaxInt64), time.Duration(0)
	for _, l := range lives {
		if l.failed && !l.began.IsZero() {
			age := l.ended.Sub(l.began)
			least, most = min(least, age), max(most, age)
		}
	}
	if a, b := hours(least), hours(most); a != b {
		return "at ages of " + a + " to " + b
	}
	return "at an age of " + hours(most)
}

// hours returns a duration in whole hours, or in minutes below two hours.
func hours(d time.Duration) string {
	if d < 2*time.Hour {
		return span(d.Round(time.Minute))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour)/time.Hour))
}

// comparison returns the record of the control, such as "0 of 4 of older
// revisions".
func (f *Finding) comparison() string {
	if f.ControlTasks == 0 {
		return "nothing to compare with"
	}
	return fmt.Sprintf("%d of %d %s", f.ControlFailures, f.ControlTasks, f.control)
}

func (f *Finding) statistics() string {
	return fmt.Sprintf("P(new worse) %.2f, evidence %s : 1, threshold %s : 1", f.Worse, round(f.Evidence), round(f.Needed))
}

// period returns the longest time from start to failure if all tasks failed as
// starts. Else it returns the time from the first failure to the last.
func (f *Finding) period(lives []life) string {
	var oldest time.Duration
	for _, l := range lives {
		if !l.failed || l.ended.Before(f.FirstFailure) {
			continue
		}
		if l.began.IsZero() {
			continue
		}
		oldest = max(oldest, l.ended.Sub(l.began))
	}
	if oldest < startPeriod {
		return span(max(oldest, time.Second)) + " of start"
	}
	return span(max(f.LastFailure.Sub(f.FirstFailure), time.Second))
}

// healthy sets the outcome of a revision without a failure that counts now. A revision
// with earlier failures is healthy only if a task has outlived them.
func (f *Finding) healthy(lives []life, now time.Time) {
	failed, elsewhere, oldest, reached := 0, 0, time.Duration(0), false
	for _, l := range lives {
		if l.failed || l.explained {
			failed++
			oldest = max(oldest, l.ended.Sub(l.start()))
		}
		if l.explained && now.Sub(l.ended) <= resolvedAfter {
			elsewhere++
		}
	}
	for _, l := range lives {
		reached = reached || survivor(l, now) && l.age(now) > oldest
	}
	switch {
	case elsewhere > 0:
		f.Text = fmt.Sprintf("%d of %d tasks failed in the last %s, for no cause of the revision", elsewhere, len(lives), span(resolvedAfter))
	case failed == 0:
		f.Outcome, f.Text = Healthy, survivors(lives, now)+", none failed"
	case reached:
		f.Outcome, f.Text = Healthy, survivors(lives, now)+fmt.Sprintf(", %d failed before", failed)
	default:
		f.Text = fmt.Sprintf("%d of %d tasks failed before, no task has outlived them", failed, len(lives))
	}
}

// age returns the time for which the task ran, or has run.
func (l life) age(now time.Time) time.Duration {
	switch {
	case l.began.IsZero():
		return 0
	case l.ended.IsZero():
		return now.Sub(l.began)
	}
	return l.ended.Sub(l.began)
}

// survivors returns the number of tasks that passed their start as a text.
func survivors(lives []life, now time.Time) string {
	n := 0
	for _, l := range lives {
		if survivor(l, now) {
			n++
		}
	}
	if n == 1 {
		return fmt.Sprintf("1 task ran for %s or longer", span(startPeriod))
	}
	return fmt.Sprintf("%d tasks ran for %s or longer", n, span(startPeriod))
}

func anySurvivor(lives []life, now time.Time) bool {
	for _, l := range lives {
		if survivor(l, now) {
			return true
		}
	}
	return false
}

func survivor(l life, now time.Time) bool {
	return !l.failed && !l.explained && l.age(now) >= startPeriod
}

func failingPeers(peers []Peer) string {
	var names []string
	for _, p := range peers {
		names = append(names, p.Name+" ("+p.Shares+")")
	}
	if len(names) == 0 {
		return ""
	}
	return "; failing peers: " + strings.Join(names, ", ")
}

// controlName returns the noun of the tasks that the suspect is compared with.
func (c Case) controlName() string {
	switch older := len(c.Control) > 0 || c.ControlRunning > 0; {
	case older && len(c.Peers) > 0:
		return "of older revisions and peers"
	case len(c.Peers) > 0:
		return "of peers"
	}
	return "of older revisions"
}

func at(placeKind, place string) string {
	switch placeKind {
	case ofHost:
		return "on host " + place
	case ofZone:
		return "in zone " + place
	}
	return "on " + place
}

// short returns the name cut to the length that a headline has room for.
func short(name string) string {
	runes := []rune(name)
	if len(runes) <= maxName {
		return name
	}
	return string(runes[:maxName-1]) + "…"
}

// span returns a duration with its unit: whole seconds, or minutes from 2 minutes
// on if they are whole or from 10 minutes on.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= 2*time.Minute && d%time.Minute == 0 || d >= 10*time.Minute {
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

// round returns odds with two digits.
func round(x float64) string {
	if x >= manyTimes {
		return "over a million"
	}
	if x >= 10 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2g", x)
}
