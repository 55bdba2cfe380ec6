package wire

import (
	"bytes"
	"io"
	"net/http"
)

// SocketClient returns an HTTP client for AWS SDK clients that call a server of
// this machine over a socket. Each client has connections of its own.
func SocketClient() *http.Client {
	return &http.Client{Transport: &detached{next: &http.Transport{IdleConnTimeout: idleTimeout}}}
}

// detached sends a copy of the request's body. The SDK closes its body as soon
// as it has the head of the response, and a closed body of the SDK answers
// WriteTo with io.EOF. net/http calls WriteTo after the last byte of a body, to
// find surplus bytes. A server of the same machine may have answered by then, and
// net/http takes the error for a failed request: it closes the connection, and
// reading the response fails with "use of closed network connection".
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
