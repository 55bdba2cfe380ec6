package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/inspect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// cloud says where AWS is and who asks, in the words of other AWS tools.
type cloud struct {
	Endpoint string        `help:"Base URL of ecssim or an emulator; AWS itself where it is left out." placeholder:"URL"`
	Region   string        `help:"Region; that of the AWS configuration where it is left out." placeholder:"NAME"`
	Profile  string        `help:"Profile of the AWS configuration." placeholder:"NAME"`
	Stack    string        `default:"Homeostat" help:"Name of the CloudFormation stack." placeholder:"NAME"`
	Timeout  time.Duration `default:"2m" help:"How long all of it may take."`
}

// operatorAttempts of one call: a person waits for the answer.
const operatorAttempts = 3

// config is the SDK's own configuration: environment, profiles, SSO.
func (c cloud) config(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		// The SDK's own warnings are no words for a person.
		config.WithLogger(logging.Nop{}),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = operatorAttempts })
		}),
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.Endpoint != "" && c.Profile == "" && os.Getenv("AWS_ACCESS_KEY_ID") == "" {
		// An emulator asks for a signature, not for whose.
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("emulator", "emulator", "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if _, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return cfg, usageError{fmt.Errorf("there is no profile %s in the AWS configuration: give another --profile", c.Profile)}
	}
	if err != nil {
		return cfg, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, usageError{errors.New("no region is known: give --region, or set AWS_REGION")}
	}
	if c.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(c.Endpoint)
	}
	return cfg, nil
}

// reader reads an installation through real clients.
func reader(cfg aws.Config) *inspect.Reader {
	return &inspect.Reader{
		STS: sts.NewFromConfig(cfg), CloudFormation: cloudformation.NewFromConfig(cfg), Lambda: lambda.NewFromConfig(cfg),
		IAM: iam.NewFromConfig(cfg), Events: eventbridge.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg),
		DynamoDB: dynamodb.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg), ECS: ecs.NewFromConfig(cfg),
		Scaling: applicationautoscaling.NewFromConfig(cfg), HTTP: http.DefaultClient, Region: cfg.Region,
		Switches: func(ctx context.Context, table string, home fleet.ServiceRef) ([]fleet.Freeze, error) {
			return (&record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: table}).Freezes(ctx, home)
		},
	}
}

// userError says in one sentence, with its cure, why AWS did not answer. The
// SDK's own words hold request ids, attempts and the whole chain of providers.
func userError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	_, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("AWS did not answer in time: look at the network, or give --timeout more")
	case strings.Contains(text, "failed to refresh cached credentials") || strings.Contains(text, "get identity"):
		return errors.New("no AWS credentials were found or they have ended: log in, for example with `aws sso login`, or give --profile")
	case fault.AWSCode(err) == "InvalidClientTokenId" || fault.AWSCode(err) == "UnrecognizedClientException" || strings.HasPrefix(fault.AWSCode(err), "ExpiredToken"):
		return errors.New("AWS does not take these credentials: log in again, or give another --profile")
	case isNet:
		return fmt.Errorf("AWS cannot be reached (%s): check --endpoint, --region and the network", lastPart(text))
	}
	if _, ok := errors.AsType[smithy.APIError](err); ok {
		return errors.New(inspect.ErrorSummary(err))
	}
	return err
}

// lastPart is what an error's text says last: the cause.
func lastPart(text string) string {
	parts := strings.Split(text, ": ")
	return strings.Join(parts[max(0, len(parts)-2):], ": ")
}
