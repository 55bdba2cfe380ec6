//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/require"
)

const stackName = "Homeostat"

// cdkFor ends a command of the CDK that hangs. The app is built before, so that no
// build runs under this deadline.
const cdkFor = 10 * time.Minute

// cdk runs the CDK's command line in the repository. It returns the output and
// the error of the command.
func (c *cloud) cdk(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), cdkFor)
	defer cancel()
	command := exec.CommandContext(ctx, tool(t, "cdk/node_modules/.bin/cdk"), append(args, "--output", filepath.Join(c.home, "cdk.out"))...)
	command.Dir, command.Env = root, c.environment(c.endpoints()...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	begun := time.Now()
	err := command.Run()
	t.Logf("cdk %s: %s", args[0], time.Since(begun).Round(time.Second/10))
	return out.String(), err
}

// bootstrap prepares the account, as every user of the CDK does once.
func (c *cloud) bootstrap(t *testing.T) {
	t.Helper()
	out, err := c.cdk(t, "bootstrap", "aws://"+account+"/"+region)
	require.NoError(t, err, out)
}

// deploy installs or changes the stack and returns the output of the CDK.
func (c *cloud) deploy(t *testing.T, context ...string) string {
	t.Helper()
	return c.deployBy(t, "change-set", context...)
}

// upgrade is deploy without a change set. The CDK first deletes its last change
// set. For ministack 1.4.21 that is an error if there is none.
func (c *cloud) upgrade(t *testing.T, context ...string) string {
	t.Helper()
	return c.deployBy(t, "direct", context...)
}

func (c *cloud) deployBy(t *testing.T, method string, context ...string) string {
	t.Helper()
	out, err := c.cdk(t, append([]string{"deploy", "--require-approval", "never", "--method", method}, c.context(context...)...)...)
	require.NoError(t, err, out)
	return out
}

// context returns the context of an installation on emulators: their addresses,
// and code for this machine.
func (c *cloud) context(more ...string) []string {
	out := []string{"-c", "x86=true"}
	for _, m := range more {
		out = append(out, "-c", m)
	}
	return out
}

// resources returns the resources of the stack, by logical id.
func (c *cloud) resources(t *testing.T) map[string]types.StackResource {
	t.Helper()
	found, err := c.stacks.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String(stackName)})
	require.NoError(t, err)
	out := map[string]types.StackResource{}
	for _, r := range found.StackResources {
		out[aws.ToString(r.LogicalResourceId)] = r
	}
	return out
}

// installed holds the names of the stack's parts.
type installed struct {
	table string
	// The maps hold the URLs of the queue and of the dead letters of each
	// function, and the names of the rules by the start of their logical id.
	queueOf, deadOf, ruleOf map[string]string
}

func (c *cloud) installed(t *testing.T) installed {
	t.Helper()
	in := installed{queueOf: map[string]string{}, deadOf: map[string]string{}, ruleOf: map[string]string{}}
	for id, r := range c.resources(t) {
		name := aws.ToString(r.PhysicalResourceId)
		bare := id[:max(0, len(id)-8)] // the CDK ends each id with eight digits
		switch aws.ToString(r.ResourceType) {
		case "AWS::DynamoDB::Table":
			in.table = name
		case "AWS::Events::Rule":
			in.ruleOf[bare] = name
		case "AWS::SQS::Queue":
			if function, ok := strings.CutSuffix(bare, "DeadLetters"); ok {
				in.deadOf[strings.ToLower(function)] = name
			} else if function, ok := strings.CutSuffix(bare, "Queue"); ok {
				in.queueOf[strings.ToLower(function)] = name
			}
		}
	}
	require.NotEmpty(t, in.table)
	require.Len(t, in.queueOf, 4)
	require.Len(t, in.deadOf, 4)
	return in
}

// destroy removes the stack by the CDK if the emulator supports it, or else by
// the same call with the stack's name.
func (c *cloud) destroy(t *testing.T, context ...string) {
	t.Helper()
	out, err := c.cdk(t, append([]string{"destroy", "--force"}, c.context(context...)...)...)
	if err != nil {
		require.Regexp(t, `Failed to destroy Homeostat: (CREATE|UPDATE)_COMPLETE`, out)
		t.Log("cdk destroy deletes by the stack's id, which ministack does not find; deleting by name")
		_, err = c.stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(stackName)})
		require.NoError(t, err)
	}
	await(t, 30*time.Second, func() bool {
		_, err := c.stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
		return err != nil && strings.Contains(err.Error(), "does not exist")
	}, "the stack is gone")
}
