package wire

import "time"

// maxBody is the size of a request body in bytes. Assumed: it exceeds the limit
// of each modelled service.
const maxBody = 16 << 20

// longestValue is the number of bytes of a value that an error repeats. Chosen: AWS
// repeats the whole value, and a request may have megabytes.
const longestValue = 1024

// idleTimeout is the time until SocketClient closes an unused connection, the
// same as of http.DefaultTransport.
const idleTimeout = 90 * time.Second

// Limits of a Query form, against hostile requests. Assumed.
const (
	maxFormDepth  = 32
	maxFormFields = 20_000
)
