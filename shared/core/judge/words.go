package judge

import (
	"fmt"
	"strings"
	"time"
)

// counts are both arms' records in words.
func (f *Finding) counts(lives []life) string {
	old := "nothing to compare with"
	if f.ControlTasks > 0 {
		old = fmt.Sprintf("%d of %d others", f.ControlDeaths, f.ControlTasks)
	}
	return fmt.Sprintf("%d of %d died %s, %s", f.Deaths, f.Tasks, f.speed(lives), old)
}

func (f *Finding) verdict(lives []life) string {
	return fmt.Sprintf("%s: P(new worse) %.2f, evidence %s : 1, needed %s : 1",
		f.counts(lives), f.Worse, round(f.Evidence), round(f.Needed))
}

// speed is how soon the tasks died: after their start where they all died young,
// else within what time.
func (f *Finding) speed(lives []life) string {
	var oldest time.Duration
	for _, l := range lives {
		if !l.died || l.ended.Before(f.FirstFailure) {
			continue
		}
		if l.began.IsZero() {
			continue
		}
		oldest = max(oldest, l.ended.Sub(l.began))
	}
	if oldest < youth {
		return fmt.Sprintf("within %s of their start", max(oldest, time.Second).Round(time.Second))
	}
	return fmt.Sprintf("within %s", max(f.LastDeath.Sub(f.FirstFailure), time.Second).Round(time.Second))
}

func (f *Finding) healthy(lives []life, now time.Time) string {
	n := 0
	for _, l := range lives {
		if survivor(l, now) {
			n++
		}
	}
	if n == 1 {
		return fmt.Sprintf("1 task ran for %s or longer, none died", youth)
	}
	return fmt.Sprintf("%d tasks ran for %s or longer, none died", n, youth)
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
	last := now
	if !l.ended.IsZero() {
		last = l.ended
	}
	return !l.died && !l.began.IsZero() && last.Sub(l.began) >= youth
}

func sharing(neighbours []Peer) string {
	var names []string
	for _, n := range neighbours {
		names = append(names, n.Name+" ("+n.Shares+")")
	}
	if len(names) == 0 {
		return ""
	}
	return "; failing too: " + strings.Join(names, ", ")
}

// round is a figure to two digits, as odds are said.
func round(x float64) string {
	if x >= 1e6 {
		return "over a million"
	}
	if x >= 10 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2g", x)
}
