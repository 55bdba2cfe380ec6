package sns

import (
	"net/http"

	"homeostat/shared/sim/ecssim/wire"
)

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"CreateTopic": s.createTopic,
		"ListTopics":  s.listTopics,
		"Publish":     s.publishNotification,
		"Subscribe":   s.subscribeTopic,
	}
}

func (s *Service) createTopic(in wire.Object) (wire.Object, error) {
	name := in.String("Name")
	if name == "" {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Topic Name")
	}
	return wire.Object{"TopicArn": s.AddTopic(name)}, nil
}

func (s *Service) listTopics(wire.Object) (wire.Object, error) {
	topics := make([]wire.Object, len(s.topics))
	for i, t := range s.topics {
		topics[i] = wire.Object{"TopicArn": t.arn}
	}
	return wire.Object{"Topics": topics}, nil
}

func (s *Service) publishNotification(in wire.Object) (wire.Object, error) {
	if in.String("Message") == "" {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Empty message")
	}
	arn := in.String("TopicArn")
	if arn == "" {
		arn = in.String("TargetArn")
	}
	t := s.topic(arn)
	if t == nil {
		return nil, missingTopic()
	}
	return wire.Object{"MessageId": s.notify(t, in.String("Subject"), in.String("Message"))}, nil
}

func (s *Service) subscribeTopic(in wire.Object) (wire.Object, error) {
	t := s.topic(in.String("TopicArn"))
	if t == nil {
		return nil, missingTopic()
	}
	added := subscription{arn: t.arn + ":" + s.account.NextID(), protocol: in.String("Protocol"), endpoint: in.String("Endpoint")}
	t.subscriptions = append(t.subscriptions, added)
	return wire.Object{"SubscriptionArn": added.arn}, nil
}

func missingTopic() error {
	return &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
}
