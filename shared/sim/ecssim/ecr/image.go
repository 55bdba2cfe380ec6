package ecr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// repository is one ECR repository.
type repository struct {
	name, arn, uri string
	created        time.Time
	mutability     mutability
	scanOnPush     bool
	encryption     wire.Object
	policy         string      // of the repository; empty for none
	lifecycle      *keptPolicy // nil for none
	images         []*image
}

// image is one manifest and its tags.
type image struct {
	digest, manifest, mediaType string
	configType                  string // media type of the configuration; empty for a list
	tags                        []string
	pushed                      time.Time
	size                        int // bytes; 0 for a list without images of the repository
	scan                        scan
	archivedAt, restoredAt      time.Time // zero for an image that was never archived or restored
}

func (s *Service) find(name string) *repository {
	for _, repo := range s.repositories {
		if repo.name == name {
			return repo
		}
	}
	return nil
}

// Has reports whether a repository of that name exists.
func (s *Service) Has(repository string) bool { return s.find(repository) != nil }

// AddRepository makes a repository, if there is none of its name, and returns its
// URI.
func (s *Service) AddRepository(name string) (uri string) { return s.add(name).uri }

func (s *Service) add(name string) *repository {
	if repo := s.find(name); repo != nil {
		return repo
	}
	repo := &repository{
		name: name, arn: s.account.ARN("ecr", "repository/"+name), uri: s.Host() + "/" + name, created: s.account.Now(),
		mutability: mutability{setting: mutable}, encryption: wire.Object{"encryptionType": "AES256"},
	}
	s.repositories = append(s.repositories, repo)
	return repo
}

func (repo *repository) byDigest(digest string) *image {
	for _, img := range repo.images {
		if img.digest == digest {
			return img
		}
	}
	return nil
}

func (repo *repository) byTag(tag string) *image {
	for _, img := range repo.images {
		if slices.Contains(img.tags, tag) {
			return img
		}
	}
	return nil
}

// find resolves an ImageIdentifier. With a digest and a tag, both name the image.
func (repo *repository) find(id wire.Object) *image {
	tag, digest := id.String("imageTag"), id.String("imageDigest")
	if tag == "" {
		return repo.byDigest(digest)
	}
	img := repo.byTag(tag)
	if img == nil || digest != "" && img.digest != digest {
		return nil
	}
	return img
}

// SplitReference splits an image reference into the repository with the registry,
// the tag ("latest" by default), and the digest.
func SplitReference(reference string) (repo, tag, digest string) {
	repo, digest, _ = strings.Cut(reference, "@")
	if colon := strings.LastIndexByte(repo, ':'); colon > strings.LastIndexByte(repo, '/') {
		return repo[:colon], repo[colon+1:], digest
	}
	return repo, "latest", digest
}

// Pinned returns the reference of an image by its digest alone.
func Pinned(reference, digest string) string {
	repo, _, _ := SplitReference(reference)
	return repo + "@" + digest
}

// Resolve returns the digest of a reference. Images of other registries always
// exist; their digests are derived from their names.
func (s *Service) Resolve(reference string) (digest string, ok bool) {
	name, tag, digest := SplitReference(reference)
	own, ours := strings.CutPrefix(name, s.Host()+"/")
	if !ours {
		if digest == "" {
			digest = account.Digest(name + ":" + tag)
		}
		return digest, true
	}
	repo := s.find(own)
	if repo == nil {
		return "", false
	}
	if digest != "" {
		return digest, repo.byDigest(digest) != nil
	}
	if img := repo.byTag(tag); img != nil {
		return img.digest, true
	}
	return "", false
}

// newManifest returns the manifest of a new image.
func (s *Service) newManifest() string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.docker.container.image.v1+json",`+
		`"size":7023,"digest":"sha256:%s"},"layers":[]}`, manifestType, account.Hex(s.account.Names, 64))
}

// Push pushes a new image and moves the tag to it. It makes the repository if
// necessary.
func (s *Service) Push(repository, tag string) (digest string, err error) {
	img, err := s.push(s.add(repository), s.newManifest(), "", tag)
	if err != nil {
		return "", err
	}
	return img.digest, nil
}

// push stores an image and moves the tag to it.
func (s *Service) push(repo *repository, text, mediaType, tag string) (*image, error) {
	read, refused := readManifest(text, mediaType)
	if refused != nil {
		return nil, refused
	}
	digest := account.Digest(text)
	img := repo.byDigest(digest)
	if err := s.untag(repo, img, digest, tag); err != nil {
		return nil, err
	}
	fresh := img == nil
	if fresh {
		img = &image{
			digest: digest, manifest: text, mediaType: read.MediaType, configType: read.Config.MediaType,
			pushed: s.account.Now(), size: s.sizeOf(repo, read),
		}
		repo.images = append(repo.images, img)
	}
	if tag != "" {
		img.tags = append(img.tags, tag)
	}
	s.emitImage(repo, "PUSH", digest, tag)
	if fresh && repo.scanOnPush {
		s.startScan(repo, img)
	}
	return img, nil
}

// untag takes a tag from the image that holds it, for an image that is pushed. It
// returns an error for a tag that must stay, or that the image has already.
func (s *Service) untag(repo *repository, img *image, digest, tag string) error {
	holder := repo.byTag(tag)
	switch {
	case tag == "" || holder == nil:
		return nil
	case holder == img:
		return wire.Errorf("ImageAlreadyExistsException",
			"Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'",
			digest, tag, repo.name, s.account.Account)
	case repo.mutability.fixed(tag):
		return wire.Errorf("ImageTagAlreadyExistsException",
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.",
			tag, repo.name)
	}
	holder.tags = slices.DeleteFunc(holder.tags, func(t string) bool { return t == tag })
	return nil
}

// sizeOf returns the size of an image in bytes. A manifest without layers is one of
// this simulator: it has the size of a usual image.
func (s *Service) sizeOf(repo *repository, of manifest) int {
	if of.list() {
		return repo.largest(of)
	}
	if n := of.size(); n > 0 {
		return n
	}
	return 50_000_000 + s.account.Names.IntN(100_000_000)
}

// DeleteImage deletes an image by its digest, as a lifecycle rule does. It
// reports whether the image existed.
func (s *Service) DeleteImage(repository, digest string) bool {
	repo := s.find(repository)
	if repo == nil {
		return false
	}
	img := repo.byDigest(digest)
	if img == nil {
		return false
	}
	img.tags = nil
	s.removeImage(repo, img)
	return true
}

// removeTag deletes a tag. The image goes with its last tag.
func (s *Service) removeTag(repo *repository, img *image, tag string) {
	if len(img.tags) > 1 {
		img.tags = slices.DeleteFunc(img.tags, func(t string) bool { return t == tag })
	} else {
		repo.drop(img)
	}
	s.emitImage(repo, "DELETE", img.digest, tag)
}

// removeImage deletes an image with its tags.
func (s *Service) removeImage(repo *repository, img *image) {
	repo.drop(img)
	s.emitImage(repo, "DELETE", img.digest, "")
}

func (repo *repository) drop(img *image) {
	repo.images = slices.DeleteFunc(repo.images, func(i *image) bool { return i == img })
}

// imageDetail is the detail of an ECR Image Action. It has no tag if the image
// was deleted by its digest.
type imageDetail struct {
	Result         string `json:"result"`
	RepositoryName string `json:"repository-name"`
	ImageDigest    string `json:"image-digest"`
	ActionType     string `json:"action-type"`
	ImageTag       string `json:"image-tag,omitempty"`
}

func (s *Service) emitImage(repo *repository, action, digest, tag string) {
	s.account.Publish("aws.ecr", "ECR Image Action", nil, imageDetail{
		Result: "SUCCESS", RepositoryName: repo.name, ImageDigest: digest, ActionType: action, ImageTag: tag,
	})
}
