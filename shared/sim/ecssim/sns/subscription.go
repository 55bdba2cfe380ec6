package sns

import (
	"maps"
	"slices"
	"strconv"

	"homeostat/shared/sim/ecssim/wire"
)

// subscribe adds a subscription. The same protocol and endpoint is the same
// subscription. AWS: API reference of Subscribe. Only queues receive messages.
func (s *Service) subscribe(t *topic, in wire.Object) (wire.Object, error) {
	protocol, endpoint := in.String("Protocol"), in.String("Endpoint")
	if !slices.Contains(protocols(), protocol) {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Does not support this protocol string: %s", protocol)
	}
	for _, old := range t.subscriptions {
		if old.protocol == protocol && old.endpoint == endpoint {
			return wire.Object{"SubscriptionArn": old.arn}, nil
		}
	}
	attributes, given := map[string]string{}, in.Object("Attributes")
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := settable(name); err != nil {
			return nil, err
		}
		attributes[name] = given.String(name)
	}
	added := subscription{arn: t.arn + ":" + s.account.NextID(), protocol: protocol, endpoint: endpoint, attributes: attributes}
	t.subscriptions = append(t.subscriptions, added)
	return wire.Object{"SubscriptionArn": added.arn}, nil
}

// protocols are the protocols of a subscription. AWS: API reference of Subscribe.
func protocols() []string {
	return []string{"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"}
}

// settable refuses attributes of a subscription that ecssim does not honour.
func settable(name string) error {
	switch name {
	case "RawMessageDelivery", "DeliveryPolicy":
		return nil
	case "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn":
		return wire.Errorf("InvalidParameter", "Invalid parameter: ecssim does not model the attribute %s of subscriptions", name)
	}
	return wire.Errorf("InvalidParameter", "Invalid parameter: AttributeName")
}

// described returns the attributes of a topic.
func (t *topic) described(owner string) map[string]string {
	out := map[string]string{
		"TopicArn": t.arn, "Owner": owner, "SubscriptionsConfirmed": strconv.Itoa(len(t.subscriptions)),
		"SubscriptionsPending": "0", "SubscriptionsDeleted": "0", "DisplayName": "",
	}
	maps.Copy(out, t.attributes)
	return out
}

func (s *Service) object(t *topic, of subscription) wire.Object {
	return wire.Object{
		"SubscriptionArn": of.arn, "TopicArn": t.arn, "Protocol": of.protocol, "Endpoint": of.endpoint, "Owner": s.account.Account,
	}
}

func (s *Service) listByTopic(t *topic, in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, of := range t.subscriptions {
		found = append(found, s.object(t, of))
	}
	return page("Subscriptions", found, in)
}

func (s *Service) listSubscriptions(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, t := range s.topics {
		for _, of := range t.subscriptions {
			found = append(found, s.object(t, of))
		}
	}
	return page("Subscriptions", found, in)
}

// subscription finds a subscription with its topic.
func (s *Service) subscription(in wire.Object) (*topic, *subscription, error) {
	for _, t := range s.topics {
		for i := range t.subscriptions {
			if t.subscriptions[i].arn == in.String("SubscriptionArn") {
				return t, &t.subscriptions[i], nil
			}
		}
	}
	return nil, nil, missing("Subscription does not exist")
}

// unsubscribe deletes a subscription. A missing one is no error.
func (s *Service) unsubscribe(in wire.Object) (wire.Object, error) {
	for _, t := range s.topics {
		t.subscriptions = slices.DeleteFunc(t.subscriptions, func(of subscription) bool { return of.arn == in.String("SubscriptionArn") })
	}
	return wire.Object{}, nil
}

func (s *Service) getSubscriptionAttributes(in wire.Object) (wire.Object, error) {
	t, of, err := s.subscription(in)
	if err != nil {
		return nil, err
	}
	out := map[string]string{
		"SubscriptionArn": of.arn, "TopicArn": t.arn, "Protocol": of.protocol, "Endpoint": of.endpoint, "Owner": s.account.Account,
		"PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true", "RawMessageDelivery": strconv.FormatBool(of.raw()),
	}
	maps.Copy(out, of.attributes)
	return wire.Object{"Attributes": out}, nil
}

func (s *Service) setSubscriptionAttributes(in wire.Object) (wire.Object, error) {
	_, of, err := s.subscription(in)
	if err != nil {
		return nil, err
	}
	if err := settable(in.String("AttributeName")); err != nil {
		return nil, err
	}
	of.attributes[in.String("AttributeName")] = in.String("AttributeValue")
	return wire.Object{}, nil
}
