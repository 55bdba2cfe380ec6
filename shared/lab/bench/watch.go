package bench

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/rehearse"
)

// watch measures one run from the outside.
type watch struct {
	scenario *rehearse.Scenario
	run      *rehearse.Run
	subjects []*subject
	stops    []time.Time // times of StopServiceDeployment calls
	before   float64     // seconds of downtime before the start
	// emitted holds the time of each event by its ID.
	emitted map[string]time.Time
	// called and trigger describe Homeostat's first rollback and its event.
	called  time.Time
	trigger string
}

// subject is a watched service.
type subject struct {
	watch         *watch
	cluster, name string
	deployed      []string // digests, in the order of their first deployment
	current       string
	revision      map[string]string // deployment → digest
	failures      []failure
	rollbacks     []rollback
	served        time.Time // time of the first serving task of a bad revision
	recovered     time.Time // time of the full set of good tasks after a rollback
	polling       bool
}

// failure is a failed task.
type failure struct {
	ended, knownAt time.Time
	digest         string
}

// rollback is a deployment of an earlier digest.
type rollback struct {
	at       time.Time
	from, to string
}

// begin attaches the watch to a run before the start of its clock.
func (w *watch) begin(run *rehearse.Run, homeostat bool) {
	w.run = run
	sim := run.Sim()
	for _, v := range w.scenario.Services {
		s := &subject{watch: w, cluster: v.Cluster, name: v.Service, revision: map[string]string{}}
		w.subjects = append(w.subjects, s)
		s.recordDeployment()
	}
	sim.Events(w.onEvent)
	if homeostat {
		sim.Events(w.recordEmission)
	}
	sim.Server().Middleware(func(_, operation string) error {
		if operation == "StopServiceDeployment" {
			w.stops = append(w.stops, sim.Now())
		}
		return nil
	})
	sim.At(run.Start(), func() { w.before = w.downtime() })
}

// downtime returns the downtime of all services in seconds.
func (w *watch) downtime() (seconds float64) {
	for _, s := range w.subjects {
		seconds += w.run.Sim().Stats(s.cluster, s.name).DowntimeSeconds
	}
	return seconds
}

// recordEmission stores the time of an event.
func (w *watch) recordEmission(raw []byte) {
	if _, rest, ok := bytes.Cut(raw, []byte(`"id":"`)); ok {
		id, _, _ := bytes.Cut(rest, []byte(`"`))
		w.emitted[string(id)] = w.run.Sim().Now()
	}
}

// onEvent receives every event of ECS. It decodes the few relevant ones.
func (w *watch) onEvent(raw []byte) {
	if !bytes.Contains(raw, []byte(`"lastStatus":"STOPPED"`)) && !bytes.Contains(raw, []byte("SERVICE_DEPLOYMENT_IN_PROGRESS")) {
		return
	}
	var e taskEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return
	}
	now, d := w.run.Sim().Now(), e.Detail
	switch {
	case d.EventName == "SERVICE_DEPLOYMENT_IN_PROGRESS" && len(e.Resources) == 1:
		if s := w.subject(e.Resources[0]); s != nil {
			s.recordDeployment()
		}
	case d.LastStatus == "STOPPED" && d.failed() && !now.Before(w.run.Start()):
		s := w.subject(last(d.ClusterArn, "/") + "/" + strings.TrimPrefix(d.Group, "service:"))
		if s == nil {
			return
		}
		ended := d.ExecutionStoppedAt
		if ended.IsZero() {
			ended = now
		}
		s.failures = append(s.failures, failure{ended: ended, knownAt: now.Add(eventDelay), digest: s.revision[d.StartedBy]})
	}
}

// subject returns the service of an ARN, or of cluster/service.
func (w *watch) subject(name string) *subject {
	for _, s := range w.subjects {
		if strings.HasSuffix("/"+name, "/"+s.cluster+"/"+s.name) {
			return s
		}
	}
	return nil
}

// recordDeployment records the deployed digest. A return to an earlier digest is a
// rollback, because no scenario does that itself.
func (s *subject) recordDeployment() {
	g, ok := s.watch.run.Sim().ServiceSummary(s.cluster, s.name)
	if !ok {
		return
	}
	s.revision[g.Deployment] = g.Digest
	old, now := slices.Index(s.deployed, s.current), slices.Index(s.deployed, g.Digest)
	switch {
	case now < 0:
		s.deployed = append(s.deployed, g.Digest)
	case now < old:
		s.rollbacks = append(s.rollbacks, rollback{at: s.watch.decided(), from: s.current, to: g.Digest})
	}
	s.current = g.Digest
	if s.bad(g.Digest) || len(s.rollbacks) > 0 {
		s.poll()
	}
}

// decided returns the time of the call for the rollback that begins now.
func (w *watch) decided() time.Time {
	now := w.run.Sim().Now()
	for _, at := range w.stops {
		if now.Sub(at) <= maxStopLead {
			return at
		}
	}
	return now
}

func (s *subject) bad(digest string) bool { return s.watch.run.Behaviour(digest) == badImage }

// poll counts the serving tasks until the outcome is complete.
func (s *subject) poll() {
	if s.polling {
		return
	}
	s.polling = true
	s.count()
}

func (s *subject) count() {
	sim := s.watch.run.Sim()
	g, ok := sim.ServiceSummary(s.cluster, s.name)
	good := 0
	for digest, tasks := range g.Serving {
		if !s.bad(digest) {
			good += tasks
		} else if s.served.IsZero() {
			s.served = sim.Now()
		}
	}
	if ok && len(s.rollbacks) > 0 && s.recovered.IsZero() && !s.bad(g.Digest) && good >= g.Desired {
		s.recovered = sim.Now()
	}
	if s.polling = len(s.rollbacks) > 0 && s.recovered.IsZero() || len(s.rollbacks) == 0 && s.served.IsZero(); s.polling {
		sim.At(sim.Now().Add(pollInterval), s.count)
	}
}

// episode records Homeostat's rollback.
func (w *watch) episode(e fleet.Episode) {
	if w.called.IsZero() && e.Decision.Kind == fleet.RollBack && e.Result.Status == fleet.Done {
		w.called, w.trigger = e.At, e.Trigger.ID
	}
}
