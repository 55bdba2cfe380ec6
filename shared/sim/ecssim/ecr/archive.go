package ecr

import (
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// The states of an image, ImageStatus of AWS's model.
const (
	statusActive     = "ACTIVE"
	statusArchived   = "ARCHIVED"
	statusActivating = "ACTIVATING"
)

// status returns the state of the image at this time. A restoration ends after
// restoreTime.
func (s *Service) status(img *image) string {
	switch {
	case img.archivedAt.IsZero():
		return statusActive
	case img.restoredAt.IsZero():
		return statusArchived
	case s.account.Now().Sub(img.restoredAt) < restoreTime:
		return statusActivating
	}
	return statusActive
}

// Archive moves an image to the archive, by its digest. It reports whether the image
// existed. Afterwards ECR describes the image, and refuses to serve it.
func (s *Service) Archive(repository, digest string) bool {
	repo := s.find(repository)
	if repo == nil {
		return false
	}
	img := repo.byDigest(digest)
	if img == nil {
		return false
	}
	s.archive(img)
	return true
}

func (s *Service) archive(img *image) {
	if s.status(img) == statusActive {
		img.archivedAt, img.restoredAt = s.account.Now(), time.Time{}
	}
}

// Pull returns the digest that a pull of the reference gets; ok is false if ECR answers
// 404. An archived image is refused like a missing one. AWS: ECR guide, "Archiving an
// image".
func (s *Service) Pull(reference string) (digest string, ok bool) {
	digest, ok = s.Resolve(reference)
	if img := s.held(reference, digest); img != nil && s.status(img) != statusActive {
		return "", false
	}
	return digest, ok
}

// held returns the image of the account's registry; nil for another registry.
func (s *Service) held(reference, digest string) *image {
	name, _, _ := SplitReference(reference)
	if len(name) <= len(s.Host()) || name[:len(s.Host())] != s.Host() {
		return nil
	}
	repo := s.find(name[len(s.Host())+1:])
	if repo == nil {
		return nil
	}
	return repo.byDigest(digest)
}

// updateImageStorageClass archives an image, or restores it. AWS: API reference of
// UpdateImageStorageClass. Assumed: the present class again changes nothing.
func (s *Service) updateImageStorageClass(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	id := in.Object("imageId")
	img := repo.find(id)
	if img == nil {
		return nil, s.noImage(repo, id)
	}
	switch {
	case in.String("targetStorageClass") == "ARCHIVE":
		s.archive(img)
	case s.status(img) == statusArchived:
		img.restoredAt = s.account.Now()
	}
	out := s.named(repo)
	out["imageId"], out["imageStatus"] = id, s.status(img)
	return out, nil
}
