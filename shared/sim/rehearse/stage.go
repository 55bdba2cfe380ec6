package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Stage serves a simulated account, and moves its clock. It is safe for concurrent use.
type Stage struct {
	scenario *Scenario
	options  Options
	mux      *http.ServeMux

	// run is read without the lock, so that requests do not wait for a long step.
	run atomic.Pointer[Run]

	mu     sync.Mutex // one step of the clock at a time
	speed  float64
	paused bool
	broken error // a step of the scenario failed: the clock stands
}

// NewStage returns a stage at the start of a scenario. speed is the number of virtual
// seconds in a second of Tick; 0 stops the clock.
func NewStage(s *Scenario, o Options, speed float64) (*Stage, error) {
	st := &Stage{scenario: s, options: o, speed: speed, mux: http.NewServeMux()}
	if err := st.reset(s, o); err != nil {
		return nil, err
	}
	for path, change := range map[string]func(*http.Request) error{
		"/_homeostat/advance": st.advance,
		"/_homeostat/pause":   func(*http.Request) error { return st.pause(true) },
		"/_homeostat/resume":  func(*http.Request) error { return st.pause(false) },
		"/_homeostat/reset":   st.resetTo,
	} {
		st.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { st.answer(w, change(r)) })
	}
	st.mux.HandleFunc("GET "+nowPath, func(w http.ResponseWriter, _ *http.Request) { st.answer(w, nil) })
	st.mux.HandleFunc("/_homeostat/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf("%s %s is unknown, expected GET now, or POST advance?d=DURATION, pause, resume or reset", r.Method, r.URL.Path), http.StatusNotFound)
	})
	return st, nil
}

// ServeHTTP implements http.Handler: the clock below /_homeostat/, AWS elsewhere.
func (st *Stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_homeostat/") && r.URL.Path != bundlePath {
		st.mux.ServeHTTP(w, r)
		return
	}
	st.run.Load().serve(w, r)
}

// nowPath is the path of the time of the account.
const nowPath = "/_homeostat/now"

// serve answers a request to the simulated account.
func (r *Run) serve(w http.ResponseWriter, request *http.Request) {
	now := r.sim.Now()
	// Clients learn the time of the account from the header of every answer.
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	switch {
	case request.URL.Path == nowPath:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]time.Time{"now": now}) // the client may be gone
	case r.serveLambda(w, request):
	default:
		r.sim.Handler().ServeHTTP(w, request)
	}
}

// Now returns the virtual time.
func (st *Stage) Now() time.Time {
	return st.run.Load().Sim().Now()
}

// answer writes the state of the clock, or an error.
func (st *Stage) answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	st.mu.Lock()
	state := struct {
		Now    time.Time `json:"now"`
		Speed  float64   `json:"speed"`
		Paused bool      `json:"paused"`
		Error  string    `json:"error,omitempty"`
	}{Now: st.Now(), Speed: st.speed, Paused: st.paused || st.speed == 0}
	if st.broken != nil {
		state.Error = st.broken.Error()
	}
	st.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(state) // the client may be gone
}

// advance moves the clock on by the duration d of the query.
func (st *Stage) advance(r *http.Request) error {
	d, err := time.ParseDuration(r.URL.Query().Get("d"))
	if err != nil || d <= 0 || d > maxAdvance {
		return fmt.Errorf("d is %q, expected a duration such as 2m, at most %s", r.URL.Query().Get("d"), maxAdvance)
	}
	return st.step(r.Context(), d)
}

// maxAdvance is the greatest step of one request. Chosen: a month takes some minutes.
const maxAdvance = 31 * 24 * time.Hour

func (st *Stage) step(ctx context.Context, d time.Duration) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.move(ctx, d)
}

// move moves the clock on. The caller holds mu.
func (st *Stage) move(ctx context.Context, d time.Duration) error {
	err := st.run.Load().Advance(ctx, st.Now().Add(d))
	if err != nil && ctx.Err() == nil {
		st.broken = err
	}
	return err
}

func (st *Stage) pause(paused bool) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.paused = paused
	return nil
}

// resetTo begins anew: with the fleet, or with ?empty=true in an account without any
// cluster, table, queue or rule. Homeostat is not installed there.
func (st *Stage) resetTo(r *http.Request) error {
	switch empty := r.URL.Query().Get("empty"); empty {
	case "", "false":
		return st.reset(st.scenario, st.options)
	case "true":
		bare := st.options
		bare.Bare = true
		return st.reset(st.scenario.Empty(), bare)
	default:
		return fmt.Errorf("empty is %q, expected true or false", empty)
	}
}

func (st *Stage) reset(s *Scenario, o Options) error {
	run, err := New(s, o)
	if err != nil {
		return err
	}
	run.Begin()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.run.Store(run)
	st.broken = nil
	return nil
}

// Tick moves the clock on until ctx ends.
func (st *Stage) Tick(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		st.mu.Lock()
		if !st.paused && st.speed > 0 && st.broken == nil {
			_ = st.move(ctx, time.Duration(float64(every)*st.speed)) // the state shows the error
		}
		st.mu.Unlock()
	}
}
