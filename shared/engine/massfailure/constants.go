package massfailure

import "time"

// peerWait is the time for which the notification of a service waits while other
// services fail. After it a mass failure was reported once for all, or there is
// none. Chosen: one sweep.
const peerWait = time.Minute
