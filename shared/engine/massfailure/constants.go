package massfailure

import "time"

// peerWait is the wait of a service's notification while other services fail. After
// it a mass failure was reported once for all, or there is none. Chosen: one sweep.
const peerWait = time.Minute
