package cli

import (
	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
)

// decodeLine is one line of `homeostat decode --output json`. Its keys and
// their order are stable. It omits empty keys.
type decodeLine struct {
	File           string            `json:"file,omitempty"`
	Trigger        fleet.TriggerKind `json:"trigger,omitempty"`
	Account        string            `json:"account,omitempty"`
	Region         string            `json:"region,omitempty"`
	Cluster        string            `json:"cluster,omitempty"`
	Service        string            `json:"service,omitempty"`
	Deployment     string            `json:"deployment,omitempty"`
	TaskDefinition string            `json:"task_definition,omitempty"`
	Task           string            `json:"task,omitempty"`
	Cause          fleet.Cause       `json:"cause,omitempty"`
	Family         fleet.Family      `json:"family,omitempty"`
	Image          *decodeImage      `json:"image,omitempty"`
	Alarm          *decodeAlarm      `json:"alarm,omitempty"`
	Reason         string            `json:"reason,omitempty"`
	Record         *int              `json:"record,omitempty"`
}

type decodeImage struct {
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
}

type decodeAlarm struct {
	Name     string `json:"name,omitempty"`
	State    string `json:"state,omitempty"`
	Previous string `json:"previous,omitempty"`
}

// decodeError is the line of an unreadable event.
type decodeError struct {
	File   string `json:"file"`
	Error  string `json:"error"`
	Record *int   `json:"record,omitempty"`
}

// newDecodeLine returns the line of a trigger and its cause.
func newDecodeLine(file string, t fleet.Trigger, f cause.Finding) decodeLine {
	line := decodeLine{
		File: file, Trigger: t.Kind, Account: t.Account, Region: t.Region,
		Cluster: t.Cluster, Service: t.Service, Deployment: t.Deployment,
		TaskDefinition: t.TaskDefinition, Task: t.Task,
		Cause: f.Cause, Family: f.Family, Reason: t.Reason, Record: t.Record,
	}
	image := decodeImage{Repository: t.Image.Repository, Tag: t.Image.Tag, Digest: t.Image.Digest}
	if image != (decodeImage{}) {
		line.Image = &image
	}
	alarm := decodeAlarm{Name: t.Alarm.Name, State: t.Alarm.State, Previous: t.Alarm.Previous}
	if alarm != (decodeAlarm{}) {
		line.Alarm = &alarm
	}
	return line
}
