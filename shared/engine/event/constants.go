package event

// tailLines is the number of log lines that an episode keeps of a failed container.
// Chosen: 20.
const tailLines = 20
