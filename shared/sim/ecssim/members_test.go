package ecssim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/wire"
)

// readers are the folders whose code reads the requests of a service.
func readers() map[string][]string {
	return map[string][]string{
		"ecs": {".", "ecsrule"}, "ecr": {"ecr"}, "monitoring": {"cloudwatch"}, "application-autoscaling": {"appautoscaling", "cloudwatch"},
		"events": {"events"}, "sqs": {"sqs"}, "sns": {"sns"}, "logs": {"cloudwatchlogs"}, "cloudformation": {"cloudformation"}, "elasticloadbalancing": {"elb"}, "dynamodb": {"dynamo"},
		"ssm": {"ssm"}, "secretsmanager": {"secretsmanager"},
	}
}

// A member counts as read only if its name stands in the code of the service, other than
// as a key of an answer. The lists could otherwise promise an effect that is not there.
func TestEveryMemberThatIsReadStandsInTheCode(t *testing.T) {
	for service, folders := range readers() {
		model, err := models.Of(service)
		require.NoError(t, err)
		read := model.Uses(wire.Read)
		require.NotEmpty(t, read, service)
		names := namesIn(t, folders)
		for _, member := range read {
			_, name, _ := strings.Cut(member, ".")
			assert.True(t, names[name], "%s: %s is listed as read, and no code names it", service, member)
		}
	}
}

// namesIn returns the texts in the code of folders, without the keys of composite
// literals and the targets of assignments.
func namesIn(t *testing.T, folders []string) map[string]bool {
	out := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			collect(file, out)
		}
	}
	return out
}

func collect(file *ast.File, into map[string]bool) {
	written := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			written[n.Key] = true
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				if index, ok := target.(*ast.IndexExpr); ok {
					written[index.Index] = true
				}
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && !written[n] {
				into[text] = true
			}
		}
		return true
	})
}

// compared are members that the product only compares between two revisions. They are
// described as they were registered, which is all that it reads.
func compared() []string {
	return []string{
		"Command", "EntryPoint", "Environment", "EnvironmentFiles", "MountPoints", "User", "WorkingDirectory", "ReadonlyRootFilesystem",
		"DockerLabels", "LinuxParameters", "Ulimits", "FirelensConfiguration", "ResourceRequirements", "TaskRoleArn", "ExecutionRoleArn",
		"Volumes", "PlacementConstraints", "ProxyConfiguration", "RepositoryCredentials", "Privileged", "ExtraHosts",
	}
}

// Nothing that a decision reads may be kept without effect. The product reads ECS by the
// fields of the SDK, which have the names of the members.
func TestNothingThatADecisionReadsIsKeptWithoutEffect(t *testing.T) {
	model, err := models.Of("ecs")
	require.NoError(t, err)
	fields := map[string]bool{}
	files, err := filepath.Glob("../../aws/observe/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				fields[s.Sel.Name] = true
			}
			return true
		})
	}
	for _, member := range model.Uses(wire.Kept) {
		shape, name, _ := strings.Cut(member, ".")
		field := strings.ToUpper(name[:1]) + name[1:]
		described := slices.Contains([]string{"ContainerDefinition", "RegisterTaskDefinitionRequest", "CreateServiceRequest", "UpdateServiceRequest"}, shape)
		if !described || slices.Contains(compared(), field) {
			continue
		}
		assert.False(t, fields[field], "%s has no effect, and shared/aws/observe reads .%s", member, field)
	}
}
