package ecr_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// registry is a Sim with the repository web. Its answers are checked against AWS's
// model.
type registry struct {
	*ecssim.Sim
	t      *testing.T
	events []string
}

func newRegistry(t *testing.T) *registry {
	r := &registry{Sim: ecssim.New(ecssim.Config{}), t: t}
	r.Server().Check(func(problem string) { t.Error(problem) })
	r.Events(func(event []byte) { r.events = append(r.events, string(event)) })
	r.ok("CreateRepository", wire.Object{})
	return r
}

// call calls an operation about the repository web.
func (r *registry) call(operation string, in wire.Object) (wire.Object, error) {
	if !in.Has("resourceArn") {
		in["repositoryName"] = "web"
	}
	raw, err := json.Marshal(in)
	require.NoError(r.t, err)
	var plain wire.Object
	require.NoError(r.t, json.Unmarshal(raw, &plain))
	return r.Server().Invoke("ecr", operation, plain)
}

func (r *registry) ok(operation string, in wire.Object) wire.Object {
	r.t.Helper()
	out, err := r.call(operation, in)
	require.NoError(r.t, err)
	return out
}

// put pushes an image with one layer of so many bytes, and returns its digest.
func (r *registry) put(size int, tag string) string {
	r.t.Helper()
	in := wire.Object{"imageManifest": fmt.Sprintf(`{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
		"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":9},"layers":[{"size":%d}]}`, size)}
	if tag != "" {
		in["imageTag"] = tag
	}
	return r.ok("PutImage", in).Object("image").Object("imageId").String("imageDigest")
}

func (r *registry) run(d time.Duration) { r.RunUntil(r.Now().Add(d)) }

func id(digest, tag string) wire.Object {
	out := wire.Object{}
	if digest != "" {
		out["imageDigest"] = digest
	}
	if tag != "" {
		out["imageTag"] = tag
	}
	return out
}

func TestTheSettingsOfARepositoryAreKeptAndAnswered(t *testing.T) {
	r := newRegistry(t)
	const arn = "arn:aws:ecr:eu-central-1:123456789012:repository/kept"
	out, err := r.Server().Invoke("ecr", "CreateRepository", wire.Object{
		"repositoryName": "kept", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
		"imageTagMutabilityExclusionFilters": []any{wire.Object{"filter": "dev-*", "filterType": "WILDCARD"}},
		"imageScanningConfiguration":         wire.Object{"scanOnPush": true},
		"encryptionConfiguration":            wire.Object{"encryptionType": "KMS"},
		"tags":                               []any{wire.Object{"Key": "team", "Value": "shop"}},
	})
	require.NoError(t, err)
	made := out.Object("repository")
	assert.Equal(t, "IMMUTABLE_WITH_EXCLUSION", made.String("imageTagMutability"))
	assert.Equal(t, "dev-*", made.Objects("imageTagMutabilityExclusionFilters")[0].String("filter"))
	assert.Equal(t, wire.Object{"scanOnPush": true}, made.Object("imageScanningConfiguration"))
	assert.Regexp(t, `^arn:aws:kms:eu-central-1:123456789012:key/`, made.Object("encryptionConfiguration").String("kmsKey"), "AWS's own key")
	assert.Equal(t, "shop", r.ok("ListTagsForResource", wire.Object{"resourceArn": arn}).Objects("tags")[0].String("Value"))
	r.ok("TagResource", wire.Object{"resourceArn": arn, "tags": []any{wire.Object{"Key": "team", "Value": "pay"}, wire.Object{"Key": "a", "Value": "b"}}})
	r.ok("UntagResource", wire.Object{"resourceArn": arn, "tagKeys": []any{"a"}})
	assert.Equal(t, []wire.Object{{"Key": "team", "Value": "pay"}}, r.ok("ListTagsForResource", wire.Object{"resourceArn": arn}).Objects("tags"))
	_, err = r.call("ListTagsForResource", wire.Object{"resourceArn": "web"})
	assert.ErrorContains(t, err, "'Invalid ARN'")
	assert.Equal(t, "MUTABLE", r.ok("PutImageTagMutability", wire.Object{"imageTagMutability": "MUTABLE"}).String("imageTagMutability"))
	assert.Equal(t, wire.Object{"scanOnPush": true}, r.ok("PutImageScanningConfiguration", wire.Object{"imageScanningConfiguration": wire.Object{"scanOnPush": true}}).Object("imageScanningConfiguration"))
}

func TestTagsMoveByTheMutabilityOfTheirRepository(t *testing.T) {
	filters := []any{wire.Object{"filter": "dev-*", "filterType": "WILDCARD"}}
	for setting, moves := range map[string]map[string]bool{
		"MUTABLE":                  {"v1": true, "dev-1": true},
		"IMMUTABLE":                {"v1": false, "dev-1": false},
		"IMMUTABLE_WITH_EXCLUSION": {"v1": false, "dev-1": true, "xdev-1": false},
		"MUTABLE_WITH_EXCLUSION":   {"v1": true, "dev-1": false, "xdev-1": true},
	} {
		t.Run(setting, func(t *testing.T) {
			r := newRegistry(t)
			in := wire.Object{"imageTagMutability": setting}
			if len(setting) > len("IMMUTABLE") {
				in["imageTagMutabilityExclusionFilters"] = filters
			}
			r.ok("PutImageTagMutability", in)
			for tag, want := range moves {
				r.put(1, tag)
				_, err := r.call("PutImage", wire.Object{"imageManifest": `{"mediaType":"m"}`, "imageTag": tag})
				assert.Equal(t, want, err == nil, "%s: %v", tag, err)
				if !want {
					assert.ErrorContains(t, err, "ImageTagAlreadyExistsException")
				}
			}
		})
	}
}

func TestAnImageIsIdentifiedByItsDigestItsTagOrBoth(t *testing.T) {
	for name, c := range map[string]struct {
		id   func(one, two string) wire.Object
		code string // of the failure; "" for none
	}{
		"neither":                     {func(_, _ string) wire.Object { return id("", "") }, "MissingDigestAndTag"},
		"a digest of another form":    {func(_, _ string) wire.Object { return id("sha256:xyz", "") }, "InvalidImageDigest"},
		"an unknown digest":           {func(_, _ string) wire.Object { return id("sha256:00", "") }, "ImageNotFound"},
		"an unknown tag":              {func(_, _ string) wire.Object { return id("", "v9") }, "ImageNotFound"},
		"a digest and no tag of it":   {func(one, _ string) wire.Object { return id(one, "v9") }, "ImageNotFound"},
		"a digest and another's tag":  {func(one, _ string) wire.Object { return id(one, "v3") }, "ImageTagDoesNotMatchDigest"},
		"an unknown digest and a tag": {func(_, _ string) wire.Object { return id("sha256:00", "v1") }, "ImageTagDoesNotMatchDigest"},
		"a digest and its tag":        {func(one, _ string) wire.Object { return id(one, "v2") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t)
			one, two := r.put(1, "v1"), r.put(2, "v3")
			r.put(1, "v2")
			for _, operation := range []string{"BatchGetImage", "BatchDeleteImage"} {
				failures := r.ok(operation, wire.Object{"imageIds": []any{c.id(one, two)}}).Objects("failures")
				if c.code == "" {
					assert.Empty(t, failures)
					continue
				}
				require.Len(t, failures, 1)
				assert.Equal(t, c.code, failures[0].String("failureCode"))
			}
		})
	}
}

func TestAnImageThatIsDeletedByItsDigestGoesWithAllTags(t *testing.T) {
	r := newRegistry(t)
	digest := r.put(1, "v1")
	r.put(1, "v2")
	out := r.ok("BatchDeleteImage", wire.Object{"imageIds": []any{id(digest, "")}})
	assert.Equal(t, []wire.Object{id(digest, "v1"), id(digest, "v2")}, out.Objects("imageIds"))
	assert.Empty(t, r.ok("ListImages", wire.Object{}).Objects("imageIds"))
	r.put(1, "v1")
	r.put(1, "v2")
	r.ok("BatchDeleteImage", wire.Object{"imageIds": []any{id("", "v1")}})
	assert.Equal(t, []wire.Object{id(digest, "v2")}, r.ok("ListImages", wire.Object{}).Objects("imageIds"), "a tag goes alone")
}

func TestTheSizeOfAnImageIsThatOfItsLayers(t *testing.T) {
	r := newRegistry(t)
	small, large := r.put(10, ""), r.put(30, "")
	list := fmt.Sprintf(`{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"digest":%q},{"digest":%q}]}`, small, large)
	r.ok("PutImage", wire.Object{"imageManifest": list, "imageTag": "all"})
	r.ok("PutImage", wire.Object{"imageManifest": `{"mediaType":"application/vnd.oci.image.index.v1+json"}`, "imageTag": "none"})
	details := r.ok("DescribeImages", wire.Object{}).Objects("imageDetails")
	require.Len(t, details, 4)
	for i, want := range []int{10, 30, 30} {
		got, _ := details[i].Int("imageSizeInBytes")
		assert.Equal(t, want, got)
	}
	assert.False(t, details[3].Has("imageSizeInBytes"), "a list of unknown images has no size")
	assert.Equal(t, "application/vnd.docker.container.image.v1+json", details[0].String("artifactMediaType"))
	got := r.ok("BatchGetImage", wire.Object{"imageIds": []any{id("", "all")}, "acceptedMediaTypes": []any{"application/json"}})
	assert.Len(t, got.Objects("failures"), 1, "the caller does not accept a list")
}

func TestAnImageIsScannedOnPushOrByHand(t *testing.T) {
	r := newRegistry(t)
	r.ok("PutImageScanningConfiguration", wire.Object{"imageScanningConfiguration": wire.Object{"scanOnPush": true}})
	digest := r.put(1, "v1")
	status := func() string {
		return r.ok("DescribeImageScanFindings", wire.Object{"imageId": id(digest, "")}).Object("imageScanStatus").String("status")
	}
	assert.Equal(t, "IN_PROGRESS", status())
	r.run(time.Minute)
	assert.Equal(t, "COMPLETE", status())
	assert.Contains(t, r.events[len(r.events)-1], "ECR Image Scan")
	require.True(t, r.FinishScan("web", digest, map[string]int{"HIGH": 3}))
	_, err := r.call("StartImageScan", wire.Object{"imageId": id("", "v1")})
	require.ErrorContains(t, err, "LimitExceededException", "once a day")
	r.run(24 * time.Hour)
	r.ok("StartImageScan", wire.Object{"imageId": id("", "v1")})
	r.run(time.Minute)
	detail := r.ok("DescribeImages", wire.Object{}).Objects("imageDetails")[0]
	assert.Equal(t, map[string]int{"HIGH": 3}, detail.Object("imageScanFindingsSummary")["findingSeverityCounts"])
	_, err = r.call("StartImageScan", wire.Object{"imageId": id(digest, "v2")})
	assert.ErrorContains(t, err, "ImageNotFoundException")
}

func TestALifecyclePolicyExpiresImagesAfterADay(t *testing.T) {
	rule := func(priority int, selection string) string {
		return fmt.Sprintf(`{"rulePriority":%d,"selection":{%s},"action":{"type":"expire"}}`, priority, selection)
	}
	const newest, old = `"countType":"imageCountMoreThan","countNumber":1`, `"countType":"sinceImagePushed","countUnit":"days","countNumber":1`
	for name, c := range map[string]struct {
		rules string
		left  []string
	}{
		"by count":                            {rule(1, `"tagStatus":"any",`+newest), []string{"v2"}},
		"by age":                              {rule(1, `"tagStatus":"any",`+old), []string{"v2"}},
		"tagged by a prefix":                  {rule(1, `"tagStatus":"tagged","tagPrefixList":["dev"],`+old), []string{"v1", "v2"}},
		"tagged by a pattern":                 {rule(1, `"tagStatus":"tagged","tagPatternList":["*1"],`+old), []string{"v2"}},
		"an earlier rule protects its images": {rule(1, `"tagStatus":"tagged","tagPrefixList":["v"],"countType":"imageCountMoreThan","countNumber":9`) + "," + rule(2, `"tagStatus":"any",`+newest), []string{"v1", "v2"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t)
			r.put(1, "v1")
			r.put(2, "dev1")
			r.ok("PutLifecyclePolicy", wire.Object{"lifecyclePolicyText": `{"rules":[` + c.rules + `]}`})
			r.run(time.Hour)
			r.put(3, "v2")
			r.run(23 * time.Hour)
			var left []string
			for _, of := range r.ok("ListImages", wire.Object{}).Objects("imageIds") {
				if tag := of.String("imageTag"); tag != "dev1" {
					left = append(left, tag)
				}
			}
			assert.Equal(t, c.left, left)
			at, known := r.ok("GetLifecyclePolicy", wire.Object{}).Time("lastEvaluatedAt")
			assert.True(t, known)
			assert.Equal(t, r.Now(), at)
			r.ok("DeleteLifecyclePolicy", wire.Object{})
			_, err := r.call("GetLifecyclePolicy", wire.Object{})
			assert.ErrorContains(t, err, "LifecyclePolicyNotFoundException")
		})
	}
}

func TestPoliciesAreKeptUntilTheyAreDeleted(t *testing.T) {
	r := newRegistry(t)
	for kind, operations := range map[string][4]string{
		"ecr:PutImage":         {"SetRepositoryPolicy", "GetRepositoryPolicy", "DeleteRepositoryPolicy", "RepositoryPolicyNotFoundException"},
		"ecr:CreateRepository": {"PutRegistryPolicy", "GetRegistryPolicy", "DeleteRegistryPolicy", "RegistryPolicyNotFoundException"},
	} {
		text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":%q}}`, kind)
		r.ok(operations[0], wire.Object{"policyText": text})
		assert.Equal(t, text, r.ok(operations[1], wire.Object{}).String("policyText"))
		r.ok(operations[2], wire.Object{})
		_, err := r.call(operations[1], wire.Object{})
		require.ErrorContains(t, err, operations[3])
	}
	assert.Equal(t, "123456789012", r.ok("DescribeRegistry", wire.Object{}).String("registryId"))
}

func TestOtherRegistriesAreEmptyAndHaveTheirOwnTokens(t *testing.T) {
	r := newRegistry(t)
	const other = "999999999999"
	out, err := r.Server().Invoke("ecr", "DescribeRepositories", wire.Object{"registryId": other})
	require.NoError(t, err)
	assert.Empty(t, out.Objects("repositories"))
	_, err = r.Server().Invoke("ecr", "DescribeRepositories", wire.Object{"registryId": other, "repositoryNames": []any{"web"}})
	require.ErrorContains(t, err, "in the registry with id '999999999999'")
	out, err = r.Server().Invoke("ecr", "GetAuthorizationToken", wire.Object{"registryIds": []any{other, "123456789012"}})
	require.NoError(t, err)
	tokens := out.Objects("authorizationData")
	require.Len(t, tokens, 2)
	assert.Equal(t, "https://999999999999.dkr.ecr.eu-central-1.amazonaws.com", tokens[0].String("proxyEndpoint"))
}

func TestLifecyclePoliciesThatECRRefuses(t *testing.T) {
	const expire = `"action":{"type":"expire"}`
	for want, rules := range map[string]string{
		"no JSON":                         `{`,
		"it has no rules":                 `{"rules":[]}`,
		"rulePriority must be":            `{"rules":[{"rulePriority":0}]}`,
		"the type of an action":           `{"rules":[{"rulePriority":1,"action":{"type":"keep"}}]}`,
		"tagStatus must be":               `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"some"},` + expire + `}]}`,
		"tagStatus tagged needs":          `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged"},` + expire + `}]}`,
		"need tagStatus tagged":           `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","tagPrefixList":["a"]},` + expire + `}]}`,
		"exclude each other":              `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["a"],"tagPatternList":["a"]},` + expire + `}]}`,
		"ecssim models the countTypes":    `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePulled"},` + expire + `}]}`,
		"needs the countUnit days":        `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePushed","countNumber":1},` + expire + `}]}`,
		"countNumber must be":             `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan"},` + expire + `}]}`,
		"two rules have the same rulePri": `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},` + expire + `},{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},` + expire + `}]}`,
	} {
		r := newRegistry(t)
		_, err := r.call("PutLifecyclePolicy", wire.Object{"lifecyclePolicyText": rules + strings.Repeat(" ", 100)})
		assert.ErrorContains(t, err, "InvalidParameterException")
		assert.ErrorContains(t, err, want)
	}
}
