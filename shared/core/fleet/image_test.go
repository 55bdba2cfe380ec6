package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
)

const ecr = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

func TestAReferenceIsParsedAsInDocker(t *testing.T) {
	digest := "sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
	for name, c := range map[string]struct {
		ref     string
		want    fleet.Image
		written string
		account string
		region  string
		ecr     bool
	}{
		"a bare name":                {"nginx", fleet.Image{Repository: "nginx"}, "nginx", "", "", false},
		"a name with a tag":          {"nginx:1.25", fleet.Image{Repository: "nginx", Tag: "1.25"}, "nginx:1.25", "", "", false},
		"a name of several parts":    {"library/nginx:1", fleet.Image{Repository: "library/nginx", Tag: "1"}, "library/nginx:1", "", "", false},
		"a digest":                   {"nginx@" + digest, fleet.Image{Repository: "nginx", Digest: digest}, "nginx@" + digest, "", "", false},
		"a tag and a digest":         {"nginx:1@" + digest, fleet.Image{Repository: "nginx", Tag: "1", Digest: digest}, "nginx@" + digest, "", "", false},
		"a private registry of ECR":  {ecr + "/shop/web:live", fleet.Image{Registry: ecr, Repository: "shop/web", Tag: "live"}, ecr + "/shop/web:live", "123456789012", "eu-central-1", true},
		"a registry of ECR in China": {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web", fleet.Image{Registry: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Repository: "web"}, "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web", "123456789012", "cn-north-1", true},
		"a registry of ECR by FIPS":  {"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web", fleet.Image{Registry: "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", Repository: "web"}, "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web", "123456789012", "us-gov-west-1", true},
		"a registry of ECR by IPv6":  {"123456789012.dkr-ecr.eu-west-1.on.aws/web", fleet.Image{Registry: "123456789012.dkr-ecr.eu-west-1.on.aws", Repository: "web"}, "123456789012.dkr-ecr.eu-west-1.on.aws/web", "123456789012", "eu-west-1", true},
		"a public registry":          {"public.ecr.aws/nginx/nginx:1", fleet.Image{Registry: "public.ecr.aws", Repository: "nginx/nginx", Tag: "1"}, "public.ecr.aws/nginx/nginx:1", "", "", false},
		"a registry with a port":     {"localhost:5000/web:1", fleet.Image{Registry: "localhost:5000", Repository: "web", Tag: "1"}, "localhost:5000/web:1", "", "", false},
		"a port without a tag":       {"localhost:5000/web", fleet.Image{Registry: "localhost:5000", Repository: "web"}, "localhost:5000/web", "", "", false},
		"the local registry":         {"localhost/web", fleet.Image{Registry: "localhost", Repository: "web"}, "localhost/web", "", "", false},
		"an empty text":              {"", fleet.Image{}, "", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := fleet.ParseImage(c.ref)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.written, got.String())
			assert.Equal(t, c.ref == "", got.Zero())
			account, region, ok := got.ECR()
			assert.Equal(t, c.ecr, ok)
			if ok {
				assert.Equal(t, c.account, account)
				assert.Equal(t, c.region, region)
			}
		})
	}
}

func TestASimilarHostIsNotECR(t *testing.T) {
	for _, host := range []string{"1234.dkr.ecr.eu-central-1.amazonaws.com", "123456789012.dkr.ecr.", "dkr.ecr.eu.amazonaws.com", ""} {
		_, _, ok := fleet.Image{Registry: host, Repository: "web"}.ECR()
		assert.False(t, ok, host)
	}
}

func TestAPinnedImageHasNoTag(t *testing.T) {
	assert.Equal(t, fleet.Image{Registry: ecr, Repository: "web", Digest: "sha256:1"},
		fleet.Image{Registry: ecr, Repository: "web", Tag: "live", Digest: "sha256:1"}.Pinned())
	assert.True(t, fleet.Image{Registry: ecr, Repository: "web", Tag: "live"}.Pinned().Zero(), "an image without a digest is not pinned")
}

func TestAReferenceRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := fleet.Image{
			Registry:   rapid.SampledFrom([]string{"", ecr, "localhost", "localhost:5000", "public.ecr.aws", "ghcr.io"}).Draw(t, "registry"),
			Repository: rapid.StringMatching(`[a-k0-9]+([-_][a-z0-9]+)*(/[a-z0-9]+([-._][a-z0-9]+)*){0,2}`).Draw(t, "repository"),
			Tag:        rapid.StringMatching(`([A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?`).Draw(t, "tag"),
			Digest:     rapid.StringMatching(`(sha256:[0-9a-f]{64})?`).Draw(t, "digest"),
		}
		want := i
		if i.Digest != "" {
			want.Tag = "" // a reference with a digest has no tag
		}
		assert.Equal(t, want, fleet.ParseImage(i.String()))
		assert.Equal(t, i.Pinned(), fleet.ParseImage(i.Pinned().String()))
	})
}

func TestAnyTextIsParsedWithoutAPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := fleet.ParseImage(rapid.String().Draw(t, "ref"))
		_, _, _ = i.ECR()
		_ = i.Pinned().String()
	})
}
