package ecssim

import (
	"fmt"
	"time"

	"homeostat/shared/sim/ecssim/cloudformation"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/wire"
)

// AddRepository makes an ECR repository and returns its URI.
func (s *Sim) AddRepository(name string) (uri string) {
	s.locked(func() { uri = s.ecr.AddRepository(name) })
	return uri
}

// PushImage pushes a new image, moves the tag to it and sets the behaviour of its
// tasks. It makes the repository if necessary. ECR emits PUSH.
func (s *Sim) PushImage(repository, tag string, b Behaviour) (digest string) {
	s.locked(func() {
		var err error
		if digest, err = s.ecr.Push(repository, tag); err != nil {
			panic(fmt.Sprintf("ecssim: PushImage %s:%s: %v", repository, tag, err))
		}
		s.behaviours[digest] = b
	})
	return digest
}

// SetBehaviour changes the behaviour of later tasks of an image. The image may be
// of any registry, by its reference (tag or digest).
func (s *Sim) SetBehaviour(image string, b Behaviour) {
	s.locked(func() {
		if digest, ok := s.ecr.Resolve(image); ok {
			s.behaviours[digest] = b
		}
	})
}

// DeleteImage deletes an image by its digest, as a lifecycle rule does. It
// reports whether the image existed.
func (s *Sim) DeleteImage(repository, digest string) (deleted bool) {
	s.locked(func() { deleted = s.ecr.DeleteImage(repository, digest) })
	return deleted
}

// ArchiveImage archives an image by its digest, as a lifecycle rule does. It reports
// whether the image existed.
func (s *Sim) ArchiveImage(repository, digest string) (archived bool) {
	s.locked(func() { archived = s.ecr.Archive(repository, digest) })
	return archived
}

// FinishScan ends a basic scan of an image with a number of findings by severity
// ("CRITICAL"). ECR emits an ECR Image Scan. It reports whether the image exists.
func (s *Sim) FinishScan(repository, digest string, findings map[string]int) (found bool) {
	s.locked(func() { found = s.ecr.FinishScan(repository, digest, findings) })
	return found
}

// Digest returns the current digest of an image's reference, or "".
func (s *Sim) Digest(reference string) (digest string) {
	s.locked(func() { digest, _ = s.ecr.Resolve(s.own(reference)) })
	return digest
}

// RegistryHost returns the host of the account's ECR, the first part of image
// references.
func (s *Sim) RegistryHost() string { return s.ecr.Host() }

// own adds the registry to a reference of one of its repositories.
func (s *Sim) own(reference string) string {
	if name, _, _ := ecr.SplitReference(reference); s.ecr.Has(name) {
		return s.ecr.Host() + "/" + reference
	}
	return reference
}

func (s *Sim) imageExists(reference string) bool {
	_, ok := s.ecr.Pull(reference)
	return ok
}

// DeclareStack adds a stack of CloudFormation, or updates the stack of its name. It
// returns the id of the stack.
func (s *Sim) DeclareStack(stack cloudformation.Stack) (id string) {
	s.locked(func() { id = s.stacks.Declare(stack) })
	return id
}

// SetPartBehaviour sets the behaviour of the tasks with a part of a revision. It comes
// before that of their image. part is an ARN of a task definition, or a security group.
func (s *Sim) SetPartBehaviour(part string, b Behaviour) {
	s.locked(func() { s.parts[part] = b })
}

// partOf returns the part that decides the behaviour of a task; empty for its image.
// setup holds the parameters of its service; nil without one.
func (s *Sim) partOf(td *taskDefinition, setup wire.Object) string {
	groups := setup.Object("networkConfiguration").Object("awsvpcConfiguration").Strings("securityGroups")
	for _, part := range append([]string{td.arn}, groups...) {
		if _, ok := s.parts[part]; ok {
			return part
		}
	}
	return ""
}

// behaviourWith returns the behaviour of the main container of a task.
func (t *task) behaviourWith(setup wire.Object) Behaviour {
	if b, ok := t.sim.parts[t.sim.partOf(t.td, setup)]; ok {
		return b.Defaults().of(t)
	}
	return t.sim.behaviours[t.digests[t.td.main()]].Defaults().of(t)
}

// Age moves the past of a service back: its revision was deployed and completed so long
// ago, and its tasks run since. The clock does not move, and no event is sent.
func (s *Sim) Age(cluster, service string, by time.Duration) error {
	var err error
	s.locked(func() {
		if c := s.findCluster(cluster); c != nil && c.findService(service) != nil {
			c.findService(service).age(by)
			return
		}
		err = fmt.Errorf("there is no service %s/%s", cluster, service)
	})
	return err
}

func (svc *service) age(by time.Duration) {
	earlier := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.Add(-by)
			}
		}
	}
	earlier(&svc.created)
	for _, d := range svc.deployments {
		earlier(&d.created, &d.updated, &d.bakedAt)
	}
	for _, r := range svc.records {
		earlier(&r.created, &r.started, &r.finished, &r.updated)
	}
	for _, r := range svc.revisions {
		earlier(&r.created, &r.td.registered)
	}
	for _, t := range svc.live {
		earlier(&t.created, &t.connected, &t.pullStart, &t.pullStop, &t.started, &t.healthy)
	}
}
