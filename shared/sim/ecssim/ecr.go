package ecssim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// registry is ECR, and what is known of images elsewhere.
type registry struct {
	repositories []*repository
	behaviours   map[string]Behaviour // by digest; outlives the image
}

// repository is one ECR repository.
type repository struct {
	name, arn, uri string
	created        time.Time
	immutable      bool
	images         []*image
}

// image is one manifest and the tags that point to it.
type image struct {
	digest, manifest, mediaType string
	tags                        []string
	pushed                      time.Time
	size                        int
	scanned                     time.Time
	findings                    map[string]int // by severity
}

const manifestType = "application/vnd.docker.distribution.manifest.v2+json"

func newRegistry() registry { return registry{behaviours: map[string]Behaviour{}} }

// behaviour is what tasks of a digest do; the defaults for one that nobody named.
func (r *registry) behaviour(digest string) Behaviour { return r.behaviours[digest].Defaults() }

func (r *registry) repository(name string) *repository {
	for _, repo := range r.repositories {
		if repo.name == name {
			return repo
		}
	}
	return nil
}

func (s *Sim) addRepository(name string) *repository {
	if repo := s.registry.repository(name); repo != nil {
		return repo
	}
	repo := &repository{
		name: name, arn: s.arn("ecr", "repository/"+name), uri: s.registryHost() + "/" + name, created: s.Now(),
	}
	s.registry.repositories = append(s.registry.repositories, repo)
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

// find resolves an ImageIdentifier.
func (repo *repository) find(id wire.Object) *image {
	if digest := id.String("imageDigest"); digest != "" {
		return repo.byDigest(digest)
	}
	return repo.byTag(id.String("imageTag"))
}

// splitImage takes an image reference apart: repository with registry, tag
// ("latest" if none is named), digest.
func splitImage(reference string) (repo, tag, digest string) {
	repo, digest, _ = strings.Cut(reference, "@")
	if colon := strings.LastIndexByte(repo, ':'); colon > strings.LastIndexByte(repo, '/') {
		return repo[:colon], repo[colon+1:], digest
	}
	return repo, "latest", digest
}

// pinnedReference is the image by its digest alone.
func pinnedReference(reference, digest string) string {
	repo, _, _ := splitImage(reference)
	return repo + "@" + digest
}

// resolve gives the digest of a reference. Images of other registries always
// exist; their digests are derived from their names.
func (r *registry) resolve(s *Sim, reference string) (digest string, ok bool) {
	name, tag, digest := splitImage(reference)
	own, ours := strings.CutPrefix(name, s.registryHost()+"/")
	if !ours {
		if digest == "" {
			digest = digestOf(name + ":" + tag)
		}
		return digest, true
	}
	repo := r.repository(own)
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

func (r *registry) has(s *Sim, reference string) bool {
	_, ok := r.resolve(s, reference)
	return ok
}

func digestOf(manifest string) string {
	sum := sha256.Sum256([]byte(manifest))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// newManifest is the manifest of a fresh image.
func (s *Sim) newManifest() string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.docker.container.image.v1+json",`+
		`"size":7023,"digest":"sha256:%s"},"layers":[]}`, manifestType, hexOf(s.entropy.names, 64))
}

// push stores an image and moves the tag to it.
func (s *Sim) push(repo *repository, manifest, mediaType, tag string) (*image, error) {
	digest := digestOf(manifest)
	img := repo.byDigest(digest)
	if tag != "" {
		if holder := repo.byTag(tag); holder != nil {
			if holder == img {
				return img, wire.Errorf("ImageAlreadyExistsException",
					"Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'",
					digest, tag, repo.name, s.config.Account)
			}
			if repo.immutable {
				return nil, wire.Errorf("ImageTagAlreadyExistsException",
					"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.",
					tag, repo.name)
			}
			holder.tags = slices.DeleteFunc(holder.tags, func(t string) bool { return t == tag })
		}
	}
	if img == nil {
		img = &image{
			digest: digest, manifest: manifest, mediaType: orElse(mediaType, manifestType), pushed: s.Now(),
			size: 50_000_000 + s.entropy.names.IntN(100_000_000),
		}
		repo.images = append(repo.images, img)
	}
	if tag != "" {
		img.tags = append(img.tags, tag)
	}
	s.emitImage(repo, "PUSH", digest, tag)
	return img, nil
}

// remove deletes a tag, or with no tag the image.
func (s *Sim) remove(repo *repository, img *image, tag string) {
	if tag != "" && len(img.tags) > 1 {
		img.tags = slices.DeleteFunc(img.tags, func(t string) bool { return t == tag })
	} else {
		repo.images = slices.DeleteFunc(repo.images, func(i *image) bool { return i == img })
	}
	s.emitImage(repo, "DELETE", img.digest, tag)
}
