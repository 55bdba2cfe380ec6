package ecssim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
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

const (
	eventTime  = "2006-01-02T15:04:05Z"     // of the envelope
	detailTime = "2006-01-02T15:04:05.000Z" // in details of ECS
)

// stamp is a time in the detail of an ECS event; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(detailTime)
}

// emit queues an event for the taps and the bus.
func (s *Sim) emit(source, detailType string, resources []string, detail any) {
	if resources == nil {
		resources = []string{}
	}
	var event bytes.Buffer
	encoder := json.NewEncoder(&event)
	encoder.SetEscapeHTML(false) // AWS writes "OK -> ALARM" as it is
	err := encoder.Encode(envelope{
		Version: "0", ID: uuidOf(s.entropy.events), DetailType: detailType, Source: source,
		Account: s.config.Account, Time: s.Now().Format(eventTime), Region: s.config.Region,
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
	s.emit("aws.ecs", "ECS Service Action", []string{svc.arn}, detail)
}

// deploymentDetail is the detail of an ECS Deployment State Change. It names
// neither cluster nor service; the service's ARN is in resources.
type deploymentDetail struct {
	EventType    string `json:"eventType"`
	EventName    string `json:"eventName"`
	DeploymentID string `json:"deploymentId"`
	UpdatedAt    string `json:"updatedAt"`
	Reason       string `json:"reason"`
}

func (s *Sim) emitDeployment(d *deployment, level, name, reason string) {
	s.emit("aws.ecs", "ECS Deployment State Change", []string{d.service.arn}, deploymentDetail{
		EventType: level, EventName: name, DeploymentID: d.id, UpdatedAt: stamp(s.Now()), Reason: reason,
	})
}

// imageDetail is the detail of an ECR Image Action. The tag is absent for an
// image that is deleted by its digest.
type imageDetail struct {
	Result         string `json:"result"`
	RepositoryName string `json:"repository-name"`
	ImageDigest    string `json:"image-digest"`
	ActionType     string `json:"action-type"`
	ImageTag       string `json:"image-tag,omitempty"`
}

func (s *Sim) emitImage(repo *repository, action, digest, tag string) {
	s.emit("aws.ecr", "ECR Image Action", nil, imageDetail{
		Result: "SUCCESS", RepositoryName: repo.name, ImageDigest: digest, ActionType: action, ImageTag: tag,
	})
}

// scaledToMaxDetail is the detail of an Application Auto Scaling Scaling
// Activity State Change, which tells of scaled-to-max only.
type scaledToMaxDetail struct {
	StartTime          string `json:"startTime"`
	EndTime            string `json:"endTime"`
	NewDesiredCapacity int    `json:"newDesiredCapacity"`
	OldDesiredCapacity int    `json:"oldDesiredCapacity"`
	MinCapacity        int    `json:"minCapacity"`
	MaxCapacity        int    `json:"maxCapacity"`
	ResourceID         string `json:"resourceId"`
	ScalableDimension  string `json:"scalableDimension"`
	ServiceNamespace   string `json:"serviceNamespace"`
	StatusCode         string `json:"statusCode"`
	ScaledToMax        bool   `json:"scaledToMax"`
	Direction          string `json:"direction"`
}
