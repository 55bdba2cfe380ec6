package cause_test

import (
	"strings"
	"testing"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	start     = "TaskFailedToStart"
	exited    = "EssentialContainerExited"
	scheduler = "ServiceSchedulerInitiated"
	notice    = "TerminationNotice"
	essential = "Essential container in task exited"
	resource  = "ResourceInitializationError: unable to pull secrets or registry auth: "
	pull      = "CannotPullContainerError: pull image manifest has been retried 5 time(s): "
)

func exit(code int) fleet.ContainerExit { return fleet.ContainerExit{Name: "web", ExitCode: &code} }

func says(reason string) fleet.ContainerExit { return fleet.ContainerExit{Name: "web", Reason: reason} }

func both(code int, reason string) fleet.ContainerExit {
	return fleet.ContainerExit{Name: "web", ExitCode: &code, Reason: reason}
}

func stop(code, reason string, containers ...fleet.ContainerExit) fleet.Trigger {
	return fleet.Trigger{Kind: fleet.TaskStopped, Stop: &fleet.Stop{Code: code, Reason: reason, Containers: containers}}
}

type stopCase struct {
	name    string
	trigger fleet.Trigger
	want    fleet.Cause
}

func checkStops(t *testing.T, cases []stopCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := cause.Of(c.trigger)
			assert.Equal(t, c.want, got.Cause, "row %s", got.Row)
			assert.Equal(t, c.want.Family(), got.Family)
			assert.NotEmpty(t, got.Why)
			assert.NotEmpty(t, got.Row)
			c.trigger.Kind = fleet.TaskStopping
			assert.Equal(t, got, cause.Of(c.trigger), "a task that is stopping has the same cause")
		})
	}
}

func TestOrderedStops(t *testing.T) {
	checkStops(t, []stopCase{
		{"a scale-in kills with 137", stop(scheduler, "Scaling activity initiated by (deployment ecs-svc/1)", exit(137)), fleet.ScalingActivity},
		{"a scale-in with an old out-of-memory flag", stop(scheduler, "Scaling activity initiated by (deployment ecs-svc/1)", both(137, "OutOfMemoryError: Container killed due to memory usage")), fleet.ScalingActivity},
		{"a scale-in without a code", stop("", "Scaling activity initiated by deployment ecs-svc/1", exit(143)), fleet.ScalingActivity},
		{"rebalancing", stop(scheduler, "Availability-zone rebalancing initiated by (deployment ecs-svc/1)", exit(143)), fleet.AZRebalancing},
		{"maintenance", stop(scheduler, "Service web: ECS is performing maintenance on the underlying infrastructure hosting the task", exit(137)), fleet.Maintenance},
		{"maintenance of a standalone task", stop(notice, "ECS is performing maintenance on the underlying infrastructure hosting the task."), fleet.Maintenance},
		{"a forced deregistration", stop(notice, "Container instance deregistration forced by user"), fleet.HostDraining},
		{"a forced deregistration with the user's code", stop("UserInitiated", "Container instance deregistration forced by user", exit(137)), fleet.HostDraining},
		{"a draining instance", stop(scheduler, "container instance is in DRAINING state", exit(1)), fleet.HostDraining},
		{"a StopTask of a user", stop("UserInitiated", "Task stopped by user", exit(1)), fleet.UserStopped},
		{"a StopTask of a user with texts of AWS", stop("UserInitiated", "Task failed ELB health checks in (target-group x)", both(137, "OutOfMemoryError")), fleet.UserStopped},
		{"a StopTask of a user without a text", stop("UserInitiated", ""), fleet.UserStopped},
		{"an old event of a stop by a user", stop("", "Task stopped by user", exit(143)), fleet.UserStopped},
		{"the scheduler without a known text ignores exit codes", stop(scheduler, "something new", exit(1)), fleet.UnknownCause},
		{"the scheduler without any text", stop(scheduler, "", both(137, "OutOfMemoryError: x")), fleet.UnknownCause},
	})
}

func TestLostHostsAndCapacity(t *testing.T) {
	onEC2 := stop(notice, "", exit(143))
	onEC2.Stop.LaunchType = "EC2"
	checkStops(t, []stopCase{
		{"Spot by its code", stop("SpotInterruption", "", exit(143)), fleet.SpotInterruption},
		{"Spot by its code, whatever the text", stop("SpotInterruption", "Host EC2 (instance i-1) terminated."), fleet.SpotInterruption},
		{"Spot by its text", stop(notice, "Your Spot Task was interrupted."), fleet.SpotInterruption},
		{"Spot by its error name", stop(start, "SpotInterruptionError: no capacity"), fleet.SpotInterruption},
		{"a termination notice alone", stop(notice, ""), fleet.SpotInterruption},
		{"a termination notice alone on EC2", onEC2, fleet.HostLost},
		{"a terminated host", stop(notice, "Host EC2 (instance i-0da6526579af3bd1b) terminated.", exit(143)), fleet.HostLost},
		{"a stopped host", stop("", "Host EC2 (instance i-1) stopped."), fleet.HostLost},
		{"an unhealthy host", stop("InfrastructureHealth", "anything", exit(1)), fleet.HostLost},
		{"no Fargate capacity", stop(start, "Capacity is unavailable at this time. Please try again later or in a different availability zone"), fleet.NoCapacity},
		{"a lost agent", stop(start, "AGENT"), fleet.AgentLost},
		{"a lost agent, prefixed", stop(start, "TaskFailedToStart: AGENT"), fleet.AgentLost},
		{"a full cluster", stop(start, "RESOURCE:MEMORY"), fleet.ClusterFull},
		{"no GPU left", stop(start, "TaskFailedToStart: RESOURCE:GPU"), fleet.ClusterFull},
		{"an empty capacity provider", stop(start, "EMPTY CAPACITY PROVIDER"), fleet.ClusterFull},
		{"no instances", stop(start, "No Container Instances were found in your cluster."), fleet.ClusterFull},
		{"no device index", stop(start, "Unable to attach network interface to unused device index"), fleet.ClusterFull},
		{"an attribute that no instance has", stop(start, "ATTRIBUTE"), fleet.ConfigInvalid},
	})
}

func TestFailedPulls(t *testing.T) {
	cases := []struct {
		name, text string
		want       fleet.Cause
	}{
		{"old spelling, no route", "CannotPullContainerError: Error response from daemon: Get https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)", fleet.PullNetwork},
		{"oldest spelling", "CannotPullContainerError: API error (500): Get https://x.dkr.ecr.eu-central-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection", fleet.PullNetwork},
		{"i/o timeout", pull + `failed to resolve ref docker.io/library/web:1: failed to do request: Head "https://registry-1.docker.io/v2/library/web/manifests/1": dial tcp 44.205.64.79:443: i/o timeout`, fleet.PullNetwork},
		{"TLS handshake", "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReaderSeeker: failed open: failed to do request: Get https://x: net/http: TLS handshake timeout", fleet.PullNetwork},
		{"deadline", "CannotPullContainerError: context deadline exceeded", fleet.PullNetwork},
		{"context canceled", "CannotPullContainerError: context canceled", fleet.PullNetwork},
		{"no such host", "CannotPullContainerError: Error response from daemon: Get https://x.amazonaws.commmmm/v2/: dial tcp: lookup x on 10.0.0.2:53: no such host", fleet.PullNetwork},
		{"AWS's own hint of the network", "CannotPullContainerError: The task cannot pull ‘shop/web’ from the Amazon ECR repository ‘x’. There is a connection issue between the task and Amazon ECR. Check your task network configuration.", fleet.PullNetwork},
		{"AWS's short hint of the network", "CannotPullContainerError: The task can’t pull the image. Check your network configuration", fleet.PullNetwork},
		{"a panic of the agent without a route to S3", "CannotPullContainerError: pull command failed: panic: runtime error: invalid memory address or nil pointer dereference", fleet.PullNetwork},
		{"a broken transfer", "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: unexpected EOF", fleet.PullNetwork},
		{"an image configuration", "CannotPullContainerError: error pulling image configuration: download failed", fleet.PullNetwork},
		{"a token that timed out", pull + "failed to resolve ref x: failed to authorize: failed to fetch anonymous token: Get https://auth.docker.io/token: dial tcp: i/o timeout", fleet.PullNetwork},
		{"rate limit", "CannotPullContainerError: inspect image has been retried 1 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/web/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.", fleet.PullThrottled},
		{"rate of ECR", pull + "failed to resolve ref x: toomanyrequests: Rate exceeded", fleet.PullThrottled},
		{"no basic auth credentials", "CannotPullContainerError: Error response from daemon: Get https://x.dkr.ecr.eu-central-1.amazonaws.com/v2/web/manifests/1: no basic auth credentials", fleet.PullDenied},
		{"forbidden", pull + "failed to resolve ref x: pulling from host x failed with status code [manifests latest]: 403 Forbidden", fleet.PullDenied},
		{"unauthorised", pull + "failed to resolve ref x: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized", fleet.PullDenied},
		{"AWS's hint of a role", "CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull images from the registry.", fleet.PullDenied},
		{"pull access denied", "CannotPullContainerError: Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", fleet.PullDenied},
		{"denied by ECR", "CannotPullContainerError: Error response from daemon: denied: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:BatchGetImage on resource: x", fleet.PullDenied},
		{"an expired token", "CannotPullContainerError: denied: Your authorization token has expired. Reauthenticate and try again.", fleet.PullDenied},
		{"a token that was not given", pull + "failed to resolve ref x: failed to authorize", fleet.PullDenied},
		{"denied, but ECS suspects a missing image", "CannotPullContainerError: The task can't pull 'web'. Check whether the image exists. Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", fleet.ImageMissing},
		{"not found", pull + "failed to resolve ref x/rag-nginx:latest: not found", fleet.ImageMissing},
		{"a missing digest", "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: content at https://x/v2/web/manifests/sha256:1 not found: not found", fleet.ImageMissing},
		{"manifest unknown", "CannotPullContainerError: Error response from daemon: manifest for x/web:1 not found: manifest unknown: Requested image not found", fleet.ImageMissing},
		{"name unknown", "CannotPullContainerError: Error response from daemon: name unknown: The repository with name 'web' does not exist in the registry with id '1'", fleet.ImageMissing},
		{"ECR's own error name", "CannotPullECRContainerError: RepositoryNotFoundException", fleet.ImageMissing},
		{"another platform", pull + "image Manifest does not contain descriptor matching platform 'linux/amd64'", fleet.PlatformMismatch},
		{"another platform, from a list", "CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries", fleet.PlatformMismatch},
		{"another system", "CannotPullContainerError: image operating system \"windows\" cannot be used on this platform", fleet.PlatformMismatch},
		{"no space", "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device", fleet.DiskFull},
		{"no space while unpacking", "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: failed to extract layer sha256:1: write /x: no space left on device: unknown", fleet.DiskFull},
		{"an upstream of the pull-through cache that fails", pull + "failed to resolve ref x: pulling from host x failed with status code [manifests 7]: 424 Failed Dependency", fleet.PullNetwork},
		{"a registry that refuses the request", pull + "failed to resolve ref x: unexpected status from HEAD request to https://x/v2/web/manifests/1: 400 Bad Request", fleet.PullDenied},
		{"a registry with an unknown status of the client", pull + "failed to resolve ref x: unexpected status code [manifests 1]: 451", fleet.PullDenied},
		{"a registry that lost the manifest", pull + "failed to resolve ref x: unexpected status: 410 Gone", fleet.ImageMissing},
		{"a registry that limits without a word", pull + "failed to resolve ref x: unexpected status: 429", fleet.PullThrottled},
		{"a gateway that times out", "CannotPullContainerError: Error response from daemon: received unexpected HTTP status: 504 Gateway Time-out", fleet.PullNetwork},
		{"a registry that fails, old spelling", "CannotPullContainerError: API error (500): received unexpected HTTP status (502)", fleet.PullNetwork},
		{"a port is no status", pull + "failed to resolve ref registry:443/web:503", fleet.UnknownCause},
		{"a registry out of reach", "CannotPullContainerError: Could not reach any registry endpoint", fleet.PullNetwork},
		{"an inspected image, new spelling", "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: could not fetch content", fleet.PullNetwork},
		{"an inspected image, old spelling", "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: could not fetch content", fleet.PullNetwork},
		{"an attestation instead of a layer", "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:2: failed to get stream processor for application/vnd.in-toto+json: no processor for media-type", fleet.ConfigInvalid},
		{"a chart instead of an image", pull + "failed to resolve ref x: unknown media type application/vnd.cncf.helm.config.v1+json", fleet.ConfigInvalid},
		{"a malformed reference", "CannotPullContainerError: invalid reference format", fleet.ConfigInvalid},
		{"cut short", pull + "failed to resolve ref docker.io/library/web:1", fleet.UnknownCause},
		{"a layer that cannot be unpacked", "CannotPullContainerError: failed to register layer: no such file or directory", fleet.UnknownCause},
		{"an image whose name looks like a log driver", pull + "failed to resolve ref x/firelens-cloudwatch log:1: not found", fleet.ImageMissing},
		{"an image whose name looks throttled", pull + "failed to resolve ref x/throttle-proxy:1: not found", fleet.ImageMissing},
		{"an image whose name looks like an agent", pull + "failed to resolve ref x/datadog-agent:7: not found", fleet.ImageMissing},
		{"an image whose name looks like a volume", pull + "failed to resolve ref x/efs utils:1: not found", fleet.ImageMissing},
	}
	for _, c := range cases {
		checkStops(t, []stopCase{
			{c.name + ", of the task", stop(start, c.text), c.want},
			{c.name + ", of a container", stop(start, "Task failed to start", says(c.text)), c.want},
			{c.name + ", without a code, in capitals", stop("", strings.ToUpper(c.text)), c.want},
		})
	}
}

func TestFailedSecretsAndLogins(t *testing.T) {
	const asm, ssm, ecr = "unable to retrieve secret from asm: ", "unable to retrieve secrets from ssm: ", "unable to retrieve ecr registry auth: "
	denied := "service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: "
	cases := []struct {
		name, text string
		want       fleet.Cause
	}{
		{"a secret out of reach", resource + asm + "There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration.", fleet.SecretNetwork},
		{"a secret out of reach, old spelling", resource + "execution resource retrieval failed: " + ssm + "service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded", fleet.SecretNetwork},
		{"an agent killed while waiting", resource + "pull command failed: : signal: killed", fleet.SecretNetwork},
		{"throttled secrets", resource + ssm + "ThrottlingException: Rate exceeded", fleet.SecretNetwork},
		{"a secret that may not be read", resource + "execution resource retrieval failed: " + asm + denied + "secretsmanager:GetSecretValue", fleet.SecretDenied},
		{"a parameter that may not be read", resource + ssm + "AccessDeniedException", fleet.SecretDenied},
		{"a key that may not be used", resource + asm + "AccessDeniedException: Access to KMS is not allowed", fleet.SecretDenied},
		{"on EC2", "Fetching secret data from AWS Secrets Manager in region eu-central-1: secret arn:aws:secretsmanager:x: AccessDeniedException: User", fleet.SecretDenied},
		{"a secret that does not exist", resource + asm + "service call has been retried 1 time(s): failed to fetch secret x from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.", fleet.SecretMissing},
		{"a parameter that does not exist", resource + ssm + "invalid ssm parameters: /shop/mail", fleet.SecretMissing},
		{"a parameter that does not exist on EC2", "Fetching secret data from SSM Parameter Store in eu-central-1: invalid parameters: /shop/mail", fleet.SecretMissing},
		{"a missing JSON key", resource + asm + "retrieved secret from Secrets Manager did not contain json key DB_PASSWORD", fleet.SecretMissing},
		{"a secret marked for deletion", resource + asm + "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.", fleet.SecretMissing},
		{"a role without credentials", resource + asm + "NoCredentialProviders: no valid providers in chain", fleet.RoleUnusable},
		{"an unreachable login", resource + "execution resource retrieval failed: " + ecr + `service call has been retried 3 time(s): RequestError: send request failed caused by: Post "https://api.ecr.us-east-2.amazonaws.com/": dial tcp 10.0.0.1:443: i/o timeout. Please check your task network configuration.`, fleet.PullNetwork},
		{"a login out of reach, new spelling", "ResourceInitializationError: unable to pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. dial tcp 13.234.9.92:443: i/o timeout", fleet.PullNetwork},
		{"a login that is refused", resource + ecr + denied + "ecr:GetAuthorizationToken on resource: *", fleet.PullDenied},
		{"a private registry's login out of reach", resource + "unable to get registry auth from asm: service call has been retried 5 time(s): context deadline exceeded", fleet.PullNetwork},
		{"a private registry's login that is refused", resource + "unable to get registry auth from asm: AccessDeniedException", fleet.PullDenied},
		{"an environment file that may not be read", "ResourceInitializationError: failed to download env files: file download command: non empty error stream: AccessDenied: Access Denied status code: 403", fleet.SecretDenied},
		{"a hint that the secret is missing", "ResourceNotFoundException: The task can’t retrieve the secret with ARN 'x' from AWS Secrets Manager. Check whether the secret exists in the specified Region.", fleet.SecretMissing},
		{"a hint that the role may not read", resource + asm + "The task can’t retrieve the secret with ARN 'x' from AWS Secrets Manager. Check that the role has the permissions for Secrets Manager.", fleet.SecretDenied},
		{"nothing but the opening", "ResourceInitializationError: unable to pull secrets or registry auth", fleet.UnknownCause},
		{"cut short", resource + "execution resource retrieval failed: " + asm + "service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:1...", fleet.UnknownCause},
	}
	for _, c := range cases {
		checkStops(t, []stopCase{{c.name, stop(start, c.text), c.want}})
	}
}

func TestFailedStarts(t *testing.T) {
	eni := "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1'"
	cases := []struct {
		name, text string
		want       fleet.Cause
	}{
		{"no network interface in time", "Timeout waiting for network interface provisioning to complete.", fleet.ProvisioningTimeout},
		{"no network interface in time, other words", "Network interface provision complete error timeout wait for network interface provision.", fleet.ProvisioningTimeout},
		{"no disk in time", "Timeout waiting for EphemeralStorage provisioning to complete.", fleet.ProvisioningTimeout},
		{"throttled network interfaces", "Rate limit exceeded while preparing network interface to be attached to instance", fleet.ProvisioningTimeout},
		{"an internal error", "InternalError: failed to attach", fleet.ProvisioningTimeout},
		{"a full subnet", eni + ": InsufficientFreeAddressesInSubnet", fleet.SubnetFull},
		{"a full subnet in words", "The specified subnet does not have enough free addresses to satisfy the request.", fleet.SubnetFull},
		{"a network interface without a reason", eni, fleet.SubnetFull},
		{"a refused network interface", eni + ": AuthFailure", fleet.ConfigInvalid},
		{"a network interface in a subnet that is gone", eni + ": InvalidSubnetID.NotFound", fleet.ConfigInvalid},
		{"a network interface without permission", eni + ": UnauthorizedOperation", fleet.ConfigInvalid},
		{"a log group that does not exist", "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1", fleet.LogDriver},
		{"logs out of reach", "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed", fleet.LogDriver},
		{"logs without permission", "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: AccessDeniedException", fleet.LogDriver},
		{"logs without a region", "ResourceInitializationError: failed to validate logger args: unable to get awslogs driver arguments: awslogs-region is required", fleet.LogDriver},
		{"a file system out of reach", "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve \"fs-1.efs.eu-central-1.amazonaws.com\" - check that your file system ID is correct", fleet.Volume},
		{"a file system that refuses", "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/'", fleet.Volume},
		{"a volume that cannot be made", "CannotCreateVolumeError: Error response from daemon: create v: timed out", fleet.Volume},
		{"a slow host", "DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s", fleet.RuntimeTimeout},
		{"a slow host on Fargate", "ContainerRuntimeTimeoutError: Could not transition to running: timed out after waiting 1m: <nil>", fleet.RuntimeTimeout},
		{"a container that cannot be inspected", "CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s", fleet.RuntimeTimeout},
		{"a runtime that failed", "ContainerRuntimeError: failed to create container", fleet.RuntimeTimeout},
		{"a network that could not be set up", "ContainerNetworkingError: failed to setup network namespace", fleet.RuntimeTimeout},
		{"a program for another architecture", "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create failed: exec /app: exec format error: unknown", fleet.PlatformMismatch},
		{"a program that does not exist", `CannotStartContainerError: Error response from daemon: OCI runtime create failed: container_linux.go:370: starting container process caused: exec: "node": executable file not found in $PATH: unknown`, fleet.ConfigInvalid},
		{"a program without permission", `CannotStartContainerError: runc create failed: unable to start container process: exec: "/entrypoint.sh": permission denied: unknown`, fleet.ConfigInvalid},
		{"a program without permission, oldest spelling", `DockerStateError: [8] System error: exec: "./stocks.rb": permission denied`, fleet.ConfigInvalid},
		{"a device that does not exist", `CannotStartContainerError: Error response from daemon: error gathering device information while adding custom device "/dev/dri/renderD130": no such file or directory`, fleet.ConfigInvalid},
		{"no command", "CannotCreateContainerError: Error response from daemon: No command specified", fleet.ConfigInvalid},
		{"a full thin pool", "CannotCreateContainerError: API error (500): devmapper: Thin Pool has 4350 free data blocks which is less than minimum required 4454 free data blocks", fleet.DiskFull},
		{"a container that cannot be made", "CannotCreateContainerError: API error (500)", fleet.DiskFull},
		{"an image that is not there", "CannotCreateContainerError: Error response from daemon: No such image: web:1", fleet.ImageMissing},
		{"a container that cannot start", "CannotStartContainerError: failed to get container status", fleet.ConfigInvalid},
		{"a host without its control groups", "CannotCreateContainerError: Error response from daemon: devices cgroup isn't mounted", fleet.RuntimeTimeout},
		{"a host with too many control groups", "CannotStartContainerError: OCI runtime create failed: mkdir /sys/fs/cgroup/memory/ecs/5: no space left on device", fleet.RuntimeTimeout},
		{"a limit that the control group refuses", "CannotStartContainerError: OCI runtime create failed: write /sys/fs/cgroup/cpu/cpu.cfs_quota_us: invalid argument", fleet.ConfigInvalid},
		{"a host without a device driver", `CannotStartContainerError: Error response from daemon: could not select device driver "nvidia" with capabilities: [[gpu]]`, fleet.RuntimeTimeout},
		{"a host whose bridge is full", "CannotStartContainerError: Error response from daemon: failed to create endpoint web on network bridge: adding interface veth1f to bridge docker0 failed: exchange full", fleet.RuntimeTimeout},
		{"a port that another container has", "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:80 failed: port is already allocated", fleet.ConfigInvalid},
		{"an unfit task definition", "The selected task definition is not compatible with the selected compute strategy.", fleet.ConfigInvalid},
		{"a role that cannot be assumed", "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.", fleet.RoleUnusable},
		{"another container that failed first", "dependency graph: failed to resolve the container ordering dependency [migrate] for target [web] as dependency did not exit successfully.", fleet.AppExit},
		{"out of memory at start", "CannotStartContainerError: OCI runtime create failed: container init was OOM-killed (memory limit too low?)", fleet.OutOfMemory},
		{"a stop that failed", "CannotStopContainerError: Could not transition to stopped; timed out after waiting 2m0s", fleet.StopTimeout},
		{"nothing known", "Task failed to start", fleet.UnknownCause},
		{"nothing", "", fleet.UnknownCause},
	}
	for _, c := range cases {
		checkStops(t, []stopCase{
			{c.name, stop(start, c.text), c.want},
			{c.name + ", of a container", stop(start, "Task failed to start", says(c.text)), c.want},
		})
	}
}

func TestExitedContainers(t *testing.T) {
	oom := "OutOfMemoryError: Container killed due to memory usage"
	checkStops(t, []stopCase{
		{"out of memory", stop(exited, essential, both(137, oom)), fleet.OutOfMemory},
		{"out of memory with exit code 0", stop(exited, essential, both(0, oom)), fleet.OutOfMemory},
		{"out of memory without an exit code", stop(exited, "OutOfMemoryError: container killed due to memory usage"), fleet.OutOfMemory},
		{"out of memory before another's failure", stop(exited, essential, exit(1), both(137, oom)), fleet.OutOfMemory},
		{"137 alone is not memory", stop(exited, essential, exit(137)), fleet.Killed},
		{"a failure before a kill", stop(exited, essential, exit(137), exit(3), exit(143), exit(0)), fleet.AppExit},
		{"a kill before a request to end", stop(exited, essential, exit(143), exit(137), exit(0)), fleet.Killed},
		{"success before the signal of the stop", stop(exited, essential, exit(0), exit(143)), fleet.AppExitZero},
		{"success", stop(exited, essential, exit(0)), fleet.AppExitZero},
		{"success of one, nothing of the other", stop(exited, essential, says(""), exit(0)), fleet.AppExitZero},
		{"success without a code", stop("", essential, exit(0)), fleet.AppExitZero},
		{"126", stop(exited, essential, exit(126)), fleet.AppExit},
		{"139", stop(exited, essential, exit(139)), fleet.AppExit},
		{"a negative code", stop(exited, essential, exit(-1)), fleet.AppExit},
		{"a code of Windows", stop(exited, essential, exit(3221225477)), fleet.AppExit},
		{"a code that ECS may invent later", stop("MoonPhase", "new moon", exit(2)), fleet.AppExit},
		{"no exit code", stop(exited, essential, says("")), fleet.UnknownCause},
		{"nothing at all", stop("", ""), fleet.UnknownCause},
		{"no stop", fleet.Trigger{Kind: fleet.TaskStopped}, fleet.UnknownCause},
		{"a start that failed in another container", stop(start, "Task failed to start", exit(1)), fleet.AppExit},
		{"an unhealthy load balancer target", stop(scheduler, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)", exit(143)), fleet.ELBHealth},
		{"an unhealthy classic load balancer target", stop(scheduler, "Task failed ELB health checks in (elb shop)"), fleet.ELBHealth},
		{"an unhealthy target, out of memory too", stop(scheduler, "Task failed ELB health checks in (target-group x)", both(137, oom)), fleet.ELBHealth},
		{"an unhealthy container", stop(scheduler, "Task failed container health checks", exit(137)), fleet.ContainerHealth},
		{"an unhealthy container without a code", stop("", "Task failed container health checks"), fleet.ContainerHealth},
	})
}

func TestTheDiskOfAnInstanceBlamesNoRevision(t *testing.T) {
	for text, onFargate := range map[string]fleet.Cause{
		"CannotPullContainerError: failed to register layer: write /x: no space left on device":       fleet.DiskFull,
		"CannotCreateContainerError: API error (500): devmapper: Thin Pool has 4350 free data blocks": fleet.DiskFull,
		"CannotCreateContainerError: Error response from daemon: something":                           fleet.DiskFull,
		"CannotCreateContainerError: Error response from daemon: No command specified":                fleet.ConfigInvalid,
	} {
		for launch, want := range map[string]fleet.Cause{"FARGATE": onFargate, "EC2": fleet.RuntimeTimeout, "MANAGED_INSTANCES": fleet.RuntimeTimeout} {
			trigger := stop(start, "Task failed to start", says(text))
			trigger.Stop.LaunchType = launch
			if onFargate == fleet.ConfigInvalid {
				want = onFargate
			}
			assert.Equal(t, want, cause.Of(trigger).Cause, "%s on %s", text, launch)
		}
	}
}

func TestServiceActions(t *testing.T) {
	const placement, configuration = "SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE"
	cases := []struct {
		name, event, reason string
		want                fleet.Cause
	}{
		{"no Fargate", placement, "RESOURCE:FARGATE", fleet.NoCapacity},
		{"no capacity", placement, "Capacity is unavailable at this time. Please try again later or in a different availability zone", fleet.NoCapacity},
		{"a used-up quota", placement, "You've reached the limit on the number of vCPUs you can run concurrently", fleet.NoCapacity},
		{"no CPU", placement, "RESOURCE:CPU", fleet.ClusterFull},
		{"no memory", placement, "RESOURCE:MEMORY", fleet.ClusterFull},
		{"no port", placement, "RESOURCE:PORTS", fleet.ClusterFull},
		{"no network interface", placement, "RESOURCE:ENI", fleet.ClusterFull},
		{"no instances", placement, "No Container Instances were found in your cluster.", fleet.ClusterFull},
		{"no instance that fits", placement, "no container instance met all of its requirements. The closest matching container-instance x has insufficient CPU units available", fleet.ClusterFull},
		{"a lost agent", placement, "AGENT", fleet.AgentLost},
		{"a lost agent in words", placement, `no container instance met all of its requirements. The closest matching container-instance x encountered error "AGENT"`, fleet.AgentLost},
		{"an attribute", placement, "ATTRIBUTE", fleet.ConfigInvalid},
		{"an attribute in words", placement, "no container instance met all of its requirements. The closest matching container-instance x is missing an attribute required by your task", fleet.ConfigInvalid},
		{"a placement constraint", placement, "MemberOf placement constraint unsatisfied.", fleet.ConfigInvalid},
		{"a pull", placement, pull + "failed to resolve ref x: not found", fleet.ImageMissing},
		{"no reason", placement, "", fleet.UnknownCause},
		{"a reason that nobody knows", placement, "because", fleet.UnknownCause},
		{"a daemon's constraint", "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED", "", fleet.ConfigInvalid},
		{"a role", configuration, "ECS was unable to assume the role 'arn:aws:iam::1:role/x'", fleet.RoleUnusable},
		{"a role in other words", configuration, "The role arn:aws:iam::1:role/x is invalid", fleet.RoleUnusable},
		{"tags and old ARNs", configuration, "Tags cannot be applied: the user or role has not opted in to the new ARN format", fleet.ConfigInvalid},
		{"a configuration without a reason", configuration, "", fleet.ConfigInvalid},
		{"impaired starts", "SERVICE_TASK_START_IMPAIRED", "", fleet.UnknownCause},
		{"throttled ECS", "ECS_OPERATION_THROTTLED", "", fleet.UnknownCause},
		{"a steady service", "SERVICE_STEADY_STATE", "", ""},
		{"stopped tasks", "TASKS_STOPPED", "", ""},
		{"rebalancing", "SERVICE_REBALANCING_STARTED", "", ""},
		{"protected tasks", "TASKSET_SCALE_IN_FAILURE_BY_TASK_PROTECTION", "", ""},
		{"an unhealthy instance of service discovery", "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY", "", ""},
		{"something new", "SERVICE_DANCED", "RESOURCE:CPU", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := cause.Of(fleet.Trigger{Kind: fleet.ServiceAction, Notice: fleet.Notice{Name: c.event, Reason: c.reason}})
			assert.Equal(t, c.want, got.Cause, "row %s", got.Row)
			assert.Equal(t, c.want.Family(), got.Family)
		})
	}
}

func TestKindsWithTheirOwnCause(t *testing.T) {
	assert.Equal(t, fleet.SpotInterruption, cause.Of(fleet.Trigger{Kind: fleet.SpotWarning}).Cause)
	assert.Equal(t, fleet.Maintenance, cause.Of(fleet.Trigger{Kind: fleet.TaskRetirement}).Cause)
	for _, kind := range []fleet.TriggerKind{
		fleet.TaskRunning, fleet.DeploymentStarted, fleet.DeploymentCompleted, fleet.DeploymentFailed, fleet.HookWaiting, fleet.AlarmChanged,
		fleet.ImagePush, fleet.ImageReplicated, fleet.ImageScan, fleet.ScaledToMax, fleet.Tick, fleet.Ignored, "",
	} {
		trigger := stop(exited, essential, exit(1))
		trigger.Kind = kind
		assert.Zero(t, cause.Of(trigger), kind)
	}
}

func TestWhyNamesTheContainerAndItsExitCode(t *testing.T) {
	assert.Equal(t, `container "web" exited with 3: it failed`, cause.Of(stop(exited, essential, exit(0), exit(3))).Why)
}

func TestEveryRowIsComplete(t *testing.T) {
	rows := cause.Rows()
	ids, causes := map[string]bool{}, map[fleet.Cause]bool{}
	for _, row := range rows {
		assert.NotEmpty(t, row.ID)
		assert.False(t, ids[row.ID], "the id %s occurs twice", row.ID)
		ids[row.ID], causes[row.Cause] = true, true
		assert.Contains(t, fleet.Causes(), row.Cause, row.ID)
		assert.NotEmpty(t, row.Source, row.ID)
		assert.NotEmpty(t, row.Note, row.ID)
		assert.NotContains(t, row.Note, "\n", row.ID)
		for _, list := range []string{row.About, row.All, row.Any, row.None} {
			assert.Equal(t, strings.ToLower(list), list, "the texts of %s are compared in lower case", row.ID)
			if list != "" {
				assert.NotContains(t, strings.Split(list, "|"), "", "an empty text in %s matches everything", row.ID)
			}
		}
	}
	for _, c := range fleet.Causes() {
		assert.True(t, causes[c], "no row gives %s", c)
	}
}

func TestClassificationIsTotal(t *testing.T) {
	words := []string{"", " ", "\x00", "’"}
	for _, row := range cause.Rows() {
		for _, list := range []string{row.About, row.All, row.Any, row.None} {
			words = append(words, strings.Split(list, "|")...)
		}
	}
	codes := []string{"", start, exited, scheduler, notice, "UserInitiated", "SpotInterruption", "InfrastructureHealth", "Else"}
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string {
			return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.String()), 0, 4).Draw(t, label), " ")
		}
		var containers []fleet.ContainerExit
		for range rapid.IntRange(0, 3).Draw(t, "containers") {
			c := says(text("container"))
			if rapid.Bool().Draw(t, "exited") {
				code := rapid.SampledFrom([]int{-1, 0, 1, 137, 143, 255}).Draw(t, "code")
				c.ExitCode = &code
			}
			containers = append(containers, c)
		}
		trigger := stop(rapid.SampledFrom(codes).Draw(t, "stop code"), text("reason"), containers...)
		got := cause.Of(trigger)
		require.Contains(t, fleet.Causes(), got.Cause)
		require.Equal(t, got.Cause.Family(), got.Family)
		require.NotEmpty(t, got.Row)
		if trigger.Stop.Code == "UserInitiated" && got.Cause != fleet.HostDraining {
			require.Equal(t, fleet.UserStopped, got.Cause, "what a caller of StopTask writes is not read")
		}
		if trigger.Stop.Code == scheduler {
			require.NotEqual(t, fleet.FamilyStart, got.Family, "the scheduler's stops are no failed starts")
		}
	})
}
