package rehearse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

func (d *DeleteImage) play(r *Run) error {
	return d.each(r, "deleted", func(repository, digest string) { r.sim.DeleteImage(repository, digest) })
}

// each calls do for the image of the tag, or for every image of the repository with the
// behaviour.
func (d *DeleteImage) each(r *Run, what string, do func(repository, digest string)) error {
	repository, tag, _ := strings.Cut(d.Image, ":")
	if tag != "" {
		digest := r.sim.Digest(d.Image)
		if d.Runs != "" && r.images[digest] != d.Runs {
			return fmt.Errorf("the image %s runs %q and not %q", d.Image, r.images[digest], d.Runs)
		}
		r.note("the image %s is %s", d.Image, what)
		do(repository, digest)
		return nil
	}
	r.note("every image %s of %s is %s", d.Runs, repository, what)
	for _, digest := range slices.Sorted(maps.Keys(r.images)) {
		if r.images[digest] == d.Runs {
			do(repository, digest)
		}
	}
	return nil
}

// archive archives images, as a lifecycle rule does: ECR describes them, and no task
// can pull them.
type archive DeleteImage

func (a *archive) valid(s *Scenario, _ map[string]bool) error {
	return (*DeleteImage)(a).validAs("archive", s)
}

func (a *archive) play(r *Run) error {
	return (*DeleteImage)(a).each(r, "archived", func(repository, digest string) { r.sim.ArchiveImage(repository, digest) })
}

// The end of a task definition, as a tool that deploys brings it about.
type (
	deregister       string
	deleteDefinition string
)

func (d deregister) valid(*Scenario, map[string]bool) error { return isDefinition(string(d)) }

func isDefinition(name string) error {
	if family, revision, ok := strings.Cut(name, ":"); !ok || family == "" || revision == "" {
		return fmt.Errorf("the task definition is %q, expected family:revision", name)
	}
	return nil
}

func (d deregister) play(r *Run) error {
	r.note("a tool deregisters %s", string(d))
	_, err := r.ecs.DeregisterTaskDefinition(context.Background(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(string(d))})
	return err
}

func (d deleteDefinition) valid(*Scenario, map[string]bool) error { return isDefinition(string(d)) }

func (d deleteDefinition) play(r *Run) error {
	if err := deregister(d).play(r); err != nil {
		return err
	}
	r.note("a tool deletes %s", string(d))
	out, err := r.ecs.DeleteTaskDefinitions(context.Background(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{string(d)}})
	if err == nil && len(out.Failures) > 0 {
		err = fmt.Errorf("deleting %s: %s", string(d), aws.ToString(out.Failures[0].Reason))
	}
	return err
}

// Deny makes AWS deny an operation, such as "ecs:RegisterTaskDefinition". For 0 means
// until the end. The steps that register a definition are not denied.
type Deny struct {
	Operation string        `yaml:"operation"`
	For       time.Duration `yaml:"for"`
}

func (d *Deny) valid(*Scenario, map[string]bool) error {
	if service, operation, ok := strings.Cut(d.Operation, ":"); !ok || service == "" || operation == "" || d.For < 0 {
		return fmt.Errorf("deny.operation is %q, expected service:Operation as in a policy of IAM", d.Operation)
	}
	return nil
}

func (d *Deny) play(r *Run) error {
	service, operation, _ := strings.Cut(d.Operation, ":")
	r.note("AWS denies %s", d.Operation)
	r.sim.SetDenied(service, operation, true)
	if d.For > 0 {
		r.later(d.For, func() {
			r.note("AWS permits %s again", d.Operation)
			r.sim.SetDenied(service, operation, false)
		})
	}
	return nil
}
