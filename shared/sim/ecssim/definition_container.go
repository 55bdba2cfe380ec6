package ecssim

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// containerDef is the part of a container definition that the model needs.
type containerDef struct {
	name, image, cpu, memory string
	essential                bool
	pinned                   bool      // versionConsistency is not disabled
	check                    *checkDef // nil without a check of its own
	stopTimeout              time.Duration
	after                    []dependency
	startTimeout             time.Duration
	restart                  *restartDef // nil without a restart policy
	secrets                  []secretDef
	log                      logTarget
}

// checkDef is the health check of a container.
type checkDef struct {
	interval, timeout, startPeriod time.Duration
	retries                        int
}

// dependency is a container that must reach a condition before another one starts:
// START, HEALTHY, COMPLETE or SUCCESS.
type dependency struct{ container, condition string }

// secretDef is an environment variable that is read from a secret at the start.
type secretDef struct{ name, from string }

// check returns the health check that decides the health of a task: that of the
// main container, else the first of another essential container. It returns nil if no
// such container has one. AWS: developer guide, "Determine Amazon ECS task health using
// container health checks".
func (td *taskDefinition) check() *checkDef {
	if c := td.containers[td.main()].check; c != nil {
		return c
	}
	for _, c := range td.containers {
		if c.check != nil && c.essential {
			return c.check
		}
	}
	return nil
}

// size sets the resources of the whole task. A definition for EC2 may leave them to
// its containers. AWS: API reference of TaskDefinition, cpu and memory.
func (td *taskDefinition) size(in wire.Object, containers []wire.Object) {
	cpu, memory := 0, 0
	for _, c := range containers {
		n, _ := c.Int("cpu")
		cpu += n
		m, ok := c.Int("memory")
		if !ok {
			m, _ = c.Int("memoryReservation")
		}
		memory += m
	}
	td.cpu, td.memory = cmp.Or(in.String("cpu"), strconv.Itoa(cpu)), cmp.Or(in.String("memory"), strconv.Itoa(memory))
	td.arm = in.Object("runtimePlatform").String("cpuArchitecture") == "ARM64"
	td.awsvpc = in.String("networkMode") == "awsvpc"
	td.ephemeralGiB = defaultEphemeralGiB
	if n, ok := in.Object("ephemeralStorage").Int("sizeInGiB"); ok {
		td.ephemeralGiB = n
	}
}

// compatibilities returns the launch types that ECS found the definition fit for.
func (td *taskDefinition) compatibilities(in wire.Object) []string {
	if td.awsvpc && in.String("cpu") != "" && in.String("memory") != "" {
		return []string{launchEC2, launchFargate}
	}
	return []string{launchEC2}
}

// architecture returns the value of ecs.cpu-architecture.
func (td *taskDefinition) architecture() string {
	if td.arm {
		return "arm64"
	}
	return "x86_64"
}

// completeContainer adds the members that ECS always returns.
func completeContainer(c wire.Object) wire.Object {
	out := maps.Clone(c)
	if !out.Has("cpu") {
		out["cpu"] = 0
	}
	if !out.Has("essential") {
		out["essential"] = true
	}
	for _, key := range []string{"environment", "mountPoints", "volumesFrom", "portMappings", "systemControls"} {
		if !out.Has(key) {
			out[key] = []wire.Object{}
		}
	}
	return out
}

// completeVolumes adds the root directory of a file system. AWS: API reference of
// EFSVolumeConfiguration, rootDirectory; an access point has its own.
func completeVolumes(volumes []wire.Object) []wire.Object {
	out := make([]wire.Object, len(volumes))
	for i, v := range volumes {
		out[i] = maps.Clone(v)
		if efs := v.Object("efsVolumeConfiguration"); efs != nil && !efs.Has("rootDirectory") {
			efs = maps.Clone(efs)
			efs["rootDirectory"] = "/"
			out[i]["efsVolumeConfiguration"] = efs
		}
	}
	return out
}

func parseContainer(c wire.Object) containerDef {
	essential, said := c.Bool("essential")
	def := containerDef{
		name: c.String("name"), image: c.String("image"),
		essential: essential || !said,
		pinned:    c.String("versionConsistency") != "disabled",
	}
	if n, ok := c.Int("cpu"); ok {
		def.cpu = fmt.Sprint(n)
	}
	if n, ok := c.Int("memory"); ok {
		def.memory = fmt.Sprint(n)
	}
	for _, secret := range c.Objects("secrets") {
		def.secrets = append(def.secrets, secretDef{secret.String("name"), secret.String("valueFrom")})
	}
	if log := c.Object("logConfiguration"); log != nil {
		def.log = parseLog(log.String("logDriver"), log.Object("options"))
	}
	for _, d := range c.Objects("dependsOn") {
		def.after = append(def.after, dependency{d.String("containerName"), d.String("condition")})
	}
	if policy := c.Object("restartPolicy"); policy != nil {
		if on, _ := policy.Bool("enabled"); on {
			def.restart = &restartDef{period: secondsOf(policy, "restartAttemptPeriod", defaultRestartPeriod), ignored: policy.Ints("ignoredExitCodes")}
		}
	}
	def.startTimeout = secondsOf(c, "startTimeout", defaultStartTimeout)
	def.check = parseCheck(c.Object("healthCheck"))
	def.stopTimeout = secondsOf(c, "stopTimeout", defaultStopTimeout)
	return def
}

func parseCheck(in wire.Object) *checkDef {
	if in == nil {
		return nil
	}
	def := &checkDef{
		interval: secondsOf(in, "interval", checkInterval), timeout: secondsOf(in, "timeout", checkTimeout),
		startPeriod: secondsOf(in, "startPeriod", 0), retries: checkRetries,
	}
	if n, ok := in.Int("retries"); ok {
		def.retries = n
	}
	return def
}

// secondsOf returns a duration in seconds, or otherwise if it is absent.
func secondsOf(in wire.Object, key string, otherwise time.Duration) time.Duration {
	if n, ok := in.Int(key); ok {
		return time.Duration(n) * time.Second
	}
	return otherwise
}
