package app

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Config returns the SDK's configuration from Lambda's environment. The SDK's own
// loader also reads profiles, SSO and instance metadata. A function has none of
// them, and would be a third larger and slower to start.
func Config(getenv func(string) string) aws.Config {
	return aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: getenv("AWS_SESSION_TOKEN"), Source: "lambda environment",
			}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
		},
		BaseEndpoint:  endpoint(getenv("AWS_ENDPOINT_URL")),
		ConfigSources: []any{endpoints{getenv}},
	}
}

func endpoint(url string) *string {
	if url == "" {
		return nil
	}
	return aws.String(url)
}

// endpoints finds AWS_ENDPOINT_URL_<SERVICE>, for emulators and rehearsals.
type endpoints struct{ getenv func(string) string }

// GetServiceBaseEndpoint implements the SDK's provider of service endpoints.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	url := e.getenv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(sdkID), " ", "_"))
	return url, url != "", nil
}
