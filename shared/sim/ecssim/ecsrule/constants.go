package ecsrule

// fargate is the launch type. The names of its capacity providers begin with it.
const fargate = "FARGATE"

// maxName is the greatest length of a name of ECS. AWS: API reference of
// CreateCluster, CreateService and RegisterTaskDefinition.
const maxName = 255

const (
	// maxFargateStop is the greatest stopTimeout on Fargate, in seconds. AWS: API
	// reference of ContainerDefinition, stopTimeout.
	maxFargateStop = 120
	// leastEphemeralGiB and mostEphemeralGiB bound the ephemeral storage of a task.
	// AWS: API reference of EphemeralStorage.
	leastEphemeralGiB = 21
	mostEphemeralGiB  = 200
	// maxStarter is the greatest length of startedBy. AWS: API reference of RunTask.
	maxStarter = 128
	// maxStarted is the number of instances of StartTask. AWS: its API reference.
	maxStarted = 10
	// maxProtection is the longest protection of a task, in minutes. AWS: API
	// reference of UpdateTaskProtection.
	maxProtection = 2880
)

// fargateRow is the memory, in MiB, of one CPU size of Fargate: a list, or a range
// with a step.
type fargateRow struct {
	cpu               int
	memory            []int
	least, most, step int
}

// fargateSizes returns the task sizes of Fargate. AWS: Developer guide, "Task
// definition parameters for Fargate", task size.
func fargateSizes() []fargateRow {
	return []fargateRow{
		{cpu: 256, memory: []int{512, 1024, 2048}},
		{cpu: 512, least: 1024, most: 4096, step: 1024},
		{cpu: 1024, least: 2048, most: 8192, step: 1024},
		{cpu: 2048, least: 4096, most: 16384, step: 1024},
		{cpu: 4096, least: 8192, most: 30720, step: 1024},
		{cpu: 8192, least: 16384, most: 61440, step: 4096},
		{cpu: 16384, least: 32768, most: 122880, step: 8192},
	}
}
