package cause

import "homeostat/shared/core/fleet"

// notPull excludes the texts of failed pulls, because they quote image names.
const notPull = "cannotpull|failed to resolve ref|manifest has been retried|ref pull has been"

// network lists the texts of a network error in a call to a registry or a service.
const network = "i/o timeout|tls handshake|deadline exceeded|request canceled|requestcanceled|context canceled|canceled, context" +
	"|connection refused|connection reset|broken pipe|no route to host|network is unreachable|no such host|server misbehaving" +
	"|name resolution|connection issue|network configuration|timeout|timed out|unexpected eof|: eof|x509|proxyconnect" +
	"|failed to do request|dial tcp|send request failed|requesterror|service unavailable|bad gateway|internal server error"

// throttled lists the texts of a throttled call to a registry or a service.
const throttled = "toomanyrequests|too many requests|rate limit|rate exceeded|throttlingexception|requestlimitexceeded|requestthrottled"

// denied lists the texts of a denied call to AWS or a registry.
const denied = "accessdenied|access denied|not authorized|unauthorized|forbidden|no identity-based policy"

// unassumed lists the texts of a role without credentials.
const unassumed = "unable to assume|sts:assumerole|no valid providers in chain|nocredentialproviders|ec2rolerequesterror" +
	"|credentialsendpointerror|security token included in the request is|failed to refresh cached credentials"

// diskFull lists the texts of a full disk.
const diskFull = "no space left on device|thin pool|free data blocks|disk quota exceeded"

// initRows returns the rows for the resources that a task needs before the pull:
// a log group, a network interface, a disk and volumes.
func initRows() []Row {
	return []Row{
		{
			ID: "log-driver", Any: "logger args|logging driver|log driver|log group does not exist|cloudwatch log|awslogs driver|firelens|shim logger",
			None: notPull, Cause: fleet.LogDriver,
			Source: docInit, Note: "the log driver failed to start: check the log group, the permissions and the network",
		},
		{
			ID: "disk-full", Any: diskFull, Cause: fleet.DiskFull,
			Source: docPull, Note: "the host's disk or the task's ephemeral storage is full",
		},
		{
			ID: "provisioning-timeout", All: "provision", Any: "timeout wait|timed out wait", Cause: fleet.ProvisioningTimeout,
			Source: "https://github.com/dagster-io/dagster, ECS run launcher", Note: "a network interface or a disk was not ready in time",
		},
		{
			ID: "attachment-timeout", All: "timeout waiting for|to complete", Cause: fleet.ProvisioningTimeout,
			Source: "by analogy with provisioning-timeout", Note: "a resource of the task was not ready in time",
		},
		{
			ID: "interface-throttled", All: "network interface", Any: throttled, Cause: fleet.ProvisioningTimeout,
			Source: "AWS Batch statusReason, seen in public retry strategies", Note: "EC2 throttled the network interface; ECS retries",
		},
		{
			ID: "subnet-full", Any: "insufficientfreeaddresses|insufficient free addresses|enough free addresses|enough free ip|enough ip addresses|free ip addresses" +
				"|networkinterfacelimitexceeded|privateipaddresslimitexceeded", Cause: fleet.SubnetFull,
			Source: docStart, Note: "the subnet has no free address, or the account has no free network interface",
		},
		{
			ID: "no-device-index", Any: "unused device index|attachmentlimitexceeded", Cause: fleet.ClusterFull,
			Source: docStart, Note: "the instance has no free network interface for the task",
		},
		{
			ID: "interface-refused", All: "network interface", Any: denied + "|denied|authfailure|invalid|notfound|not found|does not exist|limitexceeded|not permitted",
			None: notPull, Cause: fleet.ConfigInvalid,
			Source: docStart, Note: "EC2 rejected the network interface: check the subnet, the security group and the permissions",
		},
		{
			ID: "interface-internal", All: "ec2 error|network interface", Any: "internalerror|internal error|unavailable", Cause: fleet.ProvisioningTimeout,
			Source: docStart, Note: "EC2 failed to create the network interface; ECS retries",
		},
		{
			ID: "interface-unsaid", All: "unexpected ec2 error|network interface", Cause: fleet.SubnetFull,
			Source: docStart, Note: "EC2 created no network interface; without a reason, the subnet is full",
		},
		{
			ID: "volume", Any: "efs utils|efs volume|cannotcreatevolumeerror|volumeerror|volumeinitialization|mount.nfs|fsxwindowsfileserver|fsx file|fsx volume|ebs volume" +
				"|failed to mount|error mounting|unable to mount|mount failed|invalid mount config|mounting volume|volume driver|volume plugin|volume attachment|attach volume",
			None: notPull, Cause: fleet.Volume,
			Source: docInit, Note: "a volume could not be created or mounted",
		},
	}
}
