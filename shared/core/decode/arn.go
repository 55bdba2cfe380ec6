package decode

import (
	"strings"

	"homeostat/shared/core/fleet"
)

// arn is a parsed Amazon Resource Name of any partition.
type arn struct {
	partition string
	service   string
	region    string
	account   string
	resource  string
}

// parseARN splits arn:partition:service:region:account:resource; the resource may
// contain colons. Spot warnings name instances by an ARN without an account: the
// account is then empty.
func parseARN(text string) (arn, bool) {
	rest, ok := strings.CutPrefix(text, "arn:")
	if !ok {
		return arn{}, false
	}
	var parts [4]string
	for i := range parts {
		if parts[i], rest, ok = strings.Cut(rest, ":"); !ok {
			return arn{}, false
		}
	}
	if parts[0] != "aws" && !strings.HasPrefix(parts[0], "aws-") || rest == "" {
		return arn{}, false
	}
	return arn{partition: parts[0], service: parts[1], region: parts[2], account: parts[3], resource: rest}, true
}

// ecsName returns the names in an ECS ARN: "task/shop/0f3a" is cluster shop and
// name 0f3a. An ARN of the old format, "task/0f3a", has no cluster.
func (a arn) ecsName(resource string) (cluster, name string, ok bool) {
	rest, ok := strings.CutPrefix(a.resource, resource+"/")
	if !ok || a.service != "ecs" {
		return "", "", false
	}
	if cluster, name, found := strings.Cut(rest, "/"); found {
		return cluster, name, name != ""
	}
	return "", rest, rest != ""
}

// adopt fills the fields that the envelope left empty from an ARN of the event.
func adopt(t *fleet.Trigger, a arn) {
	t.Partition = a.partition
	if t.Account == "" {
		t.Account = a.account
	}
	if t.Region == "" {
		t.Region = a.region
	}
}

// setCluster reads the ARN of a cluster. It takes a bare name unchanged.
func setCluster(t *fleet.Trigger, text string) {
	a, ok := parseARN(text)
	if !ok {
		if text != "" && !strings.ContainsAny(text, ":/") {
			t.Cluster = text
		}
		return
	}
	adopt(t, a)
	if _, name, ok := a.ecsName("cluster"); ok {
		t.Cluster = name
	}
}

// setService reads the ARN of a service, of either format. It keeps a known
// cluster.
func setService(t *fleet.Trigger, text string) bool {
	return setNamed(t, &t.Service, "service", text)
}

// setTask reads the ARN of a task, of either format. It keeps a known cluster.
func setTask(t *fleet.Trigger, text string) bool {
	return setNamed(t, &t.Task, "task", text)
}

// setNamed reads the ARN of a resource in a cluster, and sets the field of its name.
func setNamed(t *fleet.Trigger, field *string, resource, text string) bool {
	a, ok := parseARN(text)
	if !ok {
		return false
	}
	cluster, name, ok := a.ecsName(resource)
	if !ok {
		return false
	}
	adopt(t, a)
	*field = name
	if t.Cluster == "" {
		t.Cluster = cluster
	}
	return true
}

// setServiceDeployment reads "service-deployment/shop/web/ID". The last part is the
// deployment. The ARN names the service if no other field did.
func setServiceDeployment(t *fleet.Trigger, text string) {
	if text == "" {
		return
	}
	t.Deployment = fleet.NameOf(text)
	a, ok := parseARN(text)
	if !ok {
		return
	}
	adopt(t, a)
	if parts := strings.Split(a.resource, "/"); len(parts) == 4 && t.Service == "" {
		t.Cluster, t.Service = parts[1], parts[2]
	}
}

// familyRevision returns "web:42" for the ARN of a task definition, or for
// "web:42".
func familyRevision(text string) string {
	a, ok := parseARN(text)
	if !ok {
		return fleet.NameOf(text)
	}
	return strings.TrimPrefix(a.resource, "task-definition/")
}

// bareRepository returns the name of the repository, also if the event has its ARN.
func bareRepository(text string) string {
	a, ok := parseARN(text)
	if !ok {
		return text
	}
	return strings.TrimPrefix(a.resource, "repository/")
}
