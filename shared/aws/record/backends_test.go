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

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
	"github.com/truora/minidyn/server"
)

// envBackends names further DynamoDBs, NAME=URL,NAME=URL: `make e2e` sets it.
// Each case makes a table of its own there, and removes it.
const envBackends = "HOMEOSTAT_TEST_DYNAMODB"

// backend is a DynamoDB that the store must mean the same to.
type backend struct {
	name string
	// url is where it listens; empty where it runs in this process.
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

// onEvery checks the same on every DynamoDB there is.
func onEvery(t *testing.T, check func(t *testing.T, s *record.Store)) {
	t.Helper()
	onEveryPlace(t, func(t *testing.T, p place) { check(t, p.Store) })
}

func onEveryPlace(t *testing.T, check func(t *testing.T, p place)) {
	t.Helper()
	for _, b := range backends(t) {
		t.Run(b.name, func(t *testing.T) { check(t, newPlace(t, b)) })
	}
}

// again is the same DynamoDB without the tables of other cases.
func again(t *testing.T, b backend) backend {
	t.Helper()
	for _, other := range backends(t) {
		if other.name == b.name {
			return other
		}
	}
	require.Fail(t, "no such DynamoDB", b.name)
	return b
}

// place is a store with a table of its own, and the way to it.
type place struct {
	*record.Store
	backend backend
	client  *dynamodb.Client
	way     *way
}

func newPlace(t testing.TB, b backend) place {
	t.Helper()
	url := b.url
	if b.handler != nil {
		socket := httptest.NewServer(b.handler)
		t.Cleanup(socket.Close)
		url = socket.URL
	}
	// Connections of its own: ministack's server breaks one off after a thousand
	// requests.
	p := place{backend: b, way: &way{next: awshttp.NewBuildableClient()}}
	p.client = dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: aws.NopRetryer{}, BaseEndpoint: aws.String(url), HTTPClient: p.way,
	})
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

// way is the way of requests to a DynamoDB, with the mishaps that the coming
// ones are to meet, in order.
type way struct {
	next  *awshttp.BuildableClient
	comes []mishap
}

// mishap happens to one request. An error that is refused never reaches the
// DynamoDB; an answer that is lost is about something that was done.
type mishap struct {
	// refuse is the JSON of the error that is answered instead, under status.
	refuse string
	status int
	lose   bool
}

var errLost = errors.New("the connection broke before the answer came")

func (w *way) Do(r *http.Request) (*http.Response, error) {
	// The SDK closes a body as soon as there is an answer. Go may be about to ask
	// the body for more, and breaks the connection off where it is closed and can
	// write itself (io.WriterTo): a server on the same machine is that fast.
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	if len(w.comes) == 0 {
		return w.next.Do(r)
	}
	meets := w.comes[0]
	w.comes = w.comes[1:]
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

// meet lets the coming requests meet these mishaps.
func (w *way) meet(comes ...mishap) { w.comes = comes }

// refusal is what DynamoDB answers in order to be asked again later.
func refusal(code string) mishap {
	status := http.StatusBadRequest
	if code == "InternalServerError" {
		status = http.StatusInternalServerError
	}
	return mishap{status: status, refuse: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"slow down"}`}
}
