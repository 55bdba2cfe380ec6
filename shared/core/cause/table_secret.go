package cause

import "homeostat/shared/core/fleet"

// registry lists the texts of messages on a login to a registry. The beginning
// "unable to pull secrets or registry auth" is not specific, because messages on
// secrets also have it.
const registry = "registry auth from|ecr registry auth|getauthorizationtoken|the task and amazon ecr|api.ecr.|registry credentials"

// secret lists the texts of messages on secrets, parameters and environment files.
const secret = "unable to pull secrets|unable to retrieve secret|fetching secret|failed to fetch secret|secret from asm|secrets from ssm" +
	"|retrieve the secret|secrets manager|parameter store|ssm:getparameter|env file|environment file"

// secretRows returns the rows for logins to a registry and for secrets.
func secretRows() []Row {
	return []Row{
		{
			ID: "credentials", About: registry + "|" + secret, Any: unassumed, Cause: fleet.RoleUnusable,
			Source: docInit, Note: "the execution role returned no credentials",
		},
		{
			ID: "registry-throttled", About: registry, Any: throttled, Cause: fleet.PullThrottled,
			Source: docInit, Note: "the registry limits logins",
		},
		{
			ID: "registry-denied", About: registry, Any: denied + "|resourcenotfound", Cause: fleet.PullDenied,
			Source: docInit, Note: "the execution role has no permission to log in to the registry",
		},
		{
			ID: "registry-network", About: registry, Any: network + "|signal: killed", Cause: fleet.PullNetwork,
			Source: docInit, Note: "the registry was unreachable for the login",
		},
		{
			ID: "registry-unsaid", About: registry, Cause: fleet.UnknownCause,
			Source: docInit, Note: "the login to the registry failed, and the message has no reason",
		},
		{
			ID: "secret-key", About: secret, Any: "did not contain json key|does not contain json key|not contain json key", Cause: fleet.SecretMissing,
			Source: agent + " agent/asm/asm.go", Note: "the secret has no such JSON key",
		},
		{
			ID: "secret-denied", About: secret, Any: denied + "|check that the role has|access to kms|kms key|kmsaccess|kmsinvalidstate|decryptionfailure|invalidciphertext", Cause: fleet.SecretDenied,
			Source: docInit, Note: "the execution role has no permission to read the secret or to use its key",
		},
		{
			ID: "secret-missing", About: secret, Any: "resourcenotfound|check whether the|can't find the specified secret|parameternotfound|invalid parameters|invalid ssm parameters|not found" +
				"|does not exist|marked for deletion|marked deleted|staging label|invalidrequestexception|validationexception|invalid character|nosuchkey|nosuchbucket",
			Cause:  fleet.SecretMissing,
			Source: docInit, Note: "the secret, parameter or file does not exist, or does not match its reference",
		},
		{
			ID: "secret-network", About: secret, Any: network + "|" + throttled + "|pull command failed|signal: killed", Cause: fleet.SecretNetwork,
			Source: docInit, Note: "the secret store was unreachable",
		},
		{
			ID: "secret-unsaid", About: secret, Cause: fleet.UnknownCause,
			Source: docInit, Note: "a secret could not be read, and the message has no reason; Fargate truncates long messages",
		},
	}
}
