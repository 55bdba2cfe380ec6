package ecssim

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func byTag(tag string) []ecrtypes.ImageIdentifier {
	return []ecrtypes.ImageIdentifier{{ImageTag: &tag}}
}

func TestAPushIsAnEvent(t *testing.T) {
	w := newWorld(t, Config{Seed: 7})
	digest := w.PushImage("shop/web", "v1", Behaviour{})
	require.Len(t, w.events, 1)
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.events[0].raw, &body))
	assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", body["id"])
	delete(body, "id")
	assert.Equal(t, map[string]any{
		"version": "0", "detail-type": "ECR Image Action", "source": "aws.ecr", "account": "123456789012",
		"time": "2026-01-05T06:00:00Z", "region": "eu-central-1", "resources": []any{},
		"detail": map[string]any{
			"result": "SUCCESS", "repository-name": "shop/web", "image-digest": digest, "action-type": "PUSH", "image-tag": "v1",
		},
	}, body)
}

func TestPushingATagMovesIt(t *testing.T) {
	w := newWorld(t, Config{})
	first := w.PushImage("web", "latest", Behaviour{})
	second := w.PushImage("web", "latest", Behaviour{})
	out, err := w.ecr.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("web")})
	require.NoError(t, err)
	tags := map[string][]string{}
	for _, image := range out.ImageDetails {
		tags[*image.ImageDigest] = image.ImageTags
	}
	assert.Equal(t, map[string][]string{first: nil, second: {"latest"}}, tags)
	moved, err := w.ecr.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("web"), ImageIds: byTag("latest")})
	require.NoError(t, err)
	assert.Equal(t, second, *moved.ImageDetails[0].ImageDigest)
}

func TestRetaggingByPutImage(t *testing.T) {
	w := newWorld(t, Config{})
	digest := w.PushImage("web", "v1", Behaviour{})
	got, err := w.ecr.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{
		RepositoryName: aws.String("web"), ImageIds: append(byTag("v1"), byTag("v2")...),
	})
	require.NoError(t, err)
	assert.Equal(t, ecrtypes.ImageFailureCodeImageNotFound, got.Failures[0].FailureCode)
	put := &ecr.PutImageInput{RepositoryName: aws.String("web"), ImageManifest: got.Images[0].ImageManifest, ImageTag: aws.String("prod")}
	out, err := w.ecr.PutImage(t.Context(), put)
	require.NoError(t, err)
	assert.Equal(t, digest, *out.Image.ImageId.ImageDigest, "the same manifest is the same image")
	assert.Len(t, w.events, 2)
	_, err = w.ecr.PutImage(t.Context(), put)
	var exists *ecrtypes.ImageAlreadyExistsException
	assert.ErrorAs(t, err, &exists)
}

func TestDeletingImages(t *testing.T) {
	w := newWorld(t, Config{})
	digest := w.PushImage("web", "v1", Behaviour{})
	out, err := w.ecr.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String("web"), ImageIds: append(byTag("v1"), byTag("never")...),
	})
	require.NoError(t, err)
	assert.Equal(t, digest, *out.ImageIds[0].ImageDigest)
	require.Len(t, out.Failures, 1)
	assert.Contains(t, string(w.events[1].raw), `"action-type":"DELETE"`)
	_, err = w.ecr.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("web"), ImageIds: byTag("v1")})
	var gone *ecrtypes.ImageNotFoundException
	assert.ErrorAs(t, err, &gone)
}

func TestRepositories(t *testing.T) {
	w := newWorld(t, Config{})
	made, err := w.ecr.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: aws.String("fixed"), ImageTagMutability: ecrtypes.ImageTagMutabilityImmutable,
	})
	require.NoError(t, err)
	assert.Equal(t, "123456789012.dkr.ecr.eu-central-1.amazonaws.com/fixed", *made.Repository.RepositoryUri)
	_, err = w.ecr.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("fixed")})
	var exists *ecrtypes.RepositoryAlreadyExistsException
	require.ErrorAs(t, err, &exists)
	_, err = w.ecr.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String("nothing")})
	var unknown *ecrtypes.RepositoryNotFoundException
	require.ErrorAs(t, err, &unknown)
	put := func(manifest string) error {
		_, err := w.ecr.PutImage(t.Context(), &ecr.PutImageInput{
			RepositoryName: aws.String("fixed"), ImageManifest: &manifest, ImageTag: aws.String("v1"),
		})
		return err
	}
	require.NoError(t, put(`{"mediaType":"a"}`))
	var immutable *ecrtypes.ImageTagAlreadyExistsException
	require.ErrorAs(t, put(`{"mediaType":"b"}`), &immutable, "an immutable tag does not move")
	list, err := w.ecr.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String("fixed")})
	require.NoError(t, err)
	assert.Equal(t, "v1", *list.ImageIds[0].ImageTag)
	all, err := w.ecr.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	require.NoError(t, err)
	assert.Len(t, all.Repositories, 1)
}

func TestScans(t *testing.T) {
	w := newWorld(t, Config{})
	digest := w.PushImage("web", "v1", Behaviour{})
	find := func() (*ecr.DescribeImageScanFindingsOutput, error) {
		return w.ecr.DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{
			RepositoryName: aws.String("web"), ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &digest},
		})
	}
	_, err := find()
	var missing *ecrtypes.ScanNotFoundException
	require.ErrorAs(t, err, &missing)
	require.True(t, w.FinishScan("web", digest, map[string]int{"CRITICAL": 2}))
	assert.Contains(t, string(w.events[1].raw), `"finding-severity-counts":{"CRITICAL":2},"image-digest":"`+digest+`","image-tags":["v1"]`)
	out, err := find()
	require.NoError(t, err)
	assert.Equal(t, map[string]int32{"CRITICAL": 2}, out.ImageScanFindings.FindingSeverityCounts)
	assert.False(t, w.FinishScan("web", "sha256:0", nil))
}

// brokenImageRules has one request for each rule of ECR.
func brokenImageRules() []broken {
	const (
		create, mutability, lifecycle = "CreateRepository", "PutImageTagMutability", "PutLifecyclePolicy"
		filters                       = "Exclusion filters come with a setting that has exclusions, and with no other one."
		invalid                       = "InvalidParameterException"
		rules                         = `{"repositoryName":"web","lifecyclePolicyText":"{\"rules\":[{\"rulePriority\":1,\"selection\":{\"tagStatus\":\"untagged\",\"countType\":\"imageCountMoreThan\",\"countUnit\":\"days\",\"countNumber\":3},\"action\":{\"type\":\"expire\"}}]}"}`
	)
	return []broken{
		{filters, create, `{"repositoryName":"web","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION"}`, invalid, "can't be null when imageTagMutability is set as IMMUTABLE_WITH_EXCLUSION"},
		{filters, mutability, `{"repositoryName":"web","imageTagMutability":"MUTABLE","imageTagMutabilityExclusionFilters":[{"filter":"a*","filterType":"WILDCARD"}]}`, invalid, "must be null"},
		{"A manifest is JSON and has a media type.", "PutImage", `{"repositoryName":"web","imageManifest":"hello"}`, invalid, "'Invalid JSON syntax'"},
		{"A lifecycle policy has rules with a selection and an action.", lifecycle, rules, invalid, "Lifecycle policy validation failure: countUnit"},
		{
			"A repository policy has statements with an effect, a principal and an action.", "SetRepositoryPolicy",
			`{"repositoryName":"web","policyText":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"}]}"}`, invalid, "'Invalid repository policy provided'",
		},
		{
			"A registry policy allows actions on the whole registry.", "PutRegistryPolicy",
			`{"policyText":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"ecr:DescribeImages\"}]}"}`, invalid, "'Invalid registry policy provided'",
		},
	}
}
