//go:build !race

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// finding is one line of cdk-nag's report.
type finding struct {
	RuleID     string `json:"ruleId"`
	Resource   string `json:"resourceId"`
	Compliance string `json:"compliance"`
	Exception  string `json:"exceptionReason"`
	Info       string `json:"ruleInfo"`
}

// key returns the rule with the reason of its suppression. The reason for a part
// of a finding begins with that part in brackets.
func (f finding) key() string {
	reason := f.Exception
	if _, rest, found := strings.Cut(reason, "] "); found && strings.HasPrefix(reason, "[") {
		reason = rest
	}
	return strings.TrimPrefix(f.RuleID, "AwsSolutions-") + reason
}

// nagged returns the findings of the AWS Solutions rules for an installation and
// its sample, with the suppressions.
func nagged(t *testing.T, o options) (found []finding) {
	t.Helper()
	o.Dist, o.Staging, o.Name = standIn(t), t.TempDir(), stackID
	out := t.TempDir()
	flags := cdkFlags(t)
	// With this flag, a finding would end the process before the report is read.
	delete(*flags, "@aws-cdk/core:annotationsInValidationReport")
	app := awscdk.NewApp(&awscdk.AppProps{Context: flags, Outdir: jsii.String(out)})
	stack, err := newStack(app, o)
	require.NoError(t, err)
	newSample(app, o)
	suppress(stack, ofStack())
	if o.Sample {
		suppress(app.Node().FindChild(jsii.String(stackID+sampleSuffix)).(awscdk.Stack), ofSample())
	}
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	app.Synth(nil)
	reports, err := filepath.Glob(filepath.Join(out, "*NagReport.json"))
	require.NoError(t, err)
	require.NotEmpty(t, reports)
	for _, report := range reports {
		data, err := os.ReadFile(report)
		require.NoError(t, err)
		var lines struct{ Lines []finding }
		require.NoError(t, json.Unmarshal(data, &lines))
		found = append(found, lines.Lines...)
	}
	return found
}

func TestEachFindingOfAWSSolutionsIsExplained(t *testing.T) {
	used := map[string]bool{}
	for name, o := range map[string]options{
		"by default":       {},
		"as for tests":     {Ephemeral: true},
		"with all options": {Pin: true, PassRoles: pinned().PassRoles, DrainHosts: true, RestoreImages: true, SourceDates: true, Tracing: true, Concurrency: 4, Accounts: []string{"222222222222"}, Mode: "act"},
		"with the sample":  {Sample: true},
	} {
		t.Run(name, func(t *testing.T) {
			found := nagged(t, o)
			assert.Greater(t, len(found), 50, "the rules were checked")
			for _, f := range found {
				switch f.Compliance {
				case "Compliant":
				case "Suppressed":
					used[f.key()] = true
				default:
					t.Errorf("%s of %s: %s (%s)", f.RuleID, f.Resource, f.Info, f.Compliance)
				}
			}
		})
	}
	for _, list := range [][]suppression{ofStack(), ofSample()} {
		for _, s := range list {
			assert.True(t, used[s.id+s.reason], "the suppression %s is unused: %s", s.id, s.reason)
		}
	}
}

// suppression accepts a finding on these paths of the stack only.
type suppression struct {
	id     string
	paths  []string
	about  []any
	reason string
}

func suppress(stack awscdk.Stack, all []suppression) {
	for _, s := range all {
		one := &cdknag.NagPackSuppression{Id: jsii.String("AwsSolutions-" + s.id), Reason: jsii.String(s.reason)}
		if s.about != nil {
			one.AppliesTo = &s.about
		}
		for _, path := range s.paths {
			cdknag.NagSuppressions_AddResourceSuppressionsByPath(stack, jsii.String("/"+*stack.Node().Id()+"/"+path), &[]*cdknag.NagPackSuppression{one}, jsii.Bool(false))
		}
	}
}

func ofStack() []suppression {
	var roles []string
	for _, function := range contract.Functions() {
		roles = append(roles, title(function)+"/Role/DefaultPolicy/Resource")
	}
	ecs := "Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:"
	return []suppression{
		{"IAM5", roles, []any{"Resource::*"}, "Each function's role: describing task definitions, listing clusters and services, reading metrics, " +
			"scaling targets and policies, describing parameters with the context sourceDates, and X-Ray. AWS has no resource for these actions, and a test checks that against its reference."},
		{"IAM5", roles, []any{ecs + "service/*"}, "Each function's role: a tag enrols services while the stack runs. " +
			"Every change has a condition on that tag."},
		{"IAM5", roles, []any{ecs + "service-deployment/*", ecs + "service-revision/*"}, "Each function's role: ECS generates the ids of deployments and " +
			"revisions. The role reads them, and stopping one has a condition on the service's tag."},
		{"IAM5", roles, []any{"Resource::arn:<AWS::Partition>:ecr:<AWS::Region>:*:repository/*"}, "Each function's role: the role looks up images by digest " +
			"in each repository of an enrolled service, also in other accounts under their own policies. It pulls nothing."},
		{"IAM5", roles, []any{ecs + "task/*", ecs + "container-instance/*"}, "Each function's role: ECS generates the ids of tasks and hosts. The role reads tasks, and stopping one " +
			"has a condition on its tag. It drains hosts only with the context drainHosts."},
		{"IAM5", []string{title(contract.FunctionHeal) + "/Role/DefaultPolicy/Resource"}, []any{ecs + "cluster/*"}, "The role of healing: a Spot warning names an " +
			"EC2 instance, and the tags of the services name no cluster. The role lists the container instances of a cluster."},
		{"IAM5", roles, []any{"Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*"}, "Each function's role: the policy and the " +
			"deployments of the services name the alarms to read."},
		{"IAM5", []string{title(contract.FunctionSweep) + "/Role/DefaultPolicy/Resource"}, []any{"Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:homeostat/*"}, "The sweep's role: " +
			"it creates and deletes a trigger alarm for each scaled service. Their names have a prefix of their own."},
		{"IAM5", roles, []any{"Resource::arn:<AWS::Partition>:application-autoscaling:<AWS::Region>:<AWS::AccountId>:scalable-target/*"}, "Each function's role: AWS generates " +
			"the ids of scalable targets. A condition limits changes to desired counts of ECS, and the policy must set scale.own."},
		{"IAM5", roles, []any{"Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:*"}, "Each function's role, only with the context " +
			"sourceDates: the task definitions of the enrolled services name the secrets. The role reads the dates of their changes and no value."},
		{"IAM5", roles, []any{ecs + "task-definition/*"}, "Each function's role, only with the context pin: a pinned revision is registered in the family of the " +
			"service, and only the event names it. The permitted roles are listed one by one."},
	}
}

func ofSample() []suppression {
	var pulls []string
	for _, service := range []string{"Authentication", "Catalogue", "Orders", "Echo"} {
		pulls = append(pulls, service+"Definition/ExecutionRole/DefaultPolicy/Resource")
	}
	return []suppression{
		{"IAM5", pulls, []any{"Resource::*"}, "The execution roles of the sample: ecr:GetAuthorizationToken has no resource. Pulling is limited to the sample's own repository."},
		{"EC23", []string{"ShopDoor/Resource", "EchoDoor/Resource"}, nil, "The two load balancers of the sample, one port each: they are public. The tasks are not."},
		{"ELB2", []string{"Shop/Resource", "EchoBalancer/Resource"}, nil, "The two load balancers of the sample: they serve no user data, and a bucket for logs would outlive the sample."},
		{"ECS4", []string{"Cluster/Resource"}, nil, "The cluster of the sample: Container Insights costs money for each task, and Homeostat reads the free metrics of ECS."},
		{"VPC7", []string{"Network/Resource"}, nil, "The network of the sample: it carries no user data, and flow logs would only add costs."},
	}
}
