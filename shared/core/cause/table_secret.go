package cause

import "homeostat/shared/core/fleet"

// registry lists how a message about logging in to a registry reads. The
// opening "unable to pull secrets or registry auth" says nothing: it begins
// messages about secrets too.
const registry = "registry auth from|ecr registry auth|getauthorizationtoken|the task and amazon ecr|api.ecr.|registry credentials"

// secret lists how a message about secrets, parameters and environment files
// reads.
const secret = "unable to pull secrets|unable to retrieve secret|fetching secret|failed to fetch secret|secret from asm|secrets from ssm" +
	"|retrieve the secret|secrets manager|parameter store|ssm:getparameter|env file|environment file"

// secretRows are about logins to a registry, and about secrets.
func secretRows() []Row {
	return []Row{
		{
			ID: "credentials", About: registry + "|" + secret, Any: unassumed, Cause: fleet.RoleUnusable,
			Source: docInit, Note: "the execution role gave no credentials",
		},
		{
			ID: "registry-throttled", About: registry, Any: throttled, Cause: fleet.PullThrottled,
			Source: docInit, Note: "the registry limits logins",
		},
		{
			ID: "registry-denied", About: registry, Any: denied + "|resourcenotfound", Cause: fleet.PullDenied,
			Source: docInit, Note: "the execution role may not log in to the registry",
		},
		{
			ID: "registry-network", About: registry, Any: network + "|signal: killed", Cause: fleet.PullNetwork,
			Source: docInit, Note: "the registry could not be reached to log in",
		},
		{
			ID: "registry-unsaid", About: registry, Cause: fleet.UnknownCause,
			Source: docInit, Note: "the login to the registry failed and the message does not say why",
		},
		{
			ID: "secret-key", About: secret, Any: "did not contain json key|does not contain json key|not contain json key", Cause: fleet.SecretMissing,
			Source: agent + " agent/asm/asm.go", Note: "the secret has no such JSON key",
		},
		{
			ID: "secret-denied", About: secret, Any: denied + "|check that the role has|access to kms|kms key|kmsaccess|kmsinvalidstate|decryptionfailure|invalidciphertext", Cause: fleet.SecretDenied,
			Source: docInit, Note: "the execution role may not read the secret or use its key",
		},
		{
			ID: "secret-missing", About: secret, Any: "resourcenotfound|check whether the|can't find the specified secret|parameternotfound|invalid parameters|invalid ssm parameters|not found" +
				"|does not exist|marked for deletion|marked deleted|staging label|invalidrequestexception|validationexception|invalid character|nosuchkey|nosuchbucket",
			Cause:  fleet.SecretMissing,
			Source: docInit, Note: "the secret, parameter or file does not exist, or is not what its reference expects",
		},
		{
			ID: "secret-network", About: secret, Any: network + "|" + throttled + "|pull command failed|signal: killed", Cause: fleet.SecretNetwork,
			Source: docInit, Note: "the store of secrets could not be reached",
		},
		{
			ID: "secret-unsaid", About: secret, Cause: fleet.UnknownCause,
			Source: docInit, Note: "a secret could not be read and the message does not say why; Fargate cuts long messages short",
		},
	}
}
