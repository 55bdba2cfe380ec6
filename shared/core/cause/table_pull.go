package cause

import "homeostat/shared/core/fleet"

// pulling lists the beginnings of messages on a failed pull.
const pulling = "cannotpull|failed to resolve ref|pull image manifest has been|ref pull has been|inspect image has been|pull access denied" +
	"|can't pull the image|cannot pull the image|can't pull '|cannot pull '|error pulling image"

// pullRows returns the rows for failed pulls.
func pullRows() []Row {
	return []Row{
		{
			ID: "pull-platform", About: pulling, Any: "descriptor matching platform|no matching manifest|no match for platform|cannot be used on this platform|image operating system",
			Cause:  fleet.PlatformMismatch,
			Source: docPull, Note: "the image does not support the task's architecture",
		},
		{
			ID: "pull-throttled", About: pulling, Any: throttled, Cause: fleet.PullThrottled,
			Source: docPull, Note: "the registry limits pulls",
		},
		{
			ID: "pull-image-hint", About: pulling, Any: "check whether the image exists|check if the image exists", Cause: fleet.ImageMissing,
			Source: agent + "/pull/4181", Note: "ECS suspects that the image does not exist, although the registry denies the pull",
		},
		{
			ID: "pull-network-hint", About: pulling, Any: "connection issue|network configuration", Cause: fleet.PullNetwork,
			Source: docPull, Note: "ECS found no route to the registry",
		},
		{
			ID: "pull-denied", About: pulling, Any: denied + "|pull access denied|no basic auth credentials|authentication required|resource is denied|: denied|denied:" +
				"|check that the role has the permissions|authorization token has expired|incorrect username or password", Cause: fleet.PullDenied,
			Source: docPull, Note: "the registry denied the pull: check the role, the policy and the login",
		},
		{
			ID: "pull-missing", About: pulling, Any: "manifest unknown|name unknown|not found|no such image|no such manifest|does not exist|repositorynotfound", Cause: fleet.ImageMissing,
			Source: docPull, Note: "the tag, the digest or the repository does not exist",
		},
		{
			ID: "pull-reference", About: pulling, Any: "invalid reference|unsupported manifest|unsupported media type|manifest invalid|invalid manifest", Cause: fleet.ConfigInvalid,
			Source: "container runtimes' messages", Note: "the name or the format of the image is invalid",
		},
		{
			ID: "pull-artifact", About: pulling, Any: "no processor for media-type|stream processor for|unknown media type|unexpected media type|in-toto+json|invalid tar header|not an image", Cause: fleet.ConfigInvalid,
			Source: "containerd's messages", Note: "the reference names an artifact that is no image, such as an attestation",
		},
		{
			ID: "pull-status-missing", About: pulling, Status: statusMissing, Cause: fleet.ImageMissing,
			Source: rfcHTTP, Note: "the registry answered with 404 or 410",
		},
		{
			ID: "pull-status-throttled", About: pulling, Status: statusThrottled, Cause: fleet.PullThrottled,
			Source: rfcHTTP, Note: "the registry answered with 429",
		},
		{
			ID: "pull-status-failing", About: pulling, Status: statusFailing, Cause: fleet.PullNetwork,
			Source: rfcHTTP, Note: "the registry or its upstream failed: 5xx, 408, 424 or 425",
		},
		{
			ID: "pull-status-refused", About: pulling, Status: statusRefused, Cause: fleet.PullDenied,
			Source: rfcHTTP, Note: "the registry refused the pull with another 4xx",
		},
		{
			ID: "pull-network", About: pulling, Any: network + "|reach any registry|httpreadseeker|httpreaderseeker|failed to copy|error pulling image conf|nil pointer dereference|invalid argument", Cause: fleet.PullNetwork,
			Source: docPull, Note: "the registry was unreachable, or the transfer was interrupted",
		},
		{
			ID: "pull-authorize", About: pulling, All: "failed to authorize", Cause: fleet.PullDenied,
			Source: "containerd's message", Note: "the registry issued no token",
		},
		{
			ID: "pull-unsaid", About: pulling, Cause: fleet.UnknownCause,
			Source: docPull, Note: "the pull failed, and the message has no reason; Fargate truncates long messages",
		},
	}
}
