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

// Key returns the partition key of the service in the store. It is stable across
// versions.
func (r ServiceRef) Key() string {
	return r.Account + "/" + r.Region + "/" + r.Cluster + "/" + r.Service
}

// String returns the service for people: cluster/service.
func (r ServiceRef) String() string { return r.Cluster + "/" + r.Service }

// NameOf returns the text after the last slash of an ARN, and a text without a slash
// as it is: a name, an id, or "family:revision" of a task definition.
func NameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// ARN returns the ARN of the service in the new (cluster-qualified) format.
func (r ServiceRef) ARN() string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:service/%s/%s", r.partition(), r.Region, r.Account, r.Cluster, r.Service)
}

// RevisionARN returns the ARN of the service revision with this id.
func (r ServiceRef) RevisionARN(id string) string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:service-revision/%s/%s/%s", r.partition(), r.Region, r.Account, r.Cluster, r.Service, id)
}

// partition returns the partition, by default that of the region.
func (r ServiceRef) partition() string {
	switch {
	case r.Partition != "":
		return r.Partition
	case r.Region == "":
		return "aws"
	}
	return PartitionOf(r.Region)
}

// PartitionOf returns the partition of a region; empty for no region.
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

// Reading is a measured value that may be missing. If Known is false, Value has
// no meaning and does not count as zero.
type Reading struct {
	Value float64   `json:"value"`
	Known bool      `json:"known"`
	At    time.Time `json:"at,omitzero"`
	// Why gives the source of the value, or the reason for a missing one.
	Why string `json:"why,omitempty"`
}

// Known returns a reading of value at t.
func Known(value float64, t time.Time, source string) Reading {
	return Reading{Value: value, Known: true, At: t, Why: source}
}

// Unknown returns a missing reading with the reason.
func Unknown(why string) Reading { return Reading{Why: why} }

// Image is a container image reference. Repository is the bare name for ECR
// ("shop/web"). The other parts may be empty.
type Image struct {
	Registry   string `json:"registry,omitempty"`
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
}

// Zero reports whether all parts of the image are empty.
func (i Image) Zero() bool { return i == Image{} }

// String returns the reference in the form of a task definition.
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

// Pinned returns the image by digest, without the tag. It is the zero Image
// without a digest.
func (i Image) Pinned() Image {
	if i.Digest == "" {
		return Image{}
	}
	return Image{Registry: i.Registry, Repository: i.Repository, Digest: i.Digest}
}

// Account is one AWS account in one region.
type Account struct {
	// Partition is the AWS partition; empty for that of the region.
	Partition string
	// ID is the number of the account, 12 digits.
	ID     string
	Region string
}

// Ref returns a service of the account.
func (a Account) Ref(cluster, service string) ServiceRef {
	return ServiceRef{Partition: a.Partition, Account: a.ID, Region: a.Region, Cluster: cluster, Service: service}
}

// AccountOf returns the account and the region of a service.
func AccountOf(r ServiceRef) Account {
	return Account{Partition: r.Partition, ID: r.Account, Region: r.Region}
}
