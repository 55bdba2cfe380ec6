package observe_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// answers is an AWS that answers some operations with these bodies, and passes all
// others to the simulator. It keeps the requests.
type answers struct {
	next     aws.HTTPClient
	bodies   map[string]string
	requests map[string][]string
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	target := r.Header.Get("X-Amz-Target")
	operation := target[strings.LastIndexByte(target, '.')+1:]
	body, ok := a.bodies[operation]
	if !ok {
		return a.next.Do(r)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a.requests[operation] = append(a.requests[operation], string(sent))
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
	a := &answers{next: w.sim.Client(), bodies: bodies, requests: map[string][]string{}}
	w.ECS = ecs.New(ecs.Options{
		Region: w.Region, HTTPClient: a, BaseEndpoint: aws.String("http://ecssim"),
		Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	return a
}
