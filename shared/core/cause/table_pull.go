package cause

import "homeostat/shared/core/fleet"

// pulling lists how a message about a failed pull begins.
const pulling = "cannotpull|failed to resolve ref|pull image manifest has been|ref pull has been|pull access denied" +
	"|can't pull the image|cannot pull the image|can't pull '|cannot pull '|error pulling image"

// pullRows are about images that could not be pulled.
func pullRows() []Row {
	return []Row{
		{
			ID: "pull-platform", About: pulling, Any: "descriptor matching platform|no matching manifest|no match for platform|cannot be used on this platform|image operating system",
			Cause:  fleet.PlatformMismatch,
			Source: docPull, Note: "the image was not built for the task's architecture",
		},
		{
			ID: "pull-throttled", About: pulling, Any: throttled, Cause: fleet.PullThrottled,
			Source: docPull, Note: "the registry limits pulls",
		},
		{
			ID: "pull-image-hint", About: pulling, Any: "check whether the image exists|check if the image exists", Cause: fleet.ImageMissing,
			Source: agent + "/pull/4181", Note: "ECS itself suspects that the image does not exist, though the registry says denied",
		},
		{
			ID: "pull-network-hint", About: pulling, Any: "connection issue|network configuration", Cause: fleet.PullNetwork,
			Source: docPull, Note: "ECS itself found no way to the registry",
		},
		{
			ID: "pull-denied", About: pulling, Any: denied + "|pull access denied|no basic auth credentials|authentication required|resource is denied|: denied|denied:" +
				"|check that the role has the permissions|authorization token has expired|incorrect username or password", Cause: fleet.PullDenied,
			Source: docPull, Note: "the registry refused: a role, a policy or a login",
		},
		{
			ID: "pull-missing", About: pulling, Any: "manifest unknown|name unknown|not found|no such image|no such manifest|does not exist|repositorynotfound", Cause: fleet.ImageMissing,
			Source: docPull, Note: "the tag, the digest or the repository does not exist",
		},
		{
			ID: "pull-reference", About: pulling, Any: "invalid reference|unsupported manifest|unsupported media type|manifest invalid|invalid manifest", Cause: fleet.ConfigInvalid,
			Source: "container runtimes' messages", Note: "the image's name or format is not valid",
		},
		{
			ID: "pull-network", About: pulling, Any: network + "|httpreaderseeker|failed to copy|error pulling image conf|nil pointer dereference|invalid argument", Cause: fleet.PullNetwork,
			Source: docPull, Note: "the registry could not be reached, or the transfer broke off",
		},
		{
			ID: "pull-authorize", About: pulling, All: "failed to authorize", Cause: fleet.PullDenied,
			Source: "containerd's message", Note: "the registry gave no token",
		},
		{
			ID: "pull-unsaid", About: pulling, Cause: fleet.UnknownCause,
			Source: docPull, Note: "the pull failed and the message does not say why; Fargate cuts long messages short",
		},
	}
}
