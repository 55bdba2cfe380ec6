//go:build !race

package workload

import (
	"testing"

	"homeostat/shared/core/contract"

	"github.com/stretchr/testify/assert"
)

func TestEveryServiceIsEnrolledAndNothingElseIs(t *testing.T) {
	made := synthesised(t, Options{})
	assert.Len(t, made.of("AWS::ECS::Service"), len(services()))
	for id, r := range made.json["Resources"].(object) {
		properties, _ := r.(object)["Properties"].(object)
		tags, _ := properties["Tags"].([]any)
		enrolled := false
		for _, tag := range tags {
			if tag, ok := tag.(object); ok && tag["Key"] == contract.TagMode {
				assert.Equal(t, "observe", tag["Value"], id)
				enrolled = true
			}
		}
		assert.Equal(t, r.(object)["Type"] == "AWS::ECS::Service", enrolled, id)
	}
}

func TestTheSampleRetainsNothing(t *testing.T) {
	made := synthesised(t, Options{})
	for id, r := range made.json["Resources"].(object) {
		assert.NotEqual(t, "Retain", r.(object)["DeletionPolicy"], id)
	}
	_, repository := made.only("AWS::ECR::Repository", "Repository")
	assert.Equal(t, true, repository["EmptyOnDelete"])
	assert.Equal(t, object{"ScanOnPush": true}, repository["ImageScanningConfiguration"])
}

func TestTheSampleRunsThePublicOrTheNamedImage(t *testing.T) {
	for name, c := range map[string]struct{ given, want string }{
		"by default": {"", "public.ecr.aws/docker/library/busybox:1.37"},
		"named":      {"123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:live", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:live"},
	} {
		t.Run(name, func(t *testing.T) {
			definitions := synthesised(t, Options{Image: c.given}).of("AWS::ECS::TaskDefinition")
			assert.Len(t, definitions, len(services()))
			for id, p := range definitions {
				assert.Equal(t, c.want, p["ContainerDefinitions"].([]any)[0].(object)["Image"], id)
			}
		})
	}
}

func TestTheSampleOutputsItsAddresses(t *testing.T) {
	outputs := synthesised(t, Options{}).json["Outputs"].(object)
	var names []string
	for name := range outputs {
		names = append(names, name)
	}
	assert.ElementsMatch(t, []string{"ClusterName", "RepositoryUri", "ShopAddress", "EchoAddressOutput1", "EchoAddressOutput2"}, names)
}
