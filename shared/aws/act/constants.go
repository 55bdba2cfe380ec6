package act

// The trigger alarm. observe.TriggerAlarms compares the same fields.
const (
	// alarmPeriods is the number of periods of a trigger alarm, and of datapoints
	// that must breach. Chosen: 1, so that the alarm fires as early as possible
	// (docs/designs/0009).
	alarmPeriods = 1
)

const (
	// digestLetters is the number of letters of an image digest in a text. Chosen: 12.
	digestLetters = 12
	// stopReason is the reason that ECS shows for a task that Homeostat stopped.
	stopReason = "Stopped by Homeostat: the service replaces it"
	// tagPinnedFrom is the tag of a revision that Homeostat registered. Its value
	// is the task definition that was copied.
	tagPinnedFrom = "homeostat:pinned-from"
)
