package dispatch

import "time"

// enrolmentFor is the lifetime of a cached enrollment. Chosen: 1 minute, so that a new
// tag takes effect within a minute.
const enrolmentFor = time.Minute
