// Package sqs is Amazon SQS with standard queues: messages, visibility,
// redelivery and dead letters. It also is the event source mapping: it passes
// messages to a function in batches and returns failed ones to the queue. A
// Service has no lock: the owner of the clock serializes its calls. Functions may
// call it while it runs them.
package sqs

import (
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Service is SQS of one account in one Region.
type Service struct {
	account *account.Account
	queues  map[string]*queue
}

// New returns SQS without queues.
func New(of *account.Account) *Service { return &Service{account: of, queues: map[string]*queue{}} }

// Register serves the operations of the API.
func (s *Service) Register(server *wire.Server) {
	server.HandleHost("sqs", "CreateQueue", s.createQueue)
	server.HandleHost("sqs", "GetQueueUrl", s.getQueueURL)
	server.HandleHost("sqs", "ListQueues", s.listQueues)
	server.HandleHost("sqs", "ListDeadLetterSourceQueues", s.listDeadLetterSources)
	for operation, handle := range map[string]func(q *queue, in wire.Object) (wire.Object, error){
		"GetQueueAttributes":      s.getQueueAttributes,
		"SendMessage":             s.sendMessage,
		"SendMessageBatch":        s.sendMessageBatch,
		"ReceiveMessage":          s.receiveMessage,
		"DeleteMessage":           s.deleteMessage,
		"DeleteMessageBatch":      s.deleteMessageBatch,
		"ChangeMessageVisibility": s.changeMessageVisibility,
		"PurgeQueue":              s.purgeQueue,
		"SetQueueAttributes":      s.setQueueAttributes,
		"TagQueue":                s.tagQueue,
		"UntagQueue":              s.untagQueue,
		"ListQueueTags":           s.listQueueTags,

		"ChangeMessageVisibilityBatch": s.changeVisibilityBatch,
		"DeleteQueue":                  s.deleteQueue,
	} {
		server.Handle("sqs", operation, func(in wire.Object) (wire.Object, error) {
			q, err := s.queueAt(in.String("QueueUrl"))
			if err != nil {
				return nil, err
			}
			return handle(q, in)
		})
	}
}
