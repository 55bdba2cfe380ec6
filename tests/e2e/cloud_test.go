//go:build e2e

// Package e2e installs the real stack with the real CDK on AWS emulators of other
// authors, sends it real events, and removes it again. `make e2e` runs it.
package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"homeostat/shared/aws/record"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

const (
	account = "123456789012" // of the sample events
	region  = "eu-central-1"
	root    = "../.."
)

// cloud is ministack, and moto for the services that ministack lacks.
type cloud struct {
	// url is the URL of ministack, scaling the URL of moto, for Application Auto
	// Scaling.
	url, scaling string
	// home holds all files of the programs and commands.
	home string
	// ended holds the details of the ended tasks that a test reports, by task id.
	ended sync.Map

	stacks  *cloudformation.Client
	metrics *cloudwatch.Client
	tables  *dynamodb.Client
	images  *ecr.Client
	ecs     *ecs.Client
	bounds  *applicationautoscaling.Client
	events  *eventbridge.Client
	queues  *sqs.Client
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{home: t.TempDir()}
	python := tool(t, "python/bin/python")
	c.url = start(t, "ministack", "/_ministack/health", c.environment(
		"MINISTACK_ACCOUNT_ID="+account, "MINISTACK_REGION="+region, "MINISTACK_HOST=127.0.0.1", "BIND_HOST=127.0.0.1",
		"LAMBDA_EXECUTOR=local", "S3_DATA_DIR="+c.home, "IOT_MTLS_ENABLED=0",
		// ECS tasks are entries in a table, even on a machine with Docker.
		"DOCKER_HOST=unix:///nowhere",
	), func(port string) []string { return []string{"env", "GATEWAY_PORT=" + port, python, "-m", "ministack"} }).url
	c.scaling = start(t, "moto", "/moto-api/", c.environment(), func(port string) []string {
		return []string{python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port}
	}).url
	c.connect()
	return c
}

func (c *cloud) connect() {
	key := credentials.NewStaticCredentialsProvider(account, "none", "")
	url := aws.String(c.url)
	c.stacks = cloudformation.New(cloudformation.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
	// ministack does not decompress the SDK's requests.
	c.metrics = cloudwatch.New(cloudwatch.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url, DisableRequestCompression: true})
	c.tables = dynamodb.New(dynamodb.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
	c.images = ecr.New(ecr.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
	c.ecs = ecs.New(ecs.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
	c.events = eventbridge.New(eventbridge.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
	c.bounds = applicationautoscaling.New(applicationautoscaling.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: aws.String(c.scaling)})
	c.queues = sqs.New(sqs.Options{Region: region, Credentials: key, HTTPClient: patient{awshttp.NewBuildableClient()}, BaseEndpoint: url})
}

// patient sends requests without the body's WriteTo method. The SDK closes a
// request's body after the head of the answer. net/http then calls WriteTo, takes
// its error for a failed request and closes the connection. See
// wire.SocketClient.
type patient struct{ *awshttp.BuildableClient }

// Do sends the request.
func (p patient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.BuildableClient.Do(r)
}

// tool returns the path of a tool that `make e2e` has put into .tools/.
func tool(t *testing.T, path string) string {
	t.Helper()
	whole, err := filepath.Abs(filepath.Join(root, ".tools", "e2e", path))
	require.NoError(t, err)
	_, err = os.Stat(whole)
	require.NoError(t, err, "it is not installed: run `make e2e`")
	return whole
}

// environment returns the environment of every program and command. It has none
// of the caller's AWS settings, so that no mistake reaches a real account.
func (c *cloud) environment(more ...string) []string {
	var out []string
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "CDK_") && name != "TMPDIR" {
			out = append(out, pair)
		}
	}
	return append(append(out,
		"AWS_ACCESS_KEY_ID="+account, "AWS_SECRET_ACCESS_KEY=none", "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"CDK_DISABLE_CLI_TELEMETRY=true", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "TMPDIR="+c.home,
	), more...)
}

// endpoints returns the variables that send a command to the emulators instead of
// AWS.
func (c *cloud) endpoints() []string {
	return []string{"AWS_ENDPOINT_URL=" + c.url, "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING=" + c.scaling}
}

func (c *cloud) store(table string) *record.Store {
	return &record.Store{DynamoDB: c.tables, Table: table}
}
