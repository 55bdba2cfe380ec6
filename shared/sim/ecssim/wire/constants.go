package wire

import "time"

// idleTimeout is the time until SocketClient closes an unused connection, the
// same as of http.DefaultTransport.
const idleTimeout = 90 * time.Second
