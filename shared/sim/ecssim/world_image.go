package ecssim

import (
	"fmt"

	"homeostat/shared/sim/ecssim/cloudformation"
	"homeostat/shared/sim/ecssim/ecr"
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
	_, ok := s.ecr.Resolve(reference)
	return ok
}

// DeclareStack adds a stack of CloudFormation, or updates the stack of its name. It
// returns the id of the stack.
func (s *Sim) DeclareStack(stack cloudformation.Stack) (id string) {
	s.locked(func() { id = s.stacks.Declare(stack) })
	return id
}
