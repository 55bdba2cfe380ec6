// Package stopreason holds the texts of Amazon ECS for stoppedReason, from
// "Stopped tasks error messages" and its sub-pages in the developer guide.
package stopreason

import (
	"strings"

	"homeostat/shared/core/fleet"
)

// Start returns the text of a task that cannot start for a cause. It names the
// image if AWS names it. Other causes have the text of an internal error.
func Start(cause fleet.Cause, image string) string {
	if text, ok := pullFailure(cause, image); ok {
		return text
	}
	if text, ok := secretFailure(cause); ok {
		return text
	}
	if text, ok := setupFailure(cause); ok {
		return text
	}
	return "InternalError: unable to start the task"
}

func pullFailure(cause fleet.Cause, image string) (string, bool) {
	const retried = "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
	registry, _, _ := strings.Cut(image, "/")
	switch cause {
	case fleet.ImageMissing:
		return retried + "failed to resolve ref " + image + ": " + image + ": not found", true
	case fleet.PullDenied:
		return retried + "failed to resolve ref " + image + ": pull access denied, repository does not exist " +
			"or may require authorization: server message: insufficient_scope: authorization failed", true
	case fleet.PullNetwork:
		return "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref " +
			image + ": failed to do request: Head \"https://" + registry + "/v2/\": dial tcp 10.0.3.17:443: i/o timeout", true
	case fleet.PullThrottled:
		return retried + "httpReadSeeker: failed open: unexpected status code https://" + registry + "/v2/" +
			": 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.", true
	case fleet.PlatformMismatch:
		return "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not " +
			"contain descriptor matching platform 'linux/amd64'", true
	}
	return "", false
}

const secrets = "ResourceInitializationError: unable to pull secrets or registry auth: " +
	"execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried "

// SecretKey returns the text of a secret without the requested JSON key.
func SecretKey(key string) string {
	return secrets + "1 time(s): retrieved secret from Secrets Manager did not contain json key " + key
}

func secretFailure(cause fleet.Cause) (string, bool) {
	switch cause {
	case fleet.SecretNetwork:
		return secrets + "5 time(s): failed to fetch secret from secrets manager: RequestCanceled: request context " +
			"canceled caused by: context deadline exceeded. Please check your task network configuration.", true
	case fleet.SecretMissing:
		return secrets + "1 time(s): failed to fetch secret from secrets manager: ResourceNotFoundException: " +
			"Secrets Manager can't find the specified secret.", true
	case fleet.SecretDenied:
		return secrets + "1 time(s): failed to fetch secret from secrets manager: AccessDeniedException: the task " +
			"execution role is not authorized to perform: secretsmanager:GetSecretValue", true
	}
	return "", false
}

func setupFailure(cause fleet.Cause) (string, bool) {
	switch cause {
	case fleet.RoleUnusable:
		return "ECS was unable to assume the role that was provided for this task. Please verify that the role being " +
			"passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.", true
	case fleet.LogDriver:
		return "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: " +
			"failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1", true
	case fleet.Volume:
		return "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: " +
			"stderr: mount.nfs4: Connection timed out : unsuccessful EFS utils command execution; code: 32", true
	case fleet.SubnetFull:
		return "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled: " +
			"InsufficientFreeAddressesInSubnet", true
	case fleet.DiskFull:
		return "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer: no space left on device", true
	case fleet.ConfigInvalid:
		return "ContainerRuntimeError: failed to create new container runtime task: failed to create shim task: OCI runtime " +
			"create failed: runc create failed: unable to start container process: exec: \"/app\": stat /app: no such file or directory", true
	case fleet.ProvisioningTimeout:
		return "Timeout waiting for network interface provisioning to complete.", true
	case fleet.RuntimeTimeout:
		return "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 3m0s", true
	}
	return "", false
}
