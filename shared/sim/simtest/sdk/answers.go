package sdk

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Answers is an HTTP client for SDK clients with JSON requests. It answers some
// operations with fixed bodies and passes all others on.
type Answers struct {
	Next aws.HTTPClient
	// Bodies are the fixed answers, by operation. A body with "__type" is an error
	// of status 400.
	Bodies map[string]string
	// Sent are the bodies of the requests, by operation.
	Sent map[string][]string
}

// NewAnswers returns a client that answers with bodies, and a configuration for
// SDK clients that use it.
func NewAnswers(cfg aws.Config, bodies map[string]string) (*Answers, aws.Config) {
	a := &Answers{Next: cfg.HTTPClient, Bodies: bodies, Sent: map[string][]string{}}
	cfg.HTTPClient = a
	return a, cfg
}

// Do implements aws.HTTPClient.
func (a *Answers) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a.Sent[operation] = append(a.Sent[operation], string(sent))
	body, ok := a.Bodies[operation]
	if !ok {
		r.Body = io.NopCloser(bytes.NewReader(sent))
		return a.Next.Do(r)
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
