package ecr

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

func (s *Service) describeImages(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	found := []wire.Object{}
	for _, id := range in.Objects("imageIds") {
		img := repo.find(id)
		if img == nil {
			return nil, s.noImage(repo, id)
		}
		found = append(found, s.imageDetailObject(repo, img))
	}
	if len(found) > 0 {
		return wire.Object{"imageDetails": found}, nil
	}
	for _, img := range repo.images {
		if tagged(in, img) {
			found = append(found, s.imageDetailObject(repo, img))
		}
	}
	found, next, err := wire.Page(found, in, "maxResults", "nextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"imageDetails": found}, "nextToken", next), nil
}

func (s *Service) noImage(repo *repository, id wire.Object) error {
	return wire.Errorf("ImageNotFoundException",
		"The image with imageId %s does not exist within the repository with name '%s' in the registry with id '%s'",
		written(id), repo.name, s.account.Account)
}

// written returns an ImageIdentifier as ECR writes it in messages.
func written(id wire.Object) string {
	return fmt.Sprintf("{imageDigest:'%s', imageTag:'%s'}", cmp.Or(id.String("imageDigest"), "null"), cmp.Or(id.String("imageTag"), "null"))
}

// tagged applies the filter of ListImages and DescribeImages.
func tagged(in wire.Object, img *image) bool {
	switch in.Object("filter").String("tagStatus") {
	case "TAGGED":
		return len(img.tags) > 0
	case "UNTAGGED":
		return len(img.tags) == 0
	}
	return true
}

func (s *Service) imageDetailObject(repo *repository, img *image) wire.Object {
	out := wire.Object{
		"registryId": s.account.Account, "repositoryName": repo.name, "imageDigest": img.digest,
		"imagePushedAt": img.pushed, "imageManifestMediaType": img.mediaType, "imageStatus": s.status(img),
	}
	if !img.archivedAt.IsZero() {
		out["lastArchivedAt"] = img.archivedAt
	}
	if !img.restoredAt.IsZero() {
		out["lastActivatedAt"] = img.restoredAt
	}
	if img.size > 0 {
		out["imageSizeInBytes"] = img.size
	}
	if img.configType != "" {
		out["artifactMediaType"] = img.configType
	}
	img.scan.summarize(out)
	if len(img.tags) > 0 {
		out["imageTags"] = slices.Clone(img.tags)
	}
	return out
}

func (s *Service) listImages(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	ids := []wire.Object{}
	for _, img := range repo.images {
		if tagged(in, img) {
			ids = append(ids, identifiers(img)...)
		}
	}
	ids, next, err := wire.Page(ids, in, "maxResults", "nextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"imageIds": ids}, "nextToken", next), nil
}

// batchGetImage returns images. A request without acceptedMediaTypes accepts all of
// them.
func (s *Service) batchGetImage(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	found, failures := []wire.Object{}, []wire.Object{}
	accepted := in.Strings("acceptedMediaTypes")
	for _, id := range in.Objects("imageIds") {
		img, failed := repo.identify(id)
		switch {
		case failed != nil:
			failures = append(failures, failed)
		case s.status(img) != statusActive: // a pull is answered with 404
			failures = append(failures, failure(id, "ImageNotFound", "Requested image not found"))
		case len(accepted) > 0 && !slices.Contains(accepted, img.mediaType):
			failures = append(failures, failure(id, "ImageNotFound", "Requested image not found"))
		default:
			found = append(found, s.imageObject(repo, img, id.String("imageTag")))
		}
	}
	return wire.Object{"images": found, "failures": failures}, nil
}

func failure(id wire.Object, code, reason string) wire.Object {
	return wire.Object{"imageId": id, "failureCode": code, "failureReason": reason}
}

// identify finds the image of an ImageIdentifier, or returns the failure with one of
// the codes of ImageFailure.
func (repo *repository) identify(id wire.Object) (*image, wire.Object) {
	tag, digest := id.String("imageTag"), id.String("imageDigest")
	switch holder := repo.byTag(tag); {
	case tag == "" && digest == "":
		return nil, failure(id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")
	case digest != "" && !isDigest(digest):
		return nil, failure(id, "InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
	case tag != "" && digest != "" && holder != nil && holder.digest != digest:
		return nil, failure(id, "ImageTagDoesNotMatchDigest", "Requested image tag does not match the image digest")
	}
	img := repo.find(id)
	if img == nil {
		return nil, failure(id, "ImageNotFound", "Requested image not found")
	}
	return img, nil
}

func isDigest(text string) bool {
	return regexp.MustCompile(`^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$`).MatchString(text)
}

func (s *Service) imageObject(repo *repository, img *image, tag string) wire.Object {
	id := wire.Object{"imageDigest": img.digest}
	if tag != "" {
		id["imageTag"] = tag
	}
	return wire.Object{
		"registryId": s.account.Account, "repositoryName": repo.name, "imageId": id,
		"imageManifest": img.manifest, "imageManifestMediaType": img.mediaType,
	}
}

func (s *Service) putImage(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	manifest, tag := in.String("imageManifest"), in.String("imageTag")
	if want := in.String("imageDigest"); want != "" && want != account.Digest(manifest) {
		return nil, wire.Errorf("ImageDigestDoesNotMatchException", "Image digest does not match calculated digest")
	}
	img, err := s.push(repo, manifest, in.String("imageManifestMediaType"), tag)
	if err != nil {
		return nil, err
	}
	return wire.Object{"image": s.imageObject(repo, img, tag)}, nil
}

func (s *Service) batchDeleteImage(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	deleted, failures := []wire.Object{}, []wire.Object{}
	for _, id := range in.Objects("imageIds") {
		img, failed := repo.identify(id)
		if failed != nil {
			failures = append(failures, failed)
			continue
		}
		deleted = append(deleted, s.deleteImage(repo, img, id)...)
	}
	return wire.Object{"imageIds": deleted, "failures": failures}, nil
}

// deleteImage deletes a tag, or the whole image if the identifier has its digest. It
// returns the deleted identifiers: one for each tag. AWS: API reference of
// BatchDeleteImage.
func (s *Service) deleteImage(repo *repository, img *image, id wire.Object) []wire.Object {
	if id.String("imageDigest") == "" {
		tag := id.String("imageTag")
		s.removeTag(repo, img, tag)
		return []wire.Object{{"imageDigest": img.digest, "imageTag": tag}}
	}
	gone := identifiers(img)
	s.removeImage(repo, img)
	return gone
}

// identifiers returns an identifier for each tag of an image, or one without a tag.
func identifiers(img *image) []wire.Object {
	if len(img.tags) == 0 {
		return []wire.Object{{"imageDigest": img.digest}}
	}
	out := make([]wire.Object, len(img.tags))
	for i, tag := range img.tags {
		out[i] = wire.Object{"imageDigest": img.digest, "imageTag": tag}
	}
	return out
}
