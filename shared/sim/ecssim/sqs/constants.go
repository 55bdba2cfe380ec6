package sqs

import "time"

// Defaults and limits of queues and messages. AWS: API reference of CreateQueue,
// SendMessage, ReceiveMessage, ChangeMessageVisibility and SendMessageBatch.
const (
	defaultVisibility = 30 * time.Second
	retention         = 4 * 24 * time.Hour
	maxMessage        = 1 << 20 // bytes
	maxDelay          = 900     // seconds
	maxVisibility     = 43200   // seconds
	maxBatch          = 10      // entries of a batch, messages of a receive
	maxReceives       = 1000    // maxReceiveCount of a redrive policy
	minRetention      = 60      // seconds
	maxRetention      = 1209600 // seconds
	minMessageSize    = 1024    // bytes of MaximumMessageSize
	maxWait           = 20      // seconds of ReceiveMessageWaitTimeSeconds
	maxName           = 80      // characters of a queue
	listLimit         = 1000    // queues of a page
)

// defaultBatchSize is the number of messages of an invocation. AWS: API reference
// of Lambda's CreateEventSourceMapping, BatchSize for SQS.
const defaultBatchSize = 10
