package artefact

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
)

// Batch returns the SQS event with these messages for a function. The ids are
// MessageID(0), MessageID(1) and so on.
func Batch(function string, bodies ...string) ([]byte, error) {
	var in events.SQSEvent
	for i, body := range bodies {
		in.Records = append(in.Records, events.SQSMessage{
			MessageId: MessageID(i), ReceiptHandle: "AQEBexample", Body: body,
			Attributes:  map[string]string{"ApproximateReceiveCount": "1"},
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:" + Region + ":" + AccountID + ":homeostat-" + function, AWSRegion: Region,
		})
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encoding a batch: %w", err)
	}
	return raw, nil
}

// MessageID returns the id of the i-th message of a Batch.
func MessageID(i int) string { return fmt.Sprintf("00000000-0000-4000-b000-%012x", i) }
