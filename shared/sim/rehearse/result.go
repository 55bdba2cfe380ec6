package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// Result is the result of a scenario. Its JSON is stable. Times are seconds of
// the virtual clock from the start of the scenario.
type Result struct {
	Scenario   string            `json:"scenario"`
	Seed       uint64            `json:"seed"`
	Runs       int               `json:"runs"`
	Services   []ServiceResult   `json:"services"`
	Invariants []InvariantResult `json:"invariants"`
}

// ServiceResult is the result of one service. DetectS is nil without a failure or
// a decision about it. RecoverS is nil if the service did not recover.
type ServiceResult struct {
	Service     string          `json:"service"`
	Episodes    []EpisodeResult `json:"episodes"`
	TasksFailed int             `json:"tasks_failed"`
	DowntimeS   float64         `json:"downtime_s"`
	DetectS     *float64        `json:"detect_s"`
	RecoverS    *float64        `json:"recover_s"`
	TaskHours   float64         `json:"task_hours"`
	ViolationS  float64         `json:"violation_s"`
	// History holds the service's counts over time, for charts.
	History []ecssim.Sample `json:"-"`
}

// EpisodeResult is one episode in short.
type EpisodeResult struct {
	At       float64  `json:"at"`
	Trigger  string   `json:"trigger"`
	Cause    string   `json:"cause,omitempty"`
	Decision string   `json:"decision"`
	Reasons  []string `json:"reasons"`
	Verdict  string   `json:"verdict"`
	Action   string   `json:"action,omitempty"`
	Result   string   `json:"result,omitempty"`
}

// InvariantResult is the result of an invariant. Detail names the violation.
type InvariantResult struct {
	Name   string `json:"name"`
	Held   bool   `json:"held"`
	Detail string `json:"detail,omitempty"`
}

// Held reports whether every invariant held.
func (r Result) Held() bool {
	for _, i := range r.Invariants {
		if !i.Held {
			return false
		}
	}
	return true
}

// Result returns the result until now.
func (r *Run) Result() Result {
	out := Result{Scenario: r.scenario.Scenario, Seed: r.options.Seed, Runs: 1, Services: []ServiceResult{}}
	for _, v := range r.scenario.Services {
		out.Services = append(out.Services, r.serviceResult(v))
	}
	out.Invariants = r.invariants()
	return out
}

func (r *Run) serviceResult(v Service) ServiceResult {
	name := v.Cluster + "/" + v.Service
	stats := r.stats(v)
	out := ServiceResult{
		Service: name, Episodes: []EpisodeResult{}, TasksFailed: stats.TasksFailed,
		DowntimeS: round(stats.DowntimeSeconds), TaskHours: round(stats.TaskSeconds / 3600),
		ViolationS: round(stats.ViolationSeconds), History: since(stats.History, r.start),
	}
	var firstFailure, acted time.Time
	for _, e := range r.episodes {
		if e.Ref.String() != name {
			continue
		}
		out.Episodes = append(out.Episodes, r.short(e))
		if firstFailure.IsZero() && e.Trigger.Kind == fleet.TaskStopped && e.Family.BlamesRevision() {
			firstFailure = e.At
		}
		if !firstFailure.IsZero() && acted.IsZero() && e.Decision.Kind == fleet.RollBack && e.Result.Status == fleet.Done {
			acted = e.At
		}
	}
	if !acted.IsZero() {
		out.DetectS = seconds(acted.Sub(firstFailure))
		out.RecoverS = recovered(stats.History, firstFailure, acted)
	}
	return out
}

// stats returns the service's totals without the warm-up before the start.
func (r *Run) stats(v Service) ecssim.Stats {
	stats := r.sim.Stats(v.Cluster, v.Service)
	before := r.warm[v.Cluster+"/"+v.Service]
	stats.TasksFailed -= before.TasksFailed
	stats.DowntimeSeconds -= before.DowntimeSeconds
	stats.ViolationSeconds -= before.ViolationSeconds
	stats.TaskSeconds -= before.TaskSeconds
	return stats
}

// since returns the samples from the start on. The first one holds the state at
// the start.
func since(history []ecssim.Sample, start time.Time) []ecssim.Sample {
	for i, h := range slices.Backward(history) {
		if !h.At.After(start) {
			out := append([]ecssim.Sample(nil), history[i:]...)
			out[0].At = start
			return out
		}
	}
	return history
}

// recovered returns the time from the first failure until, after the action,
// every wanted task served again.
func recovered(history []ecssim.Sample, failed, acted time.Time) *float64 {
	for _, s := range history {
		if s.At.After(acted) && s.Healthy >= s.Desired {
			return seconds(s.At.Sub(failed))
		}
	}
	return nil
}

func seconds(d time.Duration) *float64 {
	s := round(d.Seconds())
	return &s
}

// round keeps three decimals: a millisecond, or some four seconds of a task-hour.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

func (r *Run) short(e fleet.Episode) EpisodeResult {
	out := EpisodeResult{
		At: round(e.At.Sub(r.start).Seconds()), Trigger: string(e.Trigger.Kind), Cause: string(e.Cause),
		Decision: string(e.Decision.Kind), Verdict: string(e.Verdict.Outcome), Result: e.Result.Status, Reasons: []string{},
	}
	for _, why := range e.Why() {
		out.Reasons = append(out.Reasons, string(why.Name)+": "+why.Full())
	}
	if e.Verdict.Action != nil {
		out.Action = Describe(*e.Verdict.Action)
	}
	return out
}

// Describe returns an action in words.
func Describe(a fleet.Action) string {
	switch a.Kind {
	case fleet.SetDesired:
		return "desired " + itoa(a.From) + " → " + itoa(a.To)
	case fleet.StopDeployment:
		return "stop the deployment, back to " + a.TaskDefinition
	case fleet.SetProviders:
		return "new tasks on " + providers(a.Providers)
	case fleet.DrainHost:
		return "drain " + a.Host
	case fleet.Rebalance:
		return "turn zone rebalancing on"
	case fleet.StopTask:
		return "stop the task " + a.Task
	case fleet.ContinueDeployment:
		return "let the deployment go on"
	case fleet.SuspendScaling:
		return "suspend AWS's scaling policies"
	}
	pins := make([]string, 0, len(a.Images))
	for _, c := range a.Images {
		pins = append(pins, c.Image.Repository+"@"+fleet.ShortDigest(c.Image.Digest))
	}
	what := "run " + a.TaskDefinition + " with " + strings.Join(pins, ", ")
	if a.Kind == fleet.RunProbe {
		what = "probe: " + what
	}
	if a.Memory > 0 {
		what += " and " + itoa(a.Memory) + " MiB"
	}
	return what
}

func providers(strategy []fleet.ProviderWeight) string {
	var parts []string
	for _, p := range strategy {
		if p.Weight > 0 || p.Base > 0 {
			parts = append(parts, p.Provider)
		}
	}
	return strings.Join(parts, ", ")
}

// Merge combines several runs of the same scenario. The episodes are those of the
// first run and the figures are means. An invariant holds if it held in every
// run; else its detail has the first break.
func Merge(runs []Result) Result {
	out := runs[0]
	out.Runs = len(runs)
	for i := range out.Services {
		out.Services[i] = mergeService(runs, i)
	}
	for i := range out.Invariants {
		out.Invariants[i] = mergeInvariant(runs, i)
	}
	return out
}

// mergeInvariant returns the first break of an invariant, with the number of runs in
// which it held.
func mergeInvariant(runs []Result, i int) InvariantResult {
	held, first := 0, -1
	for n, run := range runs {
		if run.Invariants[i].Held {
			held++
		} else if first < 0 {
			first = n
		}
	}
	if first < 0 {
		return runs[0].Invariants[i]
	}
	out := runs[first].Invariants[i]
	if len(runs) > 1 {
		out.Detail = fmt.Sprintf("seed %d: %s; it held in %d of %d runs", runs[first].Seed, out.Detail, held, len(runs))
	}
	return out
}

func mergeService(runs []Result, i int) ServiceResult {
	out := runs[0].Services[i]
	failed := 0.0
	down, hours, violation := 0.0, 0.0, 0.0
	var detect, recovery []float64
	for _, run := range runs {
		s := run.Services[i]
		failed += float64(s.TasksFailed)
		down, hours, violation = down+s.DowntimeS, hours+s.TaskHours, violation+s.ViolationS
		if s.DetectS != nil {
			detect = append(detect, *s.DetectS)
		}
		if s.RecoverS != nil {
			recovery = append(recovery, *s.RecoverS)
		}
	}
	n := float64(len(runs))
	out.TasksFailed = int(failed/n + 0.5)
	out.DowntimeS, out.TaskHours, out.ViolationS = round(down/n), round(hours/n), round(violation/n)
	out.DetectS, out.RecoverS = mean(detect), mean(recovery)
	return out
}

func mean(all []float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	m := round(sum / float64(len(all)))
	return &m
}
