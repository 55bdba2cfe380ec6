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
)

// defaultBatchSize is the number of messages of an invocation. AWS: API reference
// of Lambda's CreateEventSourceMapping, BatchSize for SQS.
const defaultBatchSize = 10
