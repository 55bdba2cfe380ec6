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

// jsonService calls single operations of a service with the protocol JSON 1.1. A client
// of the SDK contains the shapes of all operations. Each client would make every
// function half a megabyte larger, or more.
type jsonService struct {
	config aws.Config
	now    func() time.Time
	// sdkID is the service's name in the configuration of endpoints. host begins its
	// host name, and is its name in signatures. target begins X-Amz-Target.
	sdkID, host, target string
}

// call calls one operation once. The error of a refused call has the code of AWS.
func (c jsonService) call(ctx context.Context, operation string, in, out any) error {
	request, err := c.request(ctx, operation, in)
	if err != nil {
		return err
	}
	client := c.config.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return c.refusal(response, body)
	}
	return json.Unmarshal(body, out)
}

// request returns the signed request.
func (c jsonService) request(ctx context.Context, operation string, in any) (*http.Request, error) {
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
	request.Header.Set("X-Amz-Target", c.target+"."+operation)
	if c.config.Credentials == nil || aws.IsCredentialsProvider(c.config.Credentials, aws.AnonymousCredentials{}) {
		return request, nil
	}
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("finding credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	return request, v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), c.host, c.config.Region, c.now())
}

// endpoint returns the configured endpoint of this service, else the one of all
// services, else the one of AWS.
func (c jsonService) endpoint(ctx context.Context) (string, error) {
	for _, source := range c.config.ConfigSources {
		s, ok := source.(interface {
			GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if url, found, err := s.GetServiceBaseEndpoint(ctx, c.sdkID); err != nil || found {
			return url, err
		}
	}
	if c.config.BaseEndpoint != nil {
		return *c.config.BaseEndpoint, nil
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(c.config.Region, "cn-") {
		suffix += ".cn"
	}
	return "https://" + c.host + "." + c.config.Region + "." + suffix + "/", nil
}

// refusal returns an error response as an error with its code, so that faults can
// be classified.
func (c jsonService) refusal(response *http.Response, body []byte) error {
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Type == "" {
		return fmt.Errorf("%s answered %s", c.sdkID, response.Status)
	}
	_, code, found := strings.Cut(answer.Type, "#")
	if !found {
		code = answer.Type
	}
	return &smithy.GenericAPIError{Code: code, Message: answer.Message}
}
