package fleet

import (
	"fmt"
	"strings"
	"time"
)

// ServiceRef names one ECS service. Cluster and Service are names, never ARNs.
type ServiceRef struct {
	Partition string `json:"partition,omitempty"`
	Account   string `json:"account"`
	Region    string `json:"region"`
	Cluster   string `json:"cluster"`
	Service   string `json:"service"`
}

// Key is the service's partition key in the store and stable across versions.
func (r ServiceRef) Key() string {
	return r.Account + "/" + r.Region + "/" + r.Cluster + "/" + r.Service
}

// String is how people see a service: cluster/service.
func (r ServiceRef) String() string { return r.Cluster + "/" + r.Service }

// ARN is the service's ARN in the new (cluster-qualified) format.
func (r ServiceRef) ARN() string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:service/%s/%s", r.partition(), r.Region, r.Account, r.Cluster, r.Service)
}

// RevisionARN is the ARN of a service revision with this id.
func (r ServiceRef) RevisionARN(id string) string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:service-revision/%s/%s/%s", r.partition(), r.Region, r.Account, r.Cluster, r.Service, id)
}

func (r ServiceRef) partition() string {
	switch {
	case r.Partition != "":
		return r.Partition
	case r.Region == "":
		return "aws"
	}
	return PartitionOf(r.Region)
}

// PartitionOf is the partition that a region belongs to; empty for no region.
func PartitionOf(region string) string {
	if region == "" {
		return ""
	}
	for _, known := range []struct{ begins, partition string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-iso-", "aws-iso"},
		{"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"},
		{"us-isof-", "aws-iso-f"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, known.begins) {
			return known.partition
		}
	}
	return "aws"
}

// Reading is a measured value that may be missing. Known false means that
// nothing is known: the value must not be read as zero.
type Reading struct {
	Value float64   `json:"value"`
	Known bool      `json:"known"`
	At    time.Time `json:"at,omitzero"`
	// Why says why nothing is known, or where the value comes from.
	Why string `json:"why,omitempty"`
}

// Known is a reading of value at t.
func Known(value float64, t time.Time, source string) Reading {
	return Reading{Value: value, Known: true, At: t, Why: source}
}

// Unknown is a reading that is missing, with the reason.
func Unknown(why string) Reading { return Reading{Why: why} }

// Image is a container image as registries and events name it. Repository is
// the bare name for ECR ("shop/web"); the other parts may be empty.
type Image struct {
	Registry   string `json:"registry,omitempty"`
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
}

// Zero reports whether nothing of the image is known.
func (i Image) Zero() bool { return i == Image{} }

// String is the reference as a task definition would carry it.
func (i Image) String() string {
	name := i.Repository
	if i.Registry != "" {
		name = i.Registry + "/" + name
	}
	if i.Digest != "" {
		return name + "@" + i.Digest
	}
	if i.Tag != "" {
		return name + ":" + i.Tag
	}
	return name
}

// Pinned is the image by its digest alone, without the tag that could move.
// It is the zero Image where no digest is known.
func (i Image) Pinned() Image {
	if i.Digest == "" {
		return Image{}
	}
	return Image{Registry: i.Registry, Repository: i.Repository, Digest: i.Digest}
}
