package record_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"homeostat/shared/aws/record"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
	"github.com/truora/minidyn/server"
)

// envBackends names further DynamoDBs, NAME=URL,NAME=URL: `make e2e` sets it. Each
// case makes a table of its own there and removes it.
const envBackends = "HOMEOSTAT_TEST_DYNAMODB"

// backend is a DynamoDB with the same contract for the store.
type backend struct {
	name string
	// url is the address of the backend; empty for a backend in this process.
	url     string
	handler http.Handler
}

func backends(t testing.TB) []backend {
	t.Helper()
	model := wire.NewServer()
	model.Mount(dynamo.TargetPrefix, dynamo.New())
	all := []backend{{name: "minidyn", handler: server.NewServer()}, {name: "ecssim", handler: model}}
	for named := range strings.SplitSeq(os.Getenv(envBackends), ",") {
		if named == "" {
			continue
		}
		name, url, ok := strings.Cut(named, "=")
		require.True(t, ok, "%s holds %q, expected NAME=URL", envBackends, named)
		all = append(all, backend{name: name, url: url})
	}
	return all
}

// onEvery runs the same check on every available DynamoDB.
func onEvery(t *testing.T, check func(t *testing.T, s *record.Store)) {
	t.Helper()
	onEveryPlace(t, func(t *testing.T, p testStore) { check(t, p.Store) })
}

func onEveryPlace(t *testing.T, check func(t *testing.T, p testStore)) {
	t.Helper()
	for _, b := range backends(t) {
		t.Run(b.name, func(t *testing.T) { check(t, newPlace(t, b)) })
	}
}

// fresh returns the same DynamoDB without the tables of other cases.
func fresh(t *testing.T, b backend) backend {
	t.Helper()
	for _, other := range backends(t) {
		if other.name == b.name {
			return other
		}
	}
	require.Fail(t, "no such DynamoDB", b.name)
	return b
}

// testStore is a store with a table of its own, and the transport to it.
type testStore struct {
	*record.Store
	backend   backend
	client    *dynamodb.Client
	transport *transport
}

func newPlace(t testing.TB, b backend) testStore {
	t.Helper()
	url := b.url
	if b.handler != nil {
		socket := httptest.NewServer(b.handler)
		t.Cleanup(socket.Close)
		url = socket.URL
	}
	// It has connections of its own: the server of ministack closes one after a
	// thousand requests.
	p := testStore{backend: b, transport: &transport{next: wire.SocketClient()}}
	p.client = dynamodb.NewFromConfig(sdk.Config(p.transport, url))
	name := "homeostat"
	if b.url != "" {
		name = "homeostat-" + rand.Text()
		t.Cleanup(func() {
			_, err := p.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)})
			require.NoError(t, err)
		})
	}
	require.NoError(t, record.MakeTable(ctx, p.client, name))
	require.NoError(t, record.MakeTable(ctx, p.client, name), "making it again changes nothing")
	p.Store = &record.Store{DynamoDB: p.client, Table: name}
	return p
}

// transport sends requests to a DynamoDB. The next requests fail with the mishaps,
// in order.
type transport struct {
	next   *http.Client
	faults []mishap
}

// mishap happens to one request. A refused request never reaches the DynamoDB. A
// lost answer belongs to a request that was carried out.
type mishap struct {
	// refuse is the JSON of the error that is returned instead, with status.
	refuse string
	status int
	lose   bool
}

var errLost = errors.New("the connection broke before the answer came")

func (w *transport) Do(r *http.Request) (*http.Response, error) {
	if len(w.faults) == 0 {
		return w.next.Do(r)
	}
	meets := w.faults[0]
	w.faults = w.faults[1:]
	if meets.refuse != "" {
		return &http.Response{
			StatusCode: meets.status, Status: http.StatusText(meets.status), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body:   io.NopCloser(bytes.NewBufferString(meets.refuse)), ContentLength: int64(len(meets.refuse)),
		}, nil
	}
	answer, err := w.next.Do(r)
	if err == nil && meets.lose {
		_ = answer.Body.Close()
		return nil, errLost
	}
	return answer, err
}

// failNext sets the mishaps of the next requests.
func (w *transport) failNext(faults ...mishap) { w.faults = faults }

// refusal returns an error of DynamoDB that calls for a later try.
func refusal(code string) mishap {
	status := http.StatusBadRequest
	if code == "InternalServerError" {
		status = http.StatusInternalServerError
	}
	return mishap{status: status, refuse: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"slow down"}`}
}
