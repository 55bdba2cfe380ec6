package record

import "time"

// The lifetimes of items. Memory, lease and freezes do not expire.
const (
	// keepEvidence is the lifetime of a piece of evidence. Chosen: 48 hours.
	keepEvidence = 48 * time.Hour
	// keepIntent is the lifetime of an intent. Chosen: 14 days.
	keepIntent = 14 * 24 * time.Hour
	// keepEpisode is the lifetime of an episode. Chosen: 90 days.
	keepEpisode = 90 * 24 * time.Hour
	// keepReport is the lifetime of a failure report. Chosen: 1 hour.
	keepReport = time.Hour
	// keepCounts is the lifetime of the service counts. Chosen: 24 hours.
	keepCounts = 24 * time.Hour
	// keepChanged is the lifetime of the mark of a changed service. Chosen: 1 hour.
	keepChanged = time.Hour
)

// leaseFor is the lifetime of a lease. Chosen: 90 seconds, longer than a function may
// run, so that a lease expires after a crash only.
const leaseFor = 90 * time.Second

// maxReports is the number of failure reports that are read, the newest. Chosen: 200,
// because more do not change the verdict.
const maxReports = 200

// printBytes is the number of bytes of the fingerprint of a trigger alarm. An item of
// 400 KB holds those of 50,000 services.
const printBytes = 8

// The sizes of one call, as the API reference of AWS gives them.
const (
	// readLimit is the number of items of one BatchGetItem: 100
	// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html).
	readLimit = 100
	// writeLimit is the number of items of one BatchWriteItem: 25
	// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html).
	writeLimit = 25
	// batchTries is the number of tries for the items that a batch left unprocessed.
	// Chosen: 3.
	batchTries = 3
	// batchLimit is the number of messages of one SendMessageBatch: 10
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html).
	batchLimit = 10
	// maxDelay is the longest delay of an SQS message: 15 minutes
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
	maxDelay = 15 * time.Minute
	// maxSubject is the length of an SNS subject, in characters: 100
	// (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
	maxSubject = 100
)
