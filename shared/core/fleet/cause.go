package fleet

// Family groups causes that share a default remedy. The words are stable.
type Family string

// The families. Only the causes of FamilyStart and FamilyRuntime count against a
// revision.
const (
	FamilyNormal    Family = "normal"
	FamilyCapacity  Family = "capacity"
	FamilyTransient Family = "transient"
	FamilyStart     Family = "start"
	FamilyRuntime   Family = "runtime"
	FamilyUnknown   Family = "unknown"
)

// Cause is the explanation of a stopped task or a failed action of a service. The
// words are stable, and `homeostat decode` prints them. The empty Cause means
// that the event reports neither a failure nor an end.
type Cause string

// The causes, by family.
const (
	ScalingActivity Cause = "scaling-activity"
	AZRebalancing   Cause = "az-rebalancing"
	Maintenance     Cause = "maintenance"
	HostDraining    Cause = "host-draining"
	UserStopped     Cause = "user-stopped"

	SpotInterruption Cause = "spot-interruption"
	NoCapacity       Cause = "no-capacity"
	ClusterFull      Cause = "cluster-full"
	AgentLost        Cause = "agent-lost"
	HostLost         Cause = "host-lost"

	ProvisioningTimeout Cause = "provisioning-timeout"
	PullNetwork         Cause = "pull-network"
	PullThrottled       Cause = "pull-throttled"
	SecretNetwork       Cause = "secret-network"
	RuntimeTimeout      Cause = "runtime-timeout"

	ImageMissing     Cause = "image-missing"
	PullDenied       Cause = "pull-denied"
	PlatformMismatch Cause = "platform-mismatch"
	SecretMissing    Cause = "secret-missing"
	SecretDenied     Cause = "secret-denied"
	RoleUnusable     Cause = "role-unusable"
	LogDriver        Cause = "log-driver"
	Volume           Cause = "volume"
	SubnetFull       Cause = "subnet-full"
	DiskFull         Cause = "disk-full"
	ConfigInvalid    Cause = "config-invalid"

	OutOfMemory     Cause = "out-of-memory"
	Killed          Cause = "killed"
	AppExit         Cause = "app-exit"
	AppExitZero     Cause = "app-exit-zero"
	ELBHealth       Cause = "elb-health"
	ContainerHealth Cause = "container-health"
	StopTimeout     Cause = "stop-timeout"

	UnknownCause Cause = "unknown"
)

// Family returns the family of a cause. It is FamilyUnknown for an unknown word,
// and empty for the empty cause.
func (c Cause) Family() Family {
	//exhaustive:enforce
	switch c {
	case "":
		return ""
	case ScalingActivity, AZRebalancing, Maintenance, HostDraining, UserStopped:
		return FamilyNormal
	case SpotInterruption, NoCapacity, ClusterFull, AgentLost, HostLost:
		return FamilyCapacity
	case ProvisioningTimeout, PullNetwork, PullThrottled, SecretNetwork, RuntimeTimeout:
		return FamilyTransient
	case ImageMissing, PullDenied, PlatformMismatch, SecretMissing, SecretDenied, RoleUnusable,
		LogDriver, Volume, SubnetFull, DiskFull, ConfigInvalid:
		return FamilyStart
	case OutOfMemory, Killed, AppExit, AppExitZero, ELBHealth, ContainerHealth, StopTimeout:
		return FamilyRuntime
	case UnknownCause:
		return FamilyUnknown
	}
	return FamilyUnknown
}

// BlamesRevision reports whether a cause of the family counts as evidence against
// the revision. No other code decides this.
func (f Family) BlamesRevision() bool { return f == FamilyStart || f == FamilyRuntime }

// BlamesRevision reports whether the cause counts as evidence against the
// revision.
func (c Cause) BlamesRevision() bool { return c.Family().BlamesRevision() }

// Causes returns all causes, ordered by family.
func Causes() []Cause {
	return []Cause{
		ScalingActivity, AZRebalancing, Maintenance, HostDraining, UserStopped,
		SpotInterruption, NoCapacity, ClusterFull, AgentLost, HostLost,
		ProvisioningTimeout, PullNetwork, PullThrottled, SecretNetwork, RuntimeTimeout,
		ImageMissing, PullDenied, PlatformMismatch, SecretMissing, SecretDenied, RoleUnusable,
		LogDriver, Volume, SubnetFull, DiskFull, ConfigInvalid,
		OutOfMemory, Killed, AppExit, AppExitZero, ELBHealth, ContainerHealth, StopTimeout,
		UnknownCause,
	}
}
