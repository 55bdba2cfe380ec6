package ecssim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// TaskDefinitionSpec is a task definition in short. CPU and Memory are in CPU
// units and MiB; 0 means 256 and 512.
type TaskDefinitionSpec struct {
	Family      string
	CPU, Memory int
	// TaskRole and ExecutionRole are names of roles; empty means none.
	TaskRole, ExecutionRole string
	Containers              []ContainerSpec
	// Main names the container of the application in all revisions of the family. Its
	// image decides the behaviour of a task. Empty means the first essential container.
	Main string
}

// ContainerSpec is a container in short. An Image without a registry belongs to
// the ECR repository of that name, if the Sim has one.
type ContainerSpec struct {
	Name, Image string
	// Sidecar makes the container not essential.
	Sidecar bool
	// HealthCheck adds a container health check. StartPeriod is its grace period.
	HealthCheck bool
	StartPeriod time.Duration
	// NoVersionConsistency makes each task resolve the tag anew.
	NoVersionConsistency bool
	// Environment and Secrets are by variable. A secret has its name in Secrets
	// Manager, or the name of a parameter that begins with a slash.
	Environment, Secrets map[string]string
	// LogGroup makes it write to CloudWatch Logs, in streams that begin with its
	// name.
	LogGroup string
	// End is what the stop events of the family's tasks say of the container. Nil means
	// the signal of the stop, or what its image does.
	End *ContainerEnd
	// Extra holds further members of the container definition, by their wire
	// names.
	Extra map[string]any
}

// RegisterTaskDefinition registers a revision and returns its ARN.
func (s *Sim) RegisterTaskDefinition(spec TaskDefinitionSpec) (arn string, err error) {
	containers := make([]wire.Object, len(spec.Containers))
	for i, c := range spec.Containers {
		containers[i] = s.containerObject(c)
	}
	in := wire.Object{
		"family": spec.Family, "networkMode": "awsvpc", "requiresCompatibilities": []string{launchFargate},
		"cpu": fmt.Sprint(max(spec.CPU, leastCPU)), "memory": fmt.Sprint(max(spec.Memory, leastMemory)),
		"containerDefinitions": containers,
	}
	for key, role := range map[string]string{"taskRoleArn": spec.TaskRole, "executionRoleArn": spec.ExecutionRole} {
		if role != "" {
			in[key] = s.account.Role(role)
		}
	}
	out, err := s.call(s.registerTaskDefinition, in)
	if err == nil {
		s.locked(func() { s.findFamily(spec.Family).describe(spec) })
	}
	return out.Object("taskDefinition").String("taskDefinitionArn"), err
}

// describe keeps the facts of the family that no task definition says.
func (f *family) describe(spec TaskDefinitionSpec) {
	f.main, f.ends = spec.Main, map[string]ContainerEnd{}
	for _, c := range spec.Containers {
		if c.End != nil {
			f.ends[c.Name] = *c.End
		}
	}
}

func (s *Sim) containerObject(c ContainerSpec) wire.Object {
	s.mu.Lock()
	image := s.own(c.Image)
	s.mu.Unlock()
	out := wire.Object{"name": c.Name, "image": image, "essential": !c.Sidecar}
	if c.HealthCheck {
		out["healthCheck"] = wire.Object{
			"command":  []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
			"interval": int(checkInterval.Seconds()), "timeout": int(checkTimeout.Seconds()), "retries": checkRetries, "startPeriod": int(c.StartPeriod.Seconds()),
		}
	}
	if c.NoVersionConsistency {
		out["versionConsistency"] = "disabled"
	}
	if len(c.Environment) > 0 {
		out["environment"] = pairs(c.Environment, "value", func(text string) string { return text })
	}
	if len(c.Secrets) > 0 {
		out["secrets"] = pairs(c.Secrets, "valueFrom", s.secretARN)
	}
	if c.LogGroup != "" {
		out["logConfiguration"] = wire.Object{"logDriver": "awslogs", "options": map[string]string{
			"awslogs-group": c.LogGroup, "awslogs-region": s.config.Region, "awslogs-stream-prefix": c.Name,
		}}
	}
	maps.Copy(out, c.Extra)
	return out
}

// pairs returns a map as a list of structures, by name.
func pairs(in map[string]string, key string, value func(string) string) []wire.Object {
	var out []wire.Object
	for _, name := range slices.Sorted(maps.Keys(in)) {
		out = append(out, wire.Object{"name": name, key: value(in[name])})
	}
	return out
}

// secretARN returns the ARN of a secret, with the letters that Secrets Manager
// adds. A name that begins with a slash is one of a parameter of Systems Manager. It
// returns an ARN unchanged.
func (s *Sim) secretARN(name string) string {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return name
	case strings.HasPrefix(name, "/"):
		return s.account.ARN("ssm", "parameter"+name)
	}
	return s.account.ARN("secretsmanager", "secret:"+name+"-"+account.Digest(name)[7:13])
}
