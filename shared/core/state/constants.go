package state

import "time"

const (
	// ExternalWithin is the time in which changes of the count by something else are
	// added up. Chosen: a second controller shows itself within an hour.
	ExternalWithin = time.Hour
	// AfterCheck is the time after a rollback at which it is checked whether the
	// failures stopped. Chosen: longer than most tasks take to start and fail.
	AfterCheck = 5 * time.Minute
	// RollbackNews is the time for which a rollback, by ECS or by Homeostat, is
	// still news. Chosen: an evaluation a day must not miss it.
	RollbackNews = 24 * time.Hour
	// notifyAgainAfter is the time for which the same alert is not repeated. Chosen:
	// nothing that an operator must act on by the minute repeats itself.
	notifyAgainAfter = time.Hour
)
