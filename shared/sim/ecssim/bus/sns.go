package bus

import (
	"net/http"

	"homeostat/shared/sim/ecssim/wire"
)

func (b *Bus) createTopic(in wire.Object) (wire.Object, error) {
	name := in.String("Name")
	if name == "" {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Topic Name")
	}
	return wire.Object{"TopicArn": b.AddTopic(name)}, nil
}

func (b *Bus) listTopics(wire.Object) (wire.Object, error) {
	topics := make([]wire.Object, len(b.topics))
	for i, t := range b.topics {
		topics[i] = wire.Object{"TopicArn": t.arn}
	}
	return wire.Object{"Topics": topics}, nil
}

func (b *Bus) publishNotification(in wire.Object) (wire.Object, error) {
	if in.String("Message") == "" {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Empty message")
	}
	arn := in.String("TopicArn")
	if arn == "" {
		arn = in.String("TargetArn")
	}
	t := b.topic(arn)
	if t == nil {
		return nil, missingTopic()
	}
	return wire.Object{"MessageId": b.notify(t, in.String("Subject"), in.String("Message"))}, nil
}

func (b *Bus) subscribeTopic(in wire.Object) (wire.Object, error) {
	t := b.topic(in.String("TopicArn"))
	if t == nil {
		return nil, missingTopic()
	}
	s := subscription{arn: t.arn + ":" + b.newID(), protocol: in.String("Protocol"), endpoint: in.String("Endpoint")}
	t.subscriptions = append(t.subscriptions, s)
	return wire.Object{"SubscriptionArn": s.arn}, nil
}

func missingTopic() error {
	return &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
}
