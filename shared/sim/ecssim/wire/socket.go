package wire

import (
	"bytes"
	"io"
	"net/http"
)

// SocketClient returns an HTTP client for AWS SDK clients that call a server of
// this machine over a socket. Each client has its own connections.
func SocketClient() *http.Client {
	return &http.Client{Transport: &detached{next: &http.Transport{IdleConnTimeout: idleTimeout}}}
}

// detached sends a copy of the request's body. The SDK closes its body as soon as
// it has the head of the response. A closed body of the SDK returns io.EOF from
// WriteTo. After the last byte of a body, net/http calls WriteTo to find surplus
// bytes. A server of the same machine may already have answered. net/http then
// takes the error for a failed request and closes the connection. Reading the
// response fails with "use of closed network connection".
type detached struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (d *detached) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return d.next.RoundTrip(r)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return d.next.RoundTrip(sent)
}
