package ecr

import (
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// Rules returns the constraints of ECR that its model does not state.
func Rules() []wire.Rule {
	const (
		create, mutability, lifecycle = "CreateRepository", "PutImageTagMutability", "PutLifecyclePolicy"
		set, registry, image          = "SetRepositoryPolicy", "PutRegistryPolicy", "PutImage"
		reference                     = "Amazon ECR API Reference, "
		guide                         = "Amazon ECR User Guide, "
		filters                       = "Exclusion filters come with a setting that has exclusions, and with no other one."
	)
	rule := wire.NewRule
	return []wire.Rule{
		rule(create, filters, reference+create+", imageTagMutabilityExclusionFilters", exclusions),
		rule(mutability, filters, reference+mutability+", imageTagMutabilityExclusionFilters", exclusions),
		rule(image, "A manifest is JSON and has a media type.", reference+image+", imageManifestMediaType", wholeManifest),
		rule(lifecycle, "A lifecycle policy has rules with a selection and an action.", guide+"Lifecycle policy parameters", lifecyclePolicy),
		rule(set, "A repository policy has statements with an effect, a principal and an action.", guide+"Private repository policies", repositoryPolicy),
		rule(registry, "A registry policy allows actions on the whole registry.", guide+"Private registry permissions", registryPolicy),
	}
}

func exclusions(in wire.Object) *wire.Error {
	setting := in.String("imageTagMutability")
	needs, has := strings.HasSuffix(setting, "_WITH_EXCLUSION"), len(in.Objects("imageTagMutabilityExclusionFilters")) > 0
	switch {
	case needs && !has:
		return invalid("imageTagMutabilityExclusionFilters", "ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as "+setting)
	case has && !needs:
		return invalid("imageTagMutabilityExclusionFilters", "ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as "+setting)
	}
	return nil
}

func wholeManifest(in wire.Object) *wire.Error {
	_, err := readManifest(in.String("imageManifest"), in.String("imageManifestMediaType"))
	return err
}

func lifecyclePolicy(in wire.Object) *wire.Error {
	_, err := readLifecycle(in.String("lifecyclePolicyText"))
	return err
}

func repositoryPolicy(in wire.Object) *wire.Error {
	if validPolicy(in.String("policyText"), func(string) bool { return true }) {
		return nil
	}
	return invalid("PolicyText", "Invalid repository policy provided")
}

// registryPolicy checks the actions too: a policy of the scope V1 has three of them.
func registryPolicy(in wire.Object) *wire.Error {
	if validPolicy(in.String("policyText"), registryAction) {
		return nil
	}
	return invalid("PolicyText", "Invalid registry policy provided")
}

func registryAction(name string) bool {
	switch name {
	case "ecr:CreateRepository", "ecr:ReplicateImage", "ecr:BatchImportUpstreamImage":
		return true
	}
	return false
}
