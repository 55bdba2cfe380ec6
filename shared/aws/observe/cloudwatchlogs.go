package observe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// CloudWatchLogs calls the one operation that is needed. The client of the SDK
// contains the shapes of all operations, and would make each function half a
// megabyte larger.
type CloudWatchLogs struct {
	Config aws.Config
	Now    func() time.Time
}

type eventsInput struct {
	Group  string `json:"logGroupName"`
	Stream string `json:"logStreamName"`
	Limit  int    `json:"limit"`
	Head   bool   `json:"startFromHead"`
	Token  string `json:"nextToken,omitempty"`
}

type eventsOutput struct {
	Events []struct {
		Message string `json:"message"`
	} `json:"events"`
	Older string `json:"nextBackwardToken"`
}

// Events implements Logs. CloudWatch Logs may return no events although there are
// older ones. Events then reads the older page once.
func (c CloudWatchLogs) Events(ctx context.Context, group, stream string, limit int) ([]string, error) {
	in := eventsInput{Group: group, Stream: stream, Limit: limit}
	out, err := c.getLogEvents(ctx, in)
	if err == nil && len(out.Events) == 0 && out.Older != "" {
		in.Token = out.Older
		out, err = c.getLogEvents(ctx, in)
	}
	messages := make([]string, 0, len(out.Events))
	for _, e := range out.Events {
		messages = append(messages, e.Message)
	}
	return messages, err
}

func (c CloudWatchLogs) getLogEvents(ctx context.Context, in eventsInput) (out eventsOutput, err error) {
	request, err := c.request(ctx, in)
	if err != nil {
		return out, err
	}
	client := c.Config.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return out, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return out, err
	}
	if response.StatusCode != http.StatusOK {
		return out, refusal(response, body)
	}
	return out, json.Unmarshal(body, &out)
}

// request returns the signed request.
func (c CloudWatchLogs) request(ctx context.Context, in eventsInput) (*http.Request, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	endpoint, err := c.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "Logs_20140328.GetLogEvents")
	if c.Config.Credentials == nil || aws.IsCredentialsProvider(c.Config.Credentials, aws.AnonymousCredentials{}) {
		return request, nil
	}
	credentials, err := c.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("finding credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	return request, v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "logs", c.Config.Region, c.Now())
}

// endpoint returns the configured endpoint of this service, else the one of all
// services, else the one of AWS.
func (c CloudWatchLogs) endpoint(ctx context.Context) (string, error) {
	for _, source := range c.Config.ConfigSources {
		s, ok := source.(interface {
			GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if url, found, err := s.GetServiceBaseEndpoint(ctx, "CloudWatch Logs"); err != nil || found {
			return url, err
		}
	}
	if c.Config.BaseEndpoint != nil {
		return *c.Config.BaseEndpoint, nil
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(c.Config.Region, "cn-") {
		suffix += ".cn"
	}
	return "https://logs." + c.Config.Region + "." + suffix + "/", nil
}

// refusal returns an error response as an error with its code, so that faults can
// be classified.
func refusal(response *http.Response, body []byte) error {
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Type == "" {
		return fmt.Errorf("CloudWatch Logs answered %s", response.Status)
	}
	_, code, found := strings.Cut(answer.Type, "#")
	if !found {
		code = answer.Type
	}
	return &smithy.GenericAPIError{Code: code, Message: answer.Message}
}
