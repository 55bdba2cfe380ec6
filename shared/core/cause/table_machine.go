package cause

import "homeostat/shared/core/fleet"

// ownHosts lists the launch types whose hosts belong to the cluster. Their disk is not
// part of the task.
const ownHosts = "EC2|EXTERNAL|MANAGED_INSTANCES"

// machineRows returns the rows for faults of the host. No revision is at fault: a task
// of any revision fails there.
func machineRows() []Row {
	return []Row{
		{
			ID: "host-cgroup", About: starting, Any: "cgroup isn't mounted|cgroup mount|cgroup mountpoint|cgroups: cannot|cgroup subsystem|/sys/fs/cgroup|cgroup configuration|mountpoint for devices",
			None: notPull + "|invalid argument|memory.limit|memory.max|memory limit|cfs_quota", Cause: fleet.RuntimeTimeout,
			Source: "https://github.com/NVIDIA/nvidia-docker/issues/486", Note: "the host's control groups are not usable",
		},
		{
			ID: "host-driver", About: starting, Any: "could not select device driver|nvidia-container-cli|driver/library version mismatch|driver not loaded",
			None: notPull, Cause: fleet.RuntimeTimeout,
			Source: "https://github.com/NVIDIA/nvidia-docker/issues/1447", Note: "the host lacks the driver of a device",
		},
		{
			ID: "host-network", About: starting, Any: "exchange full|veth|iptables failed|failed programming external connectivity|on network bridge|docker0|bridge port|netlink|sandbox join",
			None: notPull + "|already allocated|already in use|address already", Cause: fleet.RuntimeTimeout,
			Source: "Docker's network driver", Note: "the host cannot attach a container to its network",
		},
		{
			ID: "host-disk", Launch: ownHosts, Any: diskFull, Cause: fleet.RuntimeTimeout,
			Source: docPull, Note: "the disk of the instance is full",
		},
	}
}
