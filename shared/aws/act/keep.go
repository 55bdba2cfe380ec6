package act

import (
	"context"
	"encoding/json"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// DefinitionStore stores the bodies of task definitions beside a service. Definition
// returns nil for an unknown name.
type DefinitionStore interface {
	Definition(ctx context.Context, ref fleet.ServiceRef, name string) ([]byte, error)
	SaveDefinition(ctx context.Context, ref fleet.ServiceRef, name string, body []byte, dropped []string) error
}

// Keeper stores task definitions, so that they can be registered again after
// DeleteTaskDefinitions. A body holds what DescribeTaskDefinition returns: the values
// of environment variables, and only the ARNs of secrets.
type Keeper struct {
	ECS   ECS
	Store DefinitionStore
}

// kept is the stored form of a task definition.
type kept struct {
	Definition *ecstypes.TaskDefinition
	Tags       []ecstypes.Tag
}

// Keep reads a task definition and stores it. The dropped ones are removed. An error
// is a fault.
func (k *Keeper) Keep(ctx context.Context, ref fleet.ServiceRef, name string, dropped []string) error {
	found, err := (&Actor{ECS: k.ECS}).definition(ctx, name)
	if err != nil {
		return err
	}
	body, err := json.Marshal(kept{found.TaskDefinition, found.Tags})
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the task definition %s: %w", name, err)
	}
	return k.Store.SaveDefinition(ctx, ref, name, body, dropped)
}

// load returns a stored task definition as ECS would describe it, as INACTIVE.
func (k *Keeper) load(ctx context.Context, ref fleet.ServiceRef, name string) (*ecs.DescribeTaskDefinitionOutput, error) {
	body, err := k.Store.Definition(ctx, ref, name)
	if err != nil {
		return nil, err
	}
	var found kept
	if body == nil || json.Unmarshal(body, &found) != nil || found.Definition == nil {
		return nil, fault.Terminalf("no-copy", "the task definition %s is deleted, and its stored copy is missing or unreadable", name)
	}
	found.Definition.Status = ecstypes.TaskDefinitionStatusInactive
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: found.Definition, Tags: found.Tags}, nil
}
