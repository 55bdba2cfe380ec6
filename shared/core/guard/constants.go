package guard

import "time"

const (
	// selfTriggeredFor is the time after an action of Homeostat in which events of ECS
	// count as its effect. Chosen: 2 minutes.
	selfTriggeredFor = 2 * time.Minute
	// flapWindow is the time in which changes of direction are counted. Chosen: 30
	// minutes.
	flapWindow = 30 * time.Minute
	// maxTurns is the number of changes of direction in flapWindow from which a
	// scale-in is suppressed. Chosen: 3.
	maxTurns = 3
	// budgetWindow is the time that a budget of actions is for: `actions_per_hour` and
	// `changes_per_hour` of the policy.
	budgetWindow = time.Hour
)
