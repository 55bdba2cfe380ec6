package guard

import "time"

const (
	// selfTriggeredFor is the time after an action of Homeostat. Events of ECS
	// within it count as effects of the action. Chosen: 2 minutes.
	selfTriggeredFor = 2 * time.Minute
	// flapWindow is the period of the count of changes of direction. Chosen: 30
	// minutes.
	flapWindow = 30 * time.Minute
	// maxTurns is the minimum number of changes of direction in flapWindow to
	// suppress a scale-in. Chosen: 3.
	maxTurns = 3
	// budgetWindow is the time that a budget of actions is for: `actions_per_hour` and
	// `changes_per_hour` of the policy.
	budgetWindow = time.Hour
)
