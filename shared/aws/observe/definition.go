package observe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// definitions adds the task definitions of the newest rollout and of the current
// revision. Those of the rollback targets were read when the targets were checked.
func (o *Observer) definitions(ctx context.Context, s *fleet.Snapshot) error {
	known := map[string]*fleet.Definition{}
	for _, r := range s.History {
		if r.Target.Definition != nil {
			known[r.Target.TaskDefinition] = r.Target.Definition
		}
	}
	current, _ := s.Current()
	for i := range s.History {
		r := &s.History[i].Target
		wanted := i == 0 || r.ARN == current.ARN
		if r.TaskDefinition == "" || r.Definition != nil {
			continue
		}
		if wanted && known[r.TaskDefinition] == nil {
			read, err := o.Definition(ctx, r.TaskDefinition)
			if err != nil {
				return err
			}
			known[r.TaskDefinition] = read
		}
		r.Definition = known[r.TaskDefinition]
	}
	return nil
}

// Definition reads a task definition by "family:revision".
func (o *Observer) Definition(ctx context.Context, name string) (*fleet.Definition, error) {
	out, err := o.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(name)})
	if err != nil {
		return nil, fault.FromAWS("describing task definition "+name, err)
	}
	if out.TaskDefinition == nil {
		return nil, fault.Retryf("empty-answer", "describing task definition %s: ECS named none", name)
	}
	return definition(out.TaskDefinition), nil
}

// definition returns the parts of a task definition that are compared.
func definition(t *ecstypes.TaskDefinition) *fleet.Definition {
	d := &fleet.Definition{
		CPU: units(t.Cpu), Memory: units(t.Memory), Fargate: onFargate(t),
		TaskRole: aws.ToString(t.TaskRoleArn), ExecutionRole: aws.ToString(t.ExecutionRoleArn),
		Parts: definitionParts(t),
	}
	for i, c := range t.ContainerDefinitions {
		d.Containers = append(d.Containers, container(containerName(i, c), c))
	}
	return d
}

func container(name string, c ecstypes.ContainerDefinition) fleet.ContainerDefinition {
	out := fleet.ContainerDefinition{
		Name: name, Image: aws.ToString(c.Image), Memory: int(aws.ToInt32(c.Memory)),
		NonEssential: c.Essential != nil && !*c.Essential, HealthCheck: c.HealthCheck != nil,
		Restarts: c.RestartPolicy != nil && aws.ToBool(c.RestartPolicy.Enabled),
	}
	for _, d := range c.DependsOn {
		out.DependsOn = append(out.DependsOn, fleet.Dependency{Container: aws.ToString(d.ContainerName), Condition: string(d.Condition)})
	}
	for _, v := range c.Environment {
		name := aws.ToString(v.Name)
		if out.Values == nil {
			out.Values = map[string]string{}
		}
		out.Environment = append(out.Environment, name)
		out.Values[name] = digest(name, aws.ToString(v.Value))
	}
	slices.Sort(out.Environment)
	for _, s := range c.Secrets {
		if out.Secrets == nil {
			out.Secrets = map[string]string{}
		}
		out.Secrets[aws.ToString(s.Name)] = aws.ToString(s.ValueFrom)
	}
	if r := c.RepositoryCredentials; r != nil {
		out.OtherSecrets = append(out.OtherSecrets, aws.ToString(r.CredentialsParameter))
	}
	if l := c.LogConfiguration; l != nil {
		for _, s := range l.SecretOptions {
			out.OtherSecrets = append(out.OtherSecrets, aws.ToString(s.ValueFrom))
		}
		out.Log, out.LogGroup, out.LogPrefix = string(l.LogDriver), l.Options["awslogs-group"], l.Options["awslogs-stream-prefix"]
	}
	return out
}

// digest returns a digest of the value of a variable. It includes the name, so that
// equal values of two variables have different digests.
func digest(name, value string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + value))
	return hex.EncodeToString(sum[:digestLength])
}

// units returns a size in the form of ECS. At registration ECS turns "1 vCPU" and
// "2 GB" into units and MiB. It returns 0 for a missing size.
func units(text *string) int {
	n, err := strconv.Atoi(aws.ToString(text))
	if err != nil {
		return 0
	}
	return n
}

// onFargate reports whether Fargate's sizes bind the task: it requires Fargate, or
// has no requirement and could run there.
func onFargate(t *ecstypes.TaskDefinition) bool {
	if len(t.RequiresCompatibilities) > 0 {
		return slices.Contains(t.RequiresCompatibilities, ecstypes.CompatibilityFargate)
	}
	return slices.Contains(t.Compatibilities, ecstypes.CompatibilityFargate)
}
