//go:build !race

package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/aws/act"
	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pinned returns options that deploy every row of the table.
func pinned() options {
	return options{Pin: true, DrainHosts: true, RestoreImages: true, LogGroups: []string{"/ecs/*"}, SourceDates: true, PassRoles: []string{"arn:aws:iam::123456789012:role/web", "arn:aws:iam::123456789012:role/pull"}, Tracing: true}
}

// statement is one statement of a function's policy, with ARNs as text.
type statement struct {
	actions, resources []string
	condition          object
}

// statements returns the statements of the function's role.
func (t template) statements(function string) []statement {
	t.t.Helper()
	_, p := t.only("AWS::IAM::Policy", title(function)+"Role")
	return t.allowed(p)
}

// operators returns the statements of the policy for operators.
func (t template) operators() []statement {
	t.t.Helper()
	_, p := t.only("AWS::IAM::ManagedPolicy", "Operators")
	return t.allowed(p)
}

func (t template) allowed(p object) []statement {
	t.t.Helper()
	var out []statement
	for _, s := range p["PolicyDocument"].(object)["Statement"].([]any) {
		s := s.(object)
		require.Equal(t.t, "Allow", s["Effect"])
		condition, _ := s["Condition"].(object)
		out = append(out, statement{t.texts(s["Action"]), t.texts(s["Resource"]), condition})
	}
	return out
}

func (t template) texts(value any) []string {
	values, many := value.([]any)
	if !many {
		return []string{t.text(value)}
	}
	var out []string
	for _, v := range values {
		out = append(out, t.text(v))
	}
	return out
}

// text resolves references as AWS would, with invented names.
func (t template) text(value any) string {
	v, ok := value.(object)
	if !ok {
		return value.(string)
	}
	if parts, ok := v["Fn::Join"].([]any); ok {
		return strings.Join(t.texts(parts[1]), parts[0].(string))
	}
	if at, ok := v["Fn::GetAtt"].([]any); ok {
		return t.arnOf(at[0].(string))
	}
	switch name := v["Ref"].(string); name {
	case "AWS::Partition":
		return "aws"
	case "AWS::Region":
		return "eu-central-1"
	case "AWS::AccountId":
		return "123456789012"
	default:
		return t.arnOf(name) // of a topic
	}
}

func (t template) arnOf(id string) string {
	t.t.Helper()
	kind := t.json["Resources"].(object)[id].(object)["Type"].(string)
	begins := map[string]string{
		"AWS::DynamoDB::Table": "dynamodb:eu-central-1:123456789012:table/", "AWS::SQS::Queue": "sqs:eu-central-1:123456789012:",
		"AWS::SNS::Topic": "sns:eu-central-1:123456789012:", "AWS::Logs::LogGroup": "logs:eu-central-1:123456789012:log-group:",
	}
	require.Contains(t.t, begins, kind)
	name := "arn:aws:" + begins[kind] + id
	if kind == "AWS::Logs::LogGroup" {
		name += ":*"
	}
	return name
}

// find returns the statement of a function's policy with the action.
func (t template) find(function, action string) (statement, bool) {
	for _, s := range t.statements(function) {
		if slices.Contains(s.actions, action) {
			return s, true
		}
	}
	return statement{}, false
}

func TestChangesNeedTheServicesOwnTag(t *testing.T) {
	made := synthesised(t, options{})
	tagged := object{"StringEquals": object{"aws:ResourceTag/homeostat:mode": []any{"act", ""}}}
	service := "arn:aws:ecs:eu-central-1:123456789012:service/*"
	deployment := "arn:aws:ecs:eu-central-1:123456789012:service-deployment/*"
	for action, resources := range map[string][]string{
		"ecs:UpdateService":             {service},
		"ecs:StopServiceDeployment":     {service, deployment},
		"ecs:ContinueServiceDeployment": {service, deployment},
		"ecs:StopTask":                  {"arn:aws:ecs:eu-central-1:123456789012:task/*"},
	} {
		for _, function := range contract.Functions() {
			s, ok := made.find(function, action)
			require.True(t, ok, "%s of %s", action, function)
			assert.Equal(t, tagged, s.condition, action)
			assert.ElementsMatch(t, resources, s.resources, action)
		}
	}
}

func TestOnlyNamedRolesArePassed(t *testing.T) {
	pins := []string{"ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:TagResource", "iam:PassRole"}
	t.Run("by default no task definition is registered", func(t *testing.T) {
		made := synthesised(t, options{})
		for _, action := range pins {
			_, ok := made.find(contract.FunctionRedeploy, action)
			assert.False(t, ok, action)
		}
	})
	t.Run("with pins the named roles are passed to tasks", func(t *testing.T) {
		made := synthesised(t, pinned())
		for _, function := range contract.Functions() {
			s, ok := made.find(function, "iam:PassRole")
			require.True(t, ok, function)
			assert.ElementsMatch(t, pinned().PassRoles, s.resources)
			assert.Equal(t, object{"StringEquals": object{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, s.condition)
			s, ok = made.find(function, "ecs:TagResource")
			require.True(t, ok, function)
			assert.Equal(t, object{"StringEquals": object{"ecs:CreateAction": []any{"RegisterTaskDefinition", "RunTask"}}}, s.condition)
			s, ok = made.find(function, "ecs:RunTask")
			require.True(t, ok, function)
			assert.Equal(t, object{"StringLike": object{"aws:RequestTag/homeostat:probe": "?*"}}, s.condition, "only probes")
		}
	})
}

func TestHostsAreDrainedOnlyWithTheOption(t *testing.T) {
	for drain := range map[bool]bool{false: true, true: true} {
		made := synthesised(t, options{DrainHosts: drain})
		for _, action := range []string{"ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"} {
			_, ok := made.find(contract.FunctionHeal, action)
			assert.Equal(t, drain, ok, action)
		}
	}
}

func TestDatesOfSecretsAreReadOnlyWithTheOption(t *testing.T) {
	for on := range map[bool]bool{false: true, true: true} {
		made := synthesised(t, options{SourceDates: on})
		for _, function := range contract.Functions() {
			for action, resource := range map[string]string{
				"ssm:DescribeParameters": "*", "secretsmanager:DescribeSecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*",
			} {
				s, ok := made.find(function, action)
				require.Equal(t, on, ok, "%s of %s", action, function)
				if ok {
					assert.Equal(t, []string{resource}, s.resources)
				}
			}
			_, f := made.only("AWS::Lambda::Function", title(function)+"Function")
			assert.Equal(t, on, f["Environment"].(object)["Variables"].(object)[contract.EnvSourceDates] == "true", function)
		}
	}
}

func TestNoFunctionReadsAValueOfASecret(t *testing.T) {
	made := synthesised(t, pinned())
	for _, function := range contract.Functions() {
		for _, s := range made.statements(function) {
			for _, action := range s.actions {
				assert.NotRegexp(t, `^(ssm:Get|secretsmanager:(Get|Batch)|kms:)`, action, function)
				if service, _, _ := strings.Cut(action, ":"); service == "ssm" || service == "secretsmanager" {
					assert.Contains(t, []string{"ssm:DescribeParameters", "secretsmanager:DescribeSecret"}, action, function)
				}
			}
		}
	}
}

func TestOnlyTheSweepManagesTriggerAlarms(t *testing.T) {
	made := synthesised(t, options{})
	for _, function := range contract.Functions() {
		for _, action := range []string{"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"} {
			s, ok := made.find(function, action)
			require.Equal(t, function == contract.FunctionSweep, ok, "%s of %s", action, function)
			if ok {
				assert.Equal(t, []string{"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:homeostat/*"}, s.resources)
			}
		}
	}
	assert.True(t, strings.HasPrefix(fleet.TriggerAlarmPrefix, contract.AlarmPrefix), "the permission covers the names of trigger alarms")
}

func TestScaleListsNoServices(t *testing.T) {
	made := synthesised(t, options{})
	for function, may := range map[string]bool{
		contract.FunctionHeal: true, contract.FunctionScale: false, contract.FunctionRedeploy: true, contract.FunctionSweep: true,
	} {
		_, ok := made.find(function, "ecs:ListServices")
		assert.Equal(t, may, ok, function)
	}
}

// source returns the code of the package of a type, without its tests.
func source(t *testing.T, of reflect.Type) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", strings.TrimPrefix(of.PkgPath(), "homeostat/"), "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var code strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			code.Write(data)
		}
	}
	return code.String()
}

// The code can call only the methods of its client interfaces. The table has a row
// for each of these methods and for the actions listed here.
func TestTheTableHasTheCallsOfTheCode(t *testing.T) {
	called := map[string]bool{
		// IAM authorises the parts of a transaction.
		"dynamodb:ConditionCheckItem": true,
		// Other calls need these actions.
		"ecs:TagResource": true, "iam:PassRole": true, "logs:CreateLogStream": true, "logs:PutLogEvents": true,
		// observe.CloudWatchLogs calls it without a client, which would add a megabyte.
		"logs:GetLogEvents": true,
		// So does observe.SourceDates.
		"ssm:DescribeParameters": true, "secretsmanager:DescribeSecret": true,
	}
	for prefix, clients := range map[string][]reflect.Type{
		"ecs:":                     {reflect.TypeFor[observe.ECS](), reflect.TypeFor[act.ECS]()},
		"ecr:":                     {reflect.TypeFor[observe.ECR](), reflect.TypeFor[act.ECR]()},
		"cloudwatch:":              {reflect.TypeFor[observe.CloudWatch](), reflect.TypeFor[act.CloudWatch]()},
		"application-autoscaling:": {reflect.TypeFor[observe.Scaling](), reflect.TypeFor[act.Scaling]()},
		"dynamodb:":                {reflect.TypeFor[record.DynamoDB]()},
		"sns:":                     {reflect.TypeFor[record.SNS]()},
		"sqs:":                     {reflect.TypeFor[record.SQS]()},
	} {
		for _, client := range clients {
			code := source(t, client)
			for method := range client.Methods() {
				called[prefix+method.Name] = true
				assert.Regexp(t, `\.(New)?`+method.Name+`(Paginator)?\(`, code, "%s has a method that is never called", client)
			}
		}
	}
	// IAM authorises a transaction by its writes and checks.
	delete(called, "dynamodb:TransactWriteItems")
	// IAM authorises a batch of messages as single messages.
	delete(called, "sqs:SendMessageBatch")

	var granted []string
	for _, row := range permissions(arns{}, pinned()) {
		assert.NotEmpty(t, row.usedBy, "%v", row.actions)
		granted = append(granted, row.actions...)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(called)), granted)
}

// byTag reports whether the permission has a condition on the service's tag.
func (p permission) byTag() bool {
	equals, _ := p.conditions["StringEquals"].(map[string]any)
	return equals["aws:ResourceTag/"+contract.TagMode] != nil
}
