package wire

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fxamacker/cbor/v2"
)

// Handler serves one operation, in any protocol.
type Handler func(in Object) (Object, error)

// HostHandler is a Handler for answers that name the server, such as a queue URL.
// base is the URL of the server for the client, "http://host" without a path.
type HostHandler func(base string, in Object) (Object, error)

// Server answers AWS requests with its handlers. Register all handlers before the
// first request. Afterwards it is safe for concurrent use if the handlers are.
type Server struct {
	handlers   map[call]HostHandler
	rules      map[call][]Rule
	mounts     map[string]http.Handler
	middleware []func(service, operation string) error
	models     *Models
	report     func(string)
	warn       func(string)
	decoder    cbor.DecMode
	requests   atomic.Uint64
	// spaces holds buffers of answers, of type *[]byte.
	spaces sync.Pool
}

// call is an operation of a service.
type call struct{ service, operation string }

// NewServer returns a server without operations.
func NewServer() *Server {
	return &Server{
		handlers: map[call]HostHandler{},
		rules:    map[call][]Rule{},
		mounts:   map[string]http.Handler{},
		models:   NewModels(),
		decoder:  newCBORDecoder(),
	}
}

// Handle serves an operation with h. The service is "ecs", "ecr",
// "application-autoscaling", "monitoring", "events", "sqs", "sns", "sts",
// "dynamodb", "logs", "cloudformation", "elasticloadbalancing", "ssm" or
// "secretsmanager". A later registration replaces an earlier one.
func (s *Server) Handle(service, operation string, h Handler) {
	s.HandleHost(service, operation, func(_ string, in Object) (Object, error) { return h(in) })
}

// HandleAll serves the operations of a service.
func (s *Server) HandleAll(service string, operations Operations) {
	for name, h := range operations {
		s.Handle(service, name, h)
	}
}

// HandleHost is Handle for a handler that needs the URL of the server.
func (s *Server) HandleHost(service, operation string, h HostHandler) {
	s.handlers[call{service, operation}] = h
}

// Operations returns the names of the operations with a handler, by service and
// in order.
func (s *Server) Operations() map[string][]string {
	out := map[string][]string{}
	for c := range s.handlers {
		out[c.service] = append(out[c.service], c.operation)
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

// Mount passes all JSON requests with this X-Amz-Target prefix to h, unchanged.
func (s *Server) Mount(targetPrefix string, h http.Handler) { s.mounts[targetPrefix] = h }

// Middleware adds a function that runs before each handler, in order of
// registration, for throttling and recording. Its error becomes the answer.
func (s *Server) Middleware(f func(service, operation string) error) {
	s.middleware = append(s.middleware, f)
}

// Share uses models that other servers use too, so that they are read once.
func (s *Server) Share(m *Models) { s.models = m }

// Check compares every answer with the service's model and reports the
// differences.
func (s *Server) Check(report func(string)) { s.report = report }

// Warn reports the members of requests in memory that no handler reads. On a socket
// such a request is refused.
func (s *Server) Warn(warn func(string)) { s.warn = warn }

// ServeHTTP serves one request of any of the protocols.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, id: s.requestID()}
	x.serve()
}

// requestID counts requests, so that the same run has the same ids.
func (s *Server) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.requests.Add(1))
}

// consult runs the middleware for a call.
func (s *Server) consult(service, operation string) error {
	for _, f := range s.middleware {
		if err := f(service, operation); err != nil {
			return err
		}
	}
	return nil
}

// Invoke calls an operation in memory, without a protocol, for tests of one
// operation. The middleware and Check apply as for a request.
func (s *Server) Invoke(service, operation string, in Object) (Object, error) {
	if err := s.consult(service, operation); err != nil {
		return nil, err
	}
	return s.call(&exchange{service: service, operation: operation, protocol: protocolJSON11}, "http://ecssim.internal", in)
}

// call runs the handler of an operation. base is the URL of the server for the
// client.
func (s *Server) call(x *exchange, base string, in Object) (Object, error) {
	h, ok := s.handlers[call{x.service, x.operation}]
	if !ok {
		return nil, unmodelled(x.protocol, x.service, x.operation)
	}
	if err := s.checkRequest(x, in); err != nil {
		return nil, err
	}
	if err := s.checkRules(x.service, x.operation, in); err != nil {
		return nil, err
	}
	out, err := h(base, in)
	if err != nil {
		return nil, err
	}
	if s.report != nil {
		s.check(x.service, x.operation, out)
	}
	return out, nil
}

func (s *Server) check(service, operation string, out Object) {
	model, err := s.models.Of(service)
	if err != nil {
		s.report(err.Error())
	}
	if model == nil {
		return
	}
	for _, problem := range model.Validate(operation, out) {
		s.report(service + " " + operation + ": " + problem)
	}
}
