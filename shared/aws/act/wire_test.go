package act_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/require"
)

// answers is an ECS that answers some operations with these bodies, and passes all
// others to the simulator. It keeps the requests.
type answers struct {
	w      *world
	bodies map[string]string
	asked  map[string][]map[string]any
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var in map[string]any
	require.NoError(a.w.t, json.Unmarshal(sent, &in))
	a.asked[operation] = append(a.asked[operation], in)
	body, ok := a.bodies[operation]
	if !ok {
		r.Body = io.NopCloser(bytes.NewReader(sent))
		return a.w.sim.Client().Do(r)
	}
	code := http.StatusOK
	if strings.Contains(body, `"__type"`) {
		code = http.StatusBadRequest
	}
	return &http.Response{
		StatusCode: code, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Request: r,
		Body: io.NopCloser(bytes.NewBufferString(body)), ContentLength: int64(len(body)),
	}, nil
}

// answer sets the bodies of the answers to some operations.
func (w *world) answer(bodies map[string]string) *answers {
	a := &answers{w: w, bodies: bodies, asked: map[string][]map[string]any{}}
	w.ECS = ecs.New(ecs.Options{
		Region: "eu-central-1", HTTPClient: a, BaseEndpoint: aws.String("http://ecssim"),
		Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	return a
}
