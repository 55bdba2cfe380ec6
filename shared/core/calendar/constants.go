package calendar

import "time"

const (
	// horizon is the number of years for one occurrence of an expression. The next 29
	// February can be eight years away, because a century year may have no leap day.
	// Source: Gregorian calendar, for example 1896 to 1904.
	horizon = 9
	// putBack is longer than any regular change of a clock, 2 h in Antarctica/Troll.
	// Source: IANA database.
	putBack = 3 * time.Hour
	// maxOffset is longer than any offset from UTC since 1900, -12 h to +14 h. No clock
	// changes twice within twice that time.
	// Source: IANA database.
	maxOffset = 15 * time.Hour
)
