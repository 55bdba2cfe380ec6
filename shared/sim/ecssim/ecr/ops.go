package ecr

import (
	"cmp"
	"encoding/base64"
	"slices"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"CreateRepository":          s.createRepository,
		"DescribeRepositories":      s.describeRepositories,
		"DeleteRepository":          s.deleteRepository,
		"DescribeImages":            s.describeImages,
		"ListImages":                s.listImages,
		"BatchGetImage":             s.batchGetImage,
		"PutImage":                  s.putImage,
		"BatchDeleteImage":          s.batchDeleteImage,
		"GetAuthorizationToken":     s.authorizationToken,
		"DescribeImageScanFindings": s.describeScan,
	}
}

func (s *Service) mustRepository(in wire.Object) (*repository, error) {
	name := in.String("repositoryName")
	if repo := s.find(name); repo != nil {
		return repo, nil
	}
	return nil, s.noRepository(name)
}

func (s *Service) noRepository(name string) error {
	return wire.Errorf("RepositoryNotFoundException",
		"The repository with name '%s' does not exist in the registry with id '%s'", name, s.account.Account)
}

func (s *Service) createRepository(in wire.Object) (wire.Object, error) {
	name := in.String("repositoryName")
	if s.find(name) != nil {
		return nil, wire.Errorf("RepositoryAlreadyExistsException",
			"The repository with name '%s' already exists in the registry with id '%s'", name, s.account.Account)
	}
	repo := s.add(name)
	repo.immutable = in.String("imageTagMutability") == "IMMUTABLE"
	return wire.Object{"repository": s.repositoryObject(repo)}, nil
}

func (s *Service) describeRepositories(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	names := in.Strings("repositoryNames")
	for _, name := range names {
		repo := s.find(name)
		if repo == nil {
			return nil, s.noRepository(name)
		}
		found = append(found, s.repositoryObject(repo))
	}
	if len(names) > 0 {
		return wire.Object{"repositories": found}, nil
	}
	for _, repo := range s.repositories {
		found = append(found, s.repositoryObject(repo))
	}
	found, next, err := wire.Page(found, in, "maxResults", "nextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"repositories": found}, "nextToken", next), nil
}

func (s *Service) deleteRepository(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	if forced, _ := in.Bool("force"); len(repo.images) > 0 && !forced {
		return nil, wire.Errorf("RepositoryNotEmptyException",
			"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images",
			repo.name, s.account.Account)
	}
	s.repositories = slices.DeleteFunc(s.repositories, func(r *repository) bool { return r == repo })
	return wire.Object{"repository": s.repositoryObject(repo)}, nil
}

func (s *Service) repositoryObject(repo *repository) wire.Object {
	mutability := "MUTABLE"
	if repo.immutable {
		mutability = "IMMUTABLE"
	}
	return wire.Object{
		"repositoryArn": repo.arn, "registryId": s.account.Account, "repositoryName": repo.name, "repositoryUri": repo.uri,
		"createdAt": repo.created, "imageTagMutability": mutability,
		"imageScanningConfiguration": wire.Object{"scanOnPush": false},
		"encryptionConfiguration":    wire.Object{"encryptionType": "AES256"},
	}
}

func (s *Service) describeImages(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	found := []wire.Object{}
	for _, id := range in.Objects("imageIds") {
		img := repo.find(id)
		if img == nil {
			return nil, wire.Errorf("ImageNotFoundException",
				"The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
				cmp.Or(id.String("imageDigest"), "null"), cmp.Or(id.String("imageTag"), "null"), repo.name, s.account.Account)
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
		"imageSizeInBytes": img.size, "imagePushedAt": img.pushed,
		"imageManifestMediaType": img.mediaType, "artifactMediaType": "application/vnd.docker.container.image.v1+json",
	}
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
		if !tagged(in, img) {
			continue
		}
		for _, tag := range img.tags {
			ids = append(ids, wire.Object{"imageDigest": img.digest, "imageTag": tag})
		}
		if len(img.tags) == 0 {
			ids = append(ids, wire.Object{"imageDigest": img.digest})
		}
	}
	ids, next, err := wire.Page(ids, in, "maxResults", "nextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"imageIds": ids}, "nextToken", next), nil
}

func (s *Service) batchGetImage(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, id := range in.Objects("imageIds") {
		if img := repo.find(id); img != nil {
			found = append(found, s.imageObject(repo, img, id.String("imageTag")))
		} else {
			failures = append(failures, imageNotFound(id))
		}
	}
	return wire.Object{"images": found, "failures": failures}, nil
}

func imageNotFound(id wire.Object) wire.Object {
	return wire.Object{"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
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
	if manifest == "" {
		return nil, wire.Errorf("InvalidParameterException", "imageManifest must not be empty")
	}
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
		img := repo.find(id)
		if img == nil {
			failures = append(failures, imageNotFound(id))
			continue
		}
		tag := id.String("imageTag")
		if id.String("imageDigest") != "" {
			tag = ""
		}
		s.remove(repo, img, tag)
		gone := wire.Object{"imageDigest": img.digest}
		if tag != "" {
			gone["imageTag"] = tag
		}
		deleted = append(deleted, gone)
	}
	return wire.Object{"imageIds": deleted, "failures": failures}, nil
}

func (s *Service) authorizationToken(wire.Object) (wire.Object, error) {
	return wire.Object{"authorizationData": []wire.Object{{
		"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:ecssim")),
		"expiresAt":          s.account.Now().Add(tokenLife),
		"proxyEndpoint":      "https://" + s.Host(),
	}}}, nil
}
