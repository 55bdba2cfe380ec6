package judge

import "fmt"

// Traffic compares the requests of the suspect and of the older revision, while a
// deployment shifts them. The zero Traffic is unknown.
type Traffic struct {
	New, Old Arm
}

// Arm is the traffic of one revision, in the minutes in which both had requests.
type Arm struct {
	// Requests and Errors are counts; errors are answers 5xx of the tasks. Erring is the
	// number of minutes with an error.
	Requests, Errors float64
	Erring           int
	// Latency is the average response time, in seconds; zero if it is unknown.
	Latency float64
	// Share is the part of all requests, in percent.
	Share float64
}

// rate returns the share of the requests that failed.
func (a Arm) rate() float64 { return a.Errors / max(1, a.Requests) }

// known reports whether both revisions had enough requests for a comparison.
func (t Traffic) known() bool {
	return t.New.Requests >= leastRequests && t.Old.Requests >= leastRequests
}

// NewFails reports whether the suspect fails requests that the older revision answers.
func (t Traffic) NewFails() bool {
	rate, older := t.New.rate(), t.Old.rate()
	enough := t.New.Errors >= leastErrors && t.New.Erring >= leastErring
	return t.known() && enough && rate >= older+moreErrors && rate >= timesErrors*older
}

// BothFail reports whether both revisions fail requests alike.
func (t Traffic) BothFail() bool {
	rate, older := t.New.rate(), t.Old.rate()
	return t.known() && t.Old.Errors >= leastErrors && t.Old.Erring >= leastErring && older >= likeErrors*rate
}

// NewIsSlower reports whether the suspect needs far longer for a request than the older
// revision in the same minutes.
func (t Traffic) NewIsSlower() bool {
	return t.known() && t.Old.Latency > 0 && t.New.Latency >= timesLatency*t.Old.Latency
}

// judgeTraffic sets the outcome by an alarm, or by the traffic alone. It reports whether
// it did.
func (f *Finding) judgeTraffic(c Case) bool {
	alarm, alarmed := c.failingAlarm()
	switch {
	case alarmed && c.Traffic.BothFail():
		f.Outcome = CommonCause
		f.Text = c.Traffic.headline()
		f.Detail = "alarm " + alarm.Name + " fires, both revisions fail, so a rollback would not help; " + c.Traffic.statistics()
	case alarmed:
		f.failByAlarm(alarm)
		if c.Traffic.known() {
			f.Detail += "; " + c.Traffic.headline() + "; " + c.Traffic.statistics()
		}
	case c.Traffic.NewFails():
		f.Outcome, f.ByTraffic, f.Silent = BadRevision, true, false
		f.Text, f.Detail = c.Traffic.headline(), c.Traffic.statistics()
	default:
		return false
	}
	return true
}

// headline returns the errors of both revisions.
func (t Traffic) headline() string {
	return fmt.Sprintf("5xx in %.1f %% of its requests, %.1f %% of older revisions", 100*t.New.rate(), 100*t.Old.rate())
}

// statistics returns the numbers behind the headline.
func (t Traffic) statistics() string {
	text := fmt.Sprintf("in the same minutes %.0f of %.0f requests failed, against %.0f of %.0f, at %.0f %% of the traffic", t.New.Errors, t.New.Requests, t.Old.Errors, t.Old.Requests, t.New.Share)
	if t.New.Latency > 0 && t.Old.Latency > 0 {
		text += fmt.Sprintf("; latency %.3g s against %.3g s", t.New.Latency, t.Old.Latency)
	}
	return text
}
