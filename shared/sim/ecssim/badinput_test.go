package ecssim

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever a client sends over a socket, the answer is one of AWS's kind.
func TestBadInputOverASocketIsAnsweredAsAWSDoes(t *testing.T) {
	server := httptest.NewServer(newWorld(t, Config{}).Handler())
	t.Cleanup(server.Close)
	const ecs = "AmazonEC2ContainerServiceV20141113."
	for _, c := range []struct {
		name, target, body string
		code, message      string
	}{
		{"an operation that is none", ecs + "MakeCoffee", `{}`, "UnknownOperationException", "ecssim does not model the operation MakeCoffee of ecs"},
		{"a member of the last month", ecs + "UpdateService", `{"cluster":"shop","service":"web","orbit":{"height":1}}`, "InvalidParameterException", "does not model the member orbit of UpdateService"},
		{"a nested member of the last month", ecs + "RegisterTaskDefinition", `{"family":"f","containerDefinitions":[{"name":"a","image":"i","memory":64,"warp":true}]}`, "ClientException", "containerDefinitions.1.member.warp"},
		{"a body that is no JSON", ecs + "ListClusters", `<xml/>`, "SerializationException", "cannot be read"},
		{"a body that ends early", ecs + "ListClusters", `{"maxResults":`, "SerializationException", "cannot be read"},
		{"CBOR where JSON is expected", ecs + "ListClusters", "\xbf\x6amaxResults\x01\xff", "SerializationException", "cannot be read"},
		{"a number where a text is expected", ecs + "DescribeServices", `{"cluster":7,"services":["a"]}`, "SerializationException", "cluster"},
		{"ten megabytes in a name", ecs + "CreateCluster", `{"clusterName":"` + strings.Repeat("a", 10<<20) + `"}`, "InvalidParameterException", ""},
		{"seventeen megabytes", ecs + "CreateCluster", `{"clusterName":"` + strings.Repeat("a", 17<<20) + `"}`, "SerializationException", "larger than 16 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(c.body))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", c.target)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x/20260101/us-west-2/ecs/aws4_request, SignedHeaders=host, Signature=0")
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			defer func() { _ = answer.Body.Close() }()
			text, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			var said map[string]string
			require.NoError(t, json.Unmarshal(text, &said), "%.200s", text)
			assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
			assert.True(t, strings.HasSuffix(said["__type"], c.code), "%.200s", text)
			assert.Contains(t, said["message"]+said["Message"], c.message)
			assert.Less(t, len(text), 4096, "the answer does not repeat the request")
			assert.NotContains(t, string(text), "goroutine")
		})
	}
}

// A client that stops in the middle of a request keeps nobody else waiting.
func TestAClientThatHangsDisturbsNoOther(t *testing.T) {
	server := httptest.NewServer(newWorld(t, Config{}).Handler())
	t.Cleanup(server.Close)
	hanging, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = hanging.Close() }()
	_, err = io.WriteString(hanging, "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	for range 3 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, bytes.NewReader([]byte(`{}`)))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
}
