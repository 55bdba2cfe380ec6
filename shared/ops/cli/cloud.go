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

// cloud holds the flags for the AWS account and endpoint. Their names are those
// of other AWS tools.
type cloud struct {
	Endpoint string        `help:"Use the base URL of ecssim or an emulator instead of AWS." placeholder:"URL"`
	Region   string        `help:"Use this region instead of the one of the AWS configuration." placeholder:"NAME"`
	Profile  string        `help:"Use this profile of the AWS configuration." placeholder:"NAME"`
	Stack    string        `default:"Homeostat" help:"Use the CloudFormation stack of this name." placeholder:"NAME"`
	Timeout  time.Duration `default:"2m" help:"Limit the duration of the whole call."`
}

// operatorAttempts limits the attempts of each AWS call, because an operator
// waits for the answer.
const operatorAttempts = 3

// config returns the configuration of the SDK from the environment, profiles
// and SSO.
func (c cloud) config(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		// The SDK's own warnings do not help an operator.
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
		// An emulator accepts every signature.
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
		return cfg, usageError{errors.New("the region is unknown: give --region, or set AWS_REGION")}
	}
	if c.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(c.Endpoint)
	}
	return cfg, nil
}

// reader returns a reader of the installation with AWS clients.
func reader(cfg aws.Config) *inspect.Reader {
	return &inspect.Reader{
		STS: sts.NewFromConfig(cfg), CloudFormation: cloudformation.NewFromConfig(cfg), Lambda: lambda.NewFromConfig(cfg),
		Simulate: iam.NewFromConfig(cfg).SimulatePrincipalPolicy, Events: eventbridge.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg),
		DynamoDB: dynamodb.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg), ECS: ecs.NewFromConfig(cfg),
		Scaling: applicationautoscaling.NewFromConfig(cfg), HTTP: http.DefaultClient, Region: cfg.Region,
		Freezes: func(ctx context.Context, table string, home fleet.Account) ([]fleet.Freeze, error) {
			return (&record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: table}).Freezes(ctx, home)
		},
	}
}

// userError returns one sentence with the failure of the AWS call and its fix.
// The text of the SDK also holds request ids, attempts and the chain of
// credential providers.
func userError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	_, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("AWS did not answer in time: check the network, or raise --timeout")
	case strings.Contains(text, "failed to refresh cached credentials") || strings.Contains(text, "get identity"):
		return errors.New("the AWS credentials are missing or expired: log in, for example with `aws sso login`, or give --profile")
	case fault.AWSCode(err) == "InvalidClientTokenId" || fault.AWSCode(err) == "UnrecognizedClientException" || strings.HasPrefix(fault.AWSCode(err), "ExpiredToken"):
		return errors.New("AWS rejects these credentials: log in again, or give another --profile")
	case isNet:
		return fmt.Errorf("AWS cannot be reached (%s): check --endpoint, --region and the network", lastPart(text))
	}
	if _, ok := errors.AsType[smithy.APIError](err); ok {
		return errors.New(inspect.ErrorSummary(err))
	}
	return err
}

// lastPart returns the last two parts of an error text, which name the cause.
func lastPart(text string) string {
	parts := strings.Split(text, ": ")
	return strings.Join(parts[max(0, len(parts)-2):], ": ")
}
