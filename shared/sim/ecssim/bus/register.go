package bus

import "homeostat/shared/sim/ecssim/wire"

// Register serves SQS, EventBridge, SNS and STS of this bus on s, in the name
// of ids. Call it before rules are added: it names their ARNs.
func Register(s *wire.Server, b *Bus, ids Identity) {
	b.ids = ids
	registerSQS(s, b)
	registerEvents(s, b)
	registerSNS(s, b)
	s.Handle("sts", "GetCallerIdentity", func(wire.Object) (wire.Object, error) {
		return wire.Object{
			"Account": ids.Account, "UserId": ids.Account,
			"Arn": "arn:" + ids.Partition + ":iam::" + ids.Account + ":root",
		}, nil
	})
}

func registerSQS(s *wire.Server, b *Bus) {
	s.HandleHost("sqs", "CreateQueue", b.createQueue)
	s.HandleHost("sqs", "GetQueueUrl", b.getQueueURL)
	s.HandleHost("sqs", "ListQueues", b.listQueues)
	for operation, handle := range map[string]func(q *queue, in wire.Object) (wire.Object, error){
		"GetQueueAttributes":      b.getQueueAttributes,
		"SendMessage":             b.sendMessage,
		"SendMessageBatch":        b.sendMessageBatch,
		"ReceiveMessage":          b.receiveMessage,
		"DeleteMessage":           b.deleteMessage,
		"DeleteMessageBatch":      b.deleteMessageBatch,
		"ChangeMessageVisibility": b.changeMessageVisibility,
		"PurgeQueue":              b.purgeQueue,
		"DeleteQueue":             b.deleteQueue,
	} {
		s.Handle("sqs", operation, func(in wire.Object) (wire.Object, error) {
			q, err := b.queueAt(in.String("QueueUrl"))
			if err != nil {
				return nil, err
			}
			return handle(q, in)
		})
	}
}

func registerEvents(s *wire.Server, b *Bus) {
	for operation, handle := range map[string]wire.Handler{
		"PutEvents": b.putEvents,
		"PutRule":   b.putRuleRequest,
		"ListRules": b.listRules,
	} {
		s.Handle("events", operation, onDefaultBus(handle))
	}
	for operation, handle := range map[string]func(r *rule, in wire.Object) (wire.Object, error){
		"DescribeRule":      b.describeRule,
		"DeleteRule":        b.deleteRule,
		"EnableRule":        enableRule,
		"DisableRule":       disableRule,
		"PutTargets":        b.putTargets,
		"RemoveTargets":     removeTargets,
		"ListTargetsByRule": listTargets,
	} {
		s.Handle("events", operation, onDefaultBus(b.onRule(operation, handle)))
	}
}

func registerSNS(s *wire.Server, b *Bus) {
	s.Handle("sns", "CreateTopic", b.createTopic)
	s.Handle("sns", "ListTopics", b.listTopics)
	s.Handle("sns", "Publish", b.publishNotification)
	s.Handle("sns", "Subscribe", b.subscribeTopic)
}
