package wire

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport returns an http.RoundTripper that calls h in memory, without sockets.
// It accepts requests for any host. It has no goroutines: the answer is complete
// when RoundTrip returns.
func Transport(h http.Handler) http.RoundTripper { return &transport{handler: h} }

type transport struct{ handler http.Handler }

// RoundTrip serves the request and returns the answer.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := *r // a RoundTripper must not change its request
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if served.Host == "" && r.URL != nil {
		served.Host = r.URL.Host
	}
	if served.Header == nil {
		served.Header = http.Header{}
	}
	served.RequestURI = r.URL.RequestURI()
	answer := &recorder{header: make(http.Header, 4)}
	t.handler.ServeHTTP(answer, &served)
	return answer.response(r), nil
}

// recorder is an http.ResponseWriter that stores the response.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.body == nil {
		r.body = bytes.Clone(p)
	} else {
		r.body = append(r.body, p...)
	}
	return len(p), nil
}

func (r *recorder) response(request *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        strconv.Itoa(r.status) + " " + http.StatusText(r.status),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header,
		Body:          io.NopCloser(bytes.NewReader(r.body)),
		ContentLength: int64(len(r.body)),
		Request:       request,
	}
}
