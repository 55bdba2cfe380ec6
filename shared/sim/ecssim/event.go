package ecssim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// envelope is an EventBridge event.
type envelope struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     any      `json:"detail"`
}

// detailTime is the format of an instant in the details of ECS.
const detailTime = "2006-01-02T15:04:05.000Z"

// publisher implements account.Publisher on a Sim.
type publisher struct{ *Sim }

// stamp formats a time in the detail of an ECS event, or returns "" for the zero
// time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(detailTime)
}

// Publish queues an event for the taps and the bus.
func (p publisher) Publish(source, detailType string, resources []string, detail any) {
	s := p.Sim
	if resources == nil {
		resources = []string{}
	}
	var event bytes.Buffer
	encoder := json.NewEncoder(&event)
	encoder.SetEscapeHTML(false) // AWS does not escape "OK -> ALARM"
	err := encoder.Encode(envelope{
		Version: "0", ID: account.UUID(s.entropy.events), DetailType: detailType, Source: source,
		Account: s.config.Account, Time: s.Now().Format(account.EventTime), Region: s.config.Region,
		Resources: resources, Detail: detail,
	})
	if err != nil {
		panic(fmt.Sprintf("ecssim: an event of type %s cannot be written: %v", detailType, err))
	}
	s.outbox = append(s.outbox, bytes.TrimSuffix(event.Bytes(), []byte{'\n'}))
}

// serviceActionDetail is the detail of an ECS Service Action.
type serviceActionDetail struct {
	EventType            string   `json:"eventType"`
	EventName            string   `json:"eventName"`
	ClusterArn           string   `json:"clusterArn"`
	CapacityProviderArns []string `json:"capacityProviderArns,omitempty"`
	Reason               string   `json:"reason,omitempty"`
	CreatedAt            string   `json:"createdAt"`
}

func (s *Sim) emitServiceAction(svc *service, level, name, reason string) {
	detail := serviceActionDetail{
		EventType: level, EventName: name, ClusterArn: svc.cluster.arn, Reason: reason, CreatedAt: stamp(s.Now()),
	}
	s.account.Publish("aws.ecs", "ECS Service Action", []string{svc.arn}, detail)
}

// deploymentDetail is the detail of an ECS Deployment State Change. It names
// neither cluster nor service. The ARN of the service is in resources.
type deploymentDetail struct {
	EventType    string `json:"eventType"`
	EventName    string `json:"eventName"`
	DeploymentID string `json:"deploymentId"`
	UpdatedAt    string `json:"updatedAt"`
	Reason       string `json:"reason"`
}

func (s *Sim) emitDeployment(d *deployment, level, name, reason string) {
	s.account.Publish("aws.ecs", "ECS Deployment State Change", []string{d.service.arn}, deploymentDetail{
		EventType: level, EventName: name, DeploymentID: d.id, UpdatedAt: stamp(s.Now()), Reason: reason,
	})
}
