package ecr

import (
	"encoding/base64"
	"slices"
	"strings"

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
		"StartImageScan":            s.startImageScan,
		"UpdateImageStorageClass":   s.updateImageStorageClass,

		"PutImageTagMutability":         s.putImageTagMutability,
		"PutImageScanningConfiguration": s.putImageScanningConfiguration,

		"SetRepositoryPolicy":    s.setRepositoryPolicy,
		"GetRepositoryPolicy":    s.getRepositoryPolicy,
		"DeleteRepositoryPolicy": s.deleteRepositoryPolicy,
		"PutLifecyclePolicy":     s.putLifecyclePolicy,
		"GetLifecyclePolicy":     s.getLifecyclePolicy,
		"DeleteLifecyclePolicy":  s.deleteLifecyclePolicy,

		"DescribeRegistry":     s.describeRegistry,
		"PutRegistryPolicy":    s.putRegistryPolicy,
		"GetRegistryPolicy":    s.getRegistryPolicy,
		"DeleteRegistryPolicy": s.deleteRegistryPolicy,

		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

func (s *Service) mustRepository(in wire.Object) (*repository, error) {
	name := in.String("repositoryName")
	if repo := s.find(name); repo != nil {
		return repo, nil
	}
	return nil, s.noRepository(name)
}

func (s *Service) noRepository(name string) error { return missingRepository(name, s.account.Account) }

func missingRepository(name, registry string) error {
	return wire.Errorf("RepositoryNotFoundException",
		"The repository with name '%s' does not exist in the registry with id '%s'", name, registry)
}

// named returns the members that name a repository in an answer.
func (s *Service) named(repo *repository) wire.Object {
	return wire.Object{"registryId": s.account.Account, "repositoryName": repo.name}
}

func (s *Service) createRepository(in wire.Object) (wire.Object, error) {
	name := in.String("repositoryName")
	if s.find(name) != nil {
		return nil, wire.Errorf("RepositoryAlreadyExistsException",
			"The repository with name '%s' already exists in the registry with id '%s'", name, s.account.Account)
	}
	repo := s.add(name)
	repo.mutability = mutabilityOf(in)
	repo.scanOnPush, _ = in.Object("imageScanningConfiguration").Bool("scanOnPush")
	if given := in.Object("encryptionConfiguration"); given != nil {
		repo.encryption = s.encryption(given)
	}
	s.account.Tags.Put(repo.arn, in.Objects("tags"))
	return wire.Object{"repository": s.repositoryObject(repo)}, nil
}

// encryption returns the encryption of a repository. KMS without a key takes the key
// that AWS manages. AWS: API reference of EncryptionConfiguration.
func (s *Service) encryption(given wire.Object) wire.Object {
	out := wire.Object{"encryptionType": given.String("encryptionType")}
	if key := given.String("kmsKey"); key != "" {
		out["kmsKey"] = key
	} else if out.String("encryptionType") != "AES256" {
		out["kmsKey"] = s.account.ARN("kms", "key/"+account.UUID(s.account.Names))
	}
	return out
}

// describeRepositories returns repositories of the account's own registry. Every other
// registry is empty.
func (s *Service) describeRepositories(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	names := in.Strings("repositoryNames")
	if id := in.String("registryId"); id != "" && id != s.account.Account {
		if len(names) > 0 {
			return nil, missingRepository(names[0], id)
		}
		return wire.Object{"repositories": found}, nil
	}
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
	delete(s.account.Tags, repo.arn)
	return wire.Object{"repository": s.repositoryObject(repo)}, nil
}

func (s *Service) repositoryObject(repo *repository) wire.Object {
	return repo.mutability.put(wire.Object{
		"repositoryArn": repo.arn, "registryId": s.account.Account, "repositoryName": repo.name, "repositoryUri": repo.uri,
		"createdAt":                  repo.created,
		"imageScanningConfiguration": wire.Object{"scanOnPush": repo.scanOnPush},
		"encryptionConfiguration":    repo.encryption,
	})
}

func (s *Service) putImageScanningConfiguration(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	repo.scanOnPush, _ = in.Object("imageScanningConfiguration").Bool("scanOnPush")
	out := s.named(repo)
	out["imageScanningConfiguration"] = wire.Object{"scanOnPush": repo.scanOnPush}
	return out, nil
}

// authorizationToken returns a token for each registry of the request, by default for
// the account's own.
func (s *Service) authorizationToken(in wire.Object) (wire.Object, error) {
	registries := in.Strings("registryIds")
	if len(registries) == 0 {
		registries = []string{s.account.Account}
	}
	data := make([]wire.Object, len(registries))
	for i, id := range registries {
		data[i] = wire.Object{
			"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:" + id + "-auth-token")),
			"expiresAt":          s.account.Now().Add(tokenLife),
			"proxyEndpoint":      "https://" + id + strings.TrimPrefix(s.Host(), s.account.Account),
		}
	}
	return wire.Object{"authorizationData": data}, nil
}
