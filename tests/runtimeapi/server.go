// Package runtimeapi is the Lambda Runtime API for a function's process: the
// documented HTTP interface of version 2018-06-01, and the process itself. It is
// for tests and benchmarks of the built artefact.
package runtimeapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	prefix = "/2018-06-01/runtime/"
	// maxPayload is Lambda's limit for a synchronous response.
	maxPayload = 6 << 20
	// headerTimeout is the time for the headers of a function's request.
	headerTimeout = 10 * time.Second
)

// Answer is a function's answer to one invocation. Failed is true for a request
// to /error; Payload is then the error object.
type Answer struct {
	RequestID string
	Payload   []byte
	Failed    bool
	// At is the time when the last byte of the answer arrived.
	At time.Time
}

// invocation is one event on its way to the function and back.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan Answer // of capacity one
}

// server is the Runtime API of one execution environment: one function, one
// invocation at a time.
type server struct {
	arn     string
	address string
	http    *http.Server
	work    chan *invocation
	inits   chan Answer // requests to /init/error, of capacity one

	mu      sync.Mutex
	issued  int
	current *invocation // delivered and not answered yet
}

func listen(ctx context.Context, arn string) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the runtime API: %w", err)
	}
	s := &server{arn: arn, address: listener.Addr().String(), work: make(chan *invocation), inits: make(chan Answer, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"invocation/next", s.next)
	mux.HandleFunc("POST "+prefix+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.answered(w, r, false) })
	mux.HandleFunc("POST "+prefix+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.answered(w, r, true) })
	mux.HandleFunc("POST "+prefix+"init/error", s.initFailed)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

func (s *server) close() { _ = s.http.Close() }

// invocation returns an invocation with a new id.
func (s *server) invocation(payload []byte, deadline time.Time) *invocation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	return &invocation{
		id:      fmt.Sprintf("00000000-0000-4000-a000-%012x", s.issued),
		payload: payload, deadline: deadline, answer: make(chan Answer, 1),
	}
}

// next waits for an event, without a limit.
func (s *server) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case i := <-s.work:
		s.mu.Lock()
		s.current = i
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", s.arn)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
		_, _ = w.Write(i.payload)
	}
}

func (s *server) answered(w http.ResponseWriter, r *http.Request, failed bool) {
	id := r.PathValue("id")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).")
		return
	}
	s.mu.Lock()
	i := s.current
	known := err == nil && i != nil && i.id == id
	if known {
		s.current = nil
	}
	s.mu.Unlock()
	if !known {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	i.answer <- Answer{RequestID: id, Payload: body, Failed: failed, At: time.Now()}
	accept(w)
}

func (s *server) initFailed(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	select {
	case s.inits <- Answer{Payload: body, Failed: true, At: time.Now()}:
	default: // one is enough
	}
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errorMessage":%q,"errorType":%q}`, message, kind)
}

// output stores the output of a process.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}
