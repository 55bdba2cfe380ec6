package event

// tailLines is the number of log lines that an episode keeps of a failed container.
// Chosen: 20.
const tailLines = 20

// statusStopped is the last and desired status of a task that ended (Amazon ECS
// developer guide, "Amazon ECS task lifecycle").
const statusStopped = "STOPPED"
