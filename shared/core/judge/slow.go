package judge

import (
	"math"
	"time"
)

// A slow failure is a hazard that the onsets of the last hours do not show: a crash
// every few hours, or the end of each task at one age. Its trials count from the start
// of the revision, so each has one onset, and the bound holds for it (docs/judge.md).

// slowTally counts the trials of slow failures.
type slowTally struct {
	// hourFailed and hourLived count task hours. The last parts of the hours of tasks that
	// were stopped are joined to hours; rest is what is left of them.
	hourFailed, hourLived int
	rest                  time.Duration
	// youngFailed counts those of hourFailed in the first hour of the task.
	youngFailed int
	// ageFailed counts the tasks that failed between one age and twice that age, and
	// ageEntered all tasks that reached it.
	ageFailed, ageEntered [slowAges]int
}

// slowAge returns the i-th age: 1, 2, 4 hours and so on.
func slowAge(i int) time.Duration { return time.Hour << i }

// tallySlow counts the trials from the start of the revision until a time. A later end
// of a task is unknown then.
func (c Case) tallySlow(lives []life, until time.Time) slowTally {
	t := slowTally{hourLived: c.Suspect.Dropped.Hours}
	for i := range slowAges {
		t.ageEntered[i] = c.Suspect.Dropped.Ages[i]
	}
	seen := 0
	for _, l := range lives {
		if l.ended.IsZero() {
			seen++
		}
		if l.ended.After(until) {
			l.ended, l.failed = time.Time{}, false
		}
		t.add(l.age(until), l.failed, l.ended.IsZero())
	}
	for range max(0, c.Running-seen) {
		t.add(max(0, until.Sub(c.since())), false, true)
	}
	return t
}

// add adds one task of this age. An open trial counts as survived.
func (t *slowTally) add(age time.Duration, failed, open bool) {
	if age < startPeriod {
		return // the trial of a start
	}
	t.hourLived += int(age / time.Hour)
	switch {
	case failed:
		t.hourFailed++
		if age < slowAge(0) {
			t.youngFailed++
		}
	case open:
		t.hourLived++
	default:
		t.rest += age % time.Hour
		t.hourLived += int(t.rest / time.Hour)
		t.rest %= time.Hour
	}
	for i := range slowAges {
		if age < slowAge(i) {
			return
		}
		t.ageEntered[i]++
		if failed && age < 2*slowAge(i) {
			t.ageFailed[i]++
		}
	}
}

// evidence returns the mixture of the likelihood ratios of all slow failures.
func (t slowTally) evidence() float64 {
	sum := 0.0
	rates := slowRates()
	for _, q := range rates {
		sum += slowShare * (1 - ageShare) / float64(len(rates)) * math.Exp(t.logRatio(q))
	}
	for i := range slowAges {
		good := 1 - math.Pow(1-goodHour, slowAge(i).Hours())
		for j, q := range ageRates() {
			failed, lived := float64(t.ageFailed[i]), float64(t.ageEntered[i]-t.ageFailed[i])
			ratio := failed*math.Log(q/good) + lived*math.Log((1-q)/(1-good))
			sum += slowShare * ageShare / slowAges * ageWeights()[j] * math.Exp(ratio)
		}
	}
	return sum
}

// logRatio returns the log likelihood ratio of "an hour of a task fails with rate q"
// against the rate of a good revision.
func (t slowTally) logRatio(q float64) float64 {
	return float64(t.hourFailed)*math.Log(q/goodHour) + float64(t.hourLived)*math.Log((1-q)/(1-goodHour))
}

// aged reports whether most failures came after the first hour of the task. Other ones
// are compared with the tasks of the same time.
func (t slowTally) aged() bool { return t.hourFailed >= 2*t.youngFailed }

// compareSlow computes Worse for a slow failure: the older revisions are compared over
// their whole record, because they do not fail in the same minutes.
func (f *Finding) compareSlow(c Case, suspect slowTally) {
	var older slowTally
	for _, cohort := range c.Control {
		older.hourLived += cohort.Dropped.Hours
		for _, l := range livesOf(cohort, c.NotAtFault, nil) {
			older.add(l.age(c.Now), l.failed, l.ended.IsZero())
		}
	}
	f.ControlFailures, f.ControlTasks = older.hourFailed, older.hourFailed+older.hourLived
	f.control = "hours of older revisions"
	f.Silent = f.ControlTasks == 0
	odds, weight := 0.0, 0.0
	for _, q := range slowRates() {
		w := math.Exp(suspect.logRatio(q))
		odds += w * math.Exp(older.logRatio(q))
		weight += w
	}
	f.Worse = 1 / (1 + odds/weight)
}
