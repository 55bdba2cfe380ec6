package state

import "time"

// The numbers of the memory. The word "chosen" marks a number without a measurement or
// a document behind it.
const (
	// ExternalWithin is the time in which external changes of the count are added
	// up. Chosen: a second controller acts several times an hour.
	ExternalWithin = time.Hour
	// AfterCheck is the time from a rollback to the check of its outcome. Chosen:
	// longer than most tasks take to start and fail.
	AfterCheck = 5 * time.Minute
	// RollbackNews is the highest age of a recent rollback, by ECS or by Homeostat.
	// Chosen: one evaluation a day still finds it.
	RollbackNews = 24 * time.Hour
	// maxDefinitions is the number of task definitions that are stored for a service.
	// Chosen: the running one, the one before, and one more.
	maxDefinitions = 3
	// warnAgainAfter is the pause between two equal warnings while nothing fails.
	// Chosen: a day.
	warnAgainAfter = 24 * time.Hour
	// notifyAgainAfter is the pause between two equal alerts without an action. Chosen:
	// an hourly reminder is enough, because the first alert was sent at once.
	notifyAgainAfter = time.Hour
	// maxPauses is the number of stored pauses. Chosen: a service at zero each night
	// and each lunch break needs 28 for two weeks, the longest heal.suspect_for in use.
	maxPauses = 30
	// leastPause is the length from which a pause is stored. Chosen: most deployments
	// have a running task earlier.
	leastPause = 10 * time.Minute
	// pauseWindow is the age at which a pause is dropped. Chosen: above any
	// heal.suspect_for in use.
	pauseWindow = 60 * 24 * time.Hour
)
