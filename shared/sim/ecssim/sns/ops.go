package sns

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// listLimit is the number of topics or subscriptions of a page. AWS: API reference of
// ListTopics and ListSubscriptions.
const listLimit = 100

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"CreateTopic":        s.createTopic,
		"ListTopics":         s.listTopics,
		"Publish":            s.publishNotification,
		"Subscribe":          s.onTopic(s.subscribe),
		"DeleteTopic":        s.deleteTopic,
		"GetTopicAttributes": s.onTopic(s.getTopicAttributes),
		"SetTopicAttributes": s.onTopic(s.setTopicAttributes),

		"ListSubscriptions":         s.listSubscriptions,
		"ListSubscriptionsByTopic":  s.onTopic(s.listByTopic),
		"Unsubscribe":               s.unsubscribe,
		"GetSubscriptionAttributes": s.getSubscriptionAttributes,
		"SetSubscriptionAttributes": s.setSubscriptionAttributes,

		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

// onTopic finds the topic of a request.
func (s *Service) onTopic(handle func(*topic, wire.Object) (wire.Object, error)) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		if t := s.topic(in.String("TopicArn")); t != nil {
			return handle(t, in)
		}
		return nil, missing("Topic does not exist")
	}
}

func missing(message string) error {
	return &wire.Error{Code: "NotFound", Message: message, Status: http.StatusNotFound}
}

func (s *Service) createTopic(in wire.Object) (wire.Object, error) {
	name, attributes := in.String("Name"), in.Object("Attributes")
	if strings.HasSuffix(name, ".fifo") || attributes.Has("FifoTopic") {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: ecssim does not model topics of the type FIFO")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`).MatchString(name) {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Topic Name")
	}
	fresh := s.topic(s.account.ARN("sns", name)) == nil
	arn := s.AddTopic(name)
	if fresh {
		for key := range attributes {
			s.topic(arn).attributes[key] = attributes.String(key)
		}
		s.account.Tags.Put(arn, in.Objects("Tags"))
	}
	return wire.Object{"TopicArn": arn}, nil
}

func (s *Service) listTopics(in wire.Object) (wire.Object, error) {
	topics := make([]wire.Object, len(s.topics))
	for i, t := range s.topics {
		topics[i] = wire.Object{"TopicArn": t.arn}
	}
	return page("Topics", topics, in)
}

// page answers with one page of a list.
func page(member string, all []wire.Object, in wire.Object) (wire.Object, error) {
	part, next, err := wire.Page(all, in, "", "NextToken", listLimit)
	if err != nil {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: NextToken")
	}
	return wire.SetToken(wire.Object{member: part}, "NextToken", next), nil
}

// deleteTopic deletes a topic with its subscriptions. A missing topic is no error.
func (s *Service) deleteTopic(in wire.Object) (wire.Object, error) {
	arn := in.String("TopicArn")
	s.topics = slices.DeleteFunc(s.topics, func(t *topic) bool { return t.arn == arn })
	delete(s.account.Tags, arn)
	return wire.Object{}, nil
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
		return nil, missing("Topic does not exist")
	}
	return wire.Object{"MessageId": s.notify(t, in.String("Subject"), in.String("Message"))}, nil
}

// getTopicAttributes returns the attributes that were set, and the counts.
func (s *Service) getTopicAttributes(t *topic, _ wire.Object) (wire.Object, error) {
	return wire.Object{"Attributes": t.described(s.account.Account)}, nil
}

func (s *Service) setTopicAttributes(t *topic, in wire.Object) (wire.Object, error) {
	name := in.String("AttributeName")
	if !topicAttribute(name) {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: AttributeName")
	}
	t.attributes[name] = in.String("AttributeValue")
	return wire.Object{}, nil
}

// topicAttribute reports whether an attribute can be set. AWS: API reference of
// SetTopicAttributes.
func topicAttribute(name string) bool {
	switch name {
	case "DeliveryPolicy", "DisplayName", "Policy", "TracingConfig", "SignatureVersion", "KmsMasterKeyId", "DataProtectionPolicy":
		return true
	}
	return strings.HasSuffix(name, "FeedbackRoleArn") || strings.HasSuffix(name, "FeedbackSampleRate")
}

func (s *Service) tagged(in wire.Object) (string, error) {
	arn := in.String("ResourceArn")
	if s.topic(arn) == nil {
		return "", &wire.Error{Code: "ResourceNotFound", Message: "Resource does not exist", Status: http.StatusNotFound}
	}
	return arn, nil
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	arn, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	s.account.Tags.Add(arn, "Key", in.Objects("Tags"))
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	arn, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	s.account.Tags.Remove(arn, "Key", in.Strings("TagKeys"))
	return wire.Object{}, nil
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	arn, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"Tags": s.account.Tags.Of(arn)}, nil
}
