package inspect_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/ops/inspect"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	account = fixture.Account
	region  = fixture.Region
)

// cloud simulates an AWS account with Homeostat by ecssim and by stubs of the
// services that ecssim lacks.
type cloud struct {
	t      *testing.T
	sim    *ecssim.Sim
	config aws.Config
	url    string
	// policy is the text of the bundled policy, policyFile its name.
	policy, policyFile string
	resources          []inspect.Resource
	// refuse holds the operations that AWS denies the caller.
	refuse map[string]bool
	// denied holds the actions that the functions' roles lack.
	denied map[string]bool
	// missing is true if there is no stack.
	missing bool
	// late is the lead of AWS's clock.
	late time.Duration
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, refuse: map[string]bool{}, denied: map[string]bool{}}
	c.policyFile, c.policy = "homeostat.json", compiled(t, "version: 1\nmode: propose\n")
	c.sim = ecssim.New(ecssim.Config{Seed: 1, Start: time.Now().Add(-time.Hour), Account: account, Region: region})
	c.config = sdk.OverSocket(t, http.HandlerFunc(c.serve))
	c.url = aws.ToString(c.config.BaseEndpoint)
	c.install()
	return c
}

// compiled compiles a policy as the stack does.
func compiled(t *testing.T, file string) string {
	t.Helper()
	p, err := policy.Parse("homeostat.yaml", []byte(file))
	require.NoError(t, err)
	data, err := p.Compiled()
	require.NoError(t, err)
	return string(data)
}

// install creates the resources of the stack under their logical ids.
func (c *cloud) install() {
	add := func(kind, id, physical string) {
		c.resources = append(c.resources, inspect.Resource{Kind: kind, ID: id + "0A1B2C3D", Physical: physical})
	}
	add("AWS::DynamoDB::Table", "Memory", "memory")
	add("AWS::SNS::Topic", "Notifications", c.sim.Bus().AddTopic("notifications"))
	for _, name := range contract.Functions() {
		title := strings.ToUpper(name[:1]) + name[1:]
		c.sim.Bus().AddQueue(bus.QueueConfig{Name: name + "-dead"})
		c.sim.Bus().AddQueue(bus.QueueConfig{Name: name, DeadLetter: name + "-dead", MaxReceives: 5})
		add("AWS::SQS::Queue", title+"Queue", c.url+"/"+account+"/"+name)
		add("AWS::SQS::Queue", title+"DeadLetters", c.url+"/"+account+"/"+name+"-dead")
		add("AWS::Lambda::Function", title+"Function", "Homeostat-"+name)
	}
	for _, rule := range route.Rules() {
		pattern, err := rule.Pattern.JSON()
		require.NoError(c.t, err)
		require.NoError(c.t, c.sim.Bus().AddRule(bus.Rule{Name: rule.Name, Pattern: pattern, Queue: rule.Function}))
		id := "On"
		for part := range strings.SplitSeq(rule.Name, "-") {
			id += strings.ToUpper(part[:1]) + part[1:]
		}
		add("AWS::Events::Rule", id, rule.Name)
	}
	require.NoError(c.t, c.sim.Bus().AddRule(bus.Rule{Name: "schedule", Pattern: []byte(`{"source":["aws.events"]}`), Queue: "sweep"}))
	add("AWS::Events::Rule", "SweepSchedule", "schedule")
	c.sim.Server().Handle("sns", "ListSubscriptionsByTopic", func(wire.Object) (wire.Object, error) {
		return wire.Object{"Subscriptions": []wire.Object{{"SubscriptionArn": "arn:aws:sns:1", "Protocol": "email"}, {"SubscriptionArn": "PendingConfirmation"}}}, nil
	})
	c.sim.Server().Handle("dynamodb", "DescribeTable", func(wire.Object) (wire.Object, error) {
		return wire.Object{"Table": wire.Object{"TableName": "memory", "TableStatus": "ACTIVE"}}, nil
	})
	c.sim.Server().Handle("dynamodb", "DescribeTimeToLive", func(wire.Object) (wire.Object, error) {
		return wire.Object{"TimeToLiveDescription": wire.Object{"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}}, nil
	})
	c.sim.Server().Middleware(func(_, operation string) error {
		if c.refuse[operation] {
			return &wire.Error{Code: "AccessDeniedException", Message: "not allowed: " + operation, Status: http.StatusBadRequest}
		}
		return nil
	})
}

// reader returns a Reader with SDK clients for this account.
func (c *cloud) reader() *inspect.Reader {
	cfg := c.config
	return &inspect.Reader{
		STS: sts.NewFromConfig(cfg), CloudFormation: cloudformation.NewFromConfig(cfg), Lambda: lambda.NewFromConfig(cfg),
		Simulate: iam.NewFromConfig(cfg).SimulatePrincipalPolicy, Events: eventbridge.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg),
		DynamoDB: dynamodb.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg), ECS: ecs.NewFromConfig(cfg),
		Scaling: applicationautoscaling.NewFromConfig(cfg), HTTP: http.DefaultClient, Region: region,
		Freezes: func(_ context.Context, table string, home fleet.Account) ([]fleet.Freeze, error) {
			assert.Equal(c.t, "memory "+account, table+" "+home.ID)
			if c.refuse["Query"] {
				return nil, fault.Terminalf(fault.Denied, "not allowed: Query")
			}
			return []fleet.Freeze{{Scope: "account", Frozen: true}}, nil
		},
	}
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", time.Now().Add(c.late).UTC().Format(http.TimeFormat))
	switch {
	case r.URL.Path == "/bundle.zip":
		c.bundle(w)
	case strings.HasPrefix(r.URL.Path, "/2015-03-31/"):
		c.lambda(w, r)
	default:
		body, err := io.ReadAll(r.Body)
		assert.NoError(c.t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, err := url.ParseQuery(string(body))
		if err == nil && (form.Get("Version") == "2010-05-15" || form.Get("Version") == "2010-05-08") {
			c.query(w, form)
			return
		}
		c.sim.Handler().ServeHTTP(w, r)
	}
}

// bundle writes the zip file of a function.
func (c *cloud) bundle(w io.Writer) {
	archive := zip.NewWriter(w)
	for name, text := range map[string]string{"bootstrap": "code", c.policyFile: c.policy} {
		member, err := archive.Create(name)
		require.NoError(c.t, err)
		_, err = io.WriteString(member, text)
		require.NoError(c.t, err)
	}
	require.NoError(c.t, archive.Close())
}

func (c *cloud) lambda(w http.ResponseWriter, r *http.Request) {
	answer := map[string]any{}
	if name, ok := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/"); ok {
		answer["Configuration"] = map[string]any{
			"FunctionName": name, "State": "Active", "LastUpdateStatus": "Successful", "Role": "arn:aws:iam::" + account + ":role/" + name,
			"CodeSha256": "abc", "Timeout": 60, "LastModified": "2026-11-02T08:00:00.000+0000",
			"Environment": map[string]any{"Variables": map[string]string{contract.EnvTable: "memory", contract.EnvPolicy: "/var/task/" + c.policyFile, contract.EnvMode: "act"}},
		}
		answer["Code"] = map[string]string{"Location": c.url + "/bundle.zip"}
		answer["Concurrency"] = map[string]int{"ReservedConcurrentExecutions": 5}
	} else {
		function := strings.TrimPrefix(r.URL.Query().Get("FunctionName"), "Homeostat-")
		answer["EventSourceMappings"] = []map[string]string{{
			"UUID": "u-" + function, "State": "Enabled", "EventSourceArn": "arn:aws:sqs:" + region + ":" + account + ":" + function,
		}}
	}
	w.Header().Set("Content-Type", "application/json")
	assert.NoError(c.t, json.NewEncoder(w).Encode(answer))
}

// query answers CloudFormation and IAM in XML.
func (c *cloud) query(w http.ResponseWriter, form url.Values) {
	action := form.Get("Action")
	var out strings.Builder
	switch {
	case c.refuse[action]:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not allowed: %s</Message></Error></ErrorResponse>", action)
		return
	case action == "DescribeStacks" && c.missing:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Homeostat does not exist</Message></Error></ErrorResponse>")
		return
	case action == "DescribeStacks":
		out.WriteString("<Stacks><member><StackName>Homeostat</StackName><StackStatus>UPDATE_COMPLETE</StackStatus></member></Stacks>")
	case action == "ListStackResources":
		// Two pages test the paging of the reader.
		half := len(c.resources) / 2
		page := c.resources[:half]
		if form.Get("NextToken") != "" {
			page = c.resources[half:]
		} else {
			out.WriteString("<NextToken>more</NextToken>")
		}
		out.WriteString("<StackResourceSummaries>")
		for _, r := range page {
			fmt.Fprintf(&out, "<member><ResourceType>%s</ResourceType><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId></member>", r.Kind, r.ID, r.Physical)
		}
		out.WriteString("</StackResourceSummaries>")
	case action == "SimulatePrincipalPolicy":
		out.WriteString("<EvaluationResults>")
		for i := 1; form.Has(fmt.Sprintf("ActionNames.member.%d", i)); i++ {
			name, decision := form.Get(fmt.Sprintf("ActionNames.member.%d", i)), "allowed"
			// These actions are allowed only with the tag in the context.
			needsTag := name == "ecs:UpdateService" || name == "ecs:StopServiceDeployment"
			if c.denied[name] || needsTag && form.Get("ContextEntries.member.1.ContextKeyValues.member.1") != "act" {
				decision = "implicitDeny"
			}
			fmt.Fprintf(&out, "<member><EvalActionName>%s</EvalActionName><EvalDecision>%s</EvalDecision></member>", name, decision)
		}
		out.WriteString("</EvaluationResults>")
	default:
		c.t.Errorf("unexpected action %s", action)
	}
	var name strings.Builder
	require.NoError(c.t, xml.EscapeText(&name, []byte(action)))
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", name.String(), out.String())
}
