package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sdkBody is a request body with the methods of the AWS SDK's body: after Close,
// Read and WriteTo return io.EOF.
type sdkBody struct {
	mu     sync.Mutex
	data   *strings.Reader
	closed bool
}

func (b *sdkBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, io.EOF
	}
	return b.data.Read(p)
}

func (b *sdkBody) WriteTo(w io.Writer) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, io.EOF
	}
	return b.data.WriteTo(w)
}

func (b *sdkBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// slowConn is a connection that sends the body at once and returns from Write
// when release is closed. A client on a busy machine behaves the same.
type slowConn struct {
	net.Conn
	body    string
	release <-chan struct{}
}

func (c *slowConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.HasSuffix(p, []byte(c.body)) {
		<-c.release
	}
	return n, err
}

func TestAnAnswerIsReadWhenTheServerIsFasterThanTheClient(t *testing.T) {
	const sent = "the request"
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, sent, string(got))
		_, err = io.WriteString(w, "first half, ")
		assert.NoError(t, err)
		w.(http.Flusher).Flush()
		<-release
		_, err = io.WriteString(w, "second half")
		assert.NoError(t, err)
	}))
	defer server.Close()
	client := &http.Client{Transport: &detached{next: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &slowConn{conn, sent, release}, err
		},
	}}}
	body := &sdkBody{data: strings.NewReader(sent)}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	require.NoError(t, err)
	request.ContentLength = int64(len(sent))
	answer, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, body.Close(), "the SDK closes the body here")
	close(release)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Equal(t, "first half, second half", string(text))
	require.NoError(t, answer.Body.Close())
}

func TestARequestWithoutBodyIsSentAsItIs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Zero(t, r.ContentLength)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	require.NoError(t, err)
	answer, err := SocketClient().Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusNoContent, answer.StatusCode)
}
