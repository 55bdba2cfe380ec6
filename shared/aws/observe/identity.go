package observe

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"homeostat/shared/core/fleet"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The parts of a revision are found by reflection, so a member that AWS adds is
// compared from the day of its SDK version on. A field has a word, or it is skipped
// with a reason, or it is fleet.ChangedOther.

// fieldWord is the word of a field of the SDK, or the reason to skip it.
type fieldWord struct{ what, skip string }

// compared returns the reason of a field that Definition holds in a readable form.
func compared() fieldWord { return fieldWord{skip: "fleet.Changes compares its readable form"} }

// bookkeeping returns the reason of a field that does not affect a task.
func bookkeeping() fieldWord { return fieldWord{skip: "it does not affect a task"} }

// derived returns the reason of a field that ECS computes.
func derived() fieldWord { return fieldWord{skip: "ECS derives it from other fields"} }

// definitionWords returns the words of the fields of a task definition.
func definitionWords() map[string]fieldWord {
	return map[string]fieldWord{
		"ContainerDefinitions": compared(), "Cpu": compared(), "Memory": compared(),
		"TaskRoleArn": compared(), "ExecutionRoleArn": compared(),
		"TaskDefinitionArn": bookkeeping(), "Revision": bookkeeping(), "Status": bookkeeping(),
		"RegisteredAt": bookkeeping(), "RegisteredBy": bookkeeping(),
		"DeregisteredAt": bookkeeping(), "DeleteRequestedAt": bookkeeping(),
		"Compatibilities": derived(), "RequiresAttributes": derived(),
		"Volumes":     {what: fleet.ChangedVolume},
		"NetworkMode": {what: fleet.ChangedNetwork},
	}
}

// containerWords returns the words of the fields of a container definition.
func containerWords() map[string]fieldWord {
	return map[string]fieldWord{
		"Name": compared(), "Image": compared(), "Environment": compared(), "Secrets": compared(), "Memory": compared(),
		"Command":                {what: fleet.ChangedCommand},
		"EntryPoint":             {what: fleet.ChangedEntryPoint},
		"WorkingDirectory":       {what: fleet.ChangedCommand},
		"HealthCheck":            {what: fleet.ChangedHealthCheck},
		"PortMappings":           {what: fleet.ChangedPort},
		"User":                   {what: fleet.ChangedUser},
		"ReadonlyRootFilesystem": {what: fleet.ChangedReadOnlyRoot},
		"EnvironmentFiles":       {what: fleet.ChangedEnvironmentFile},
		"StopTimeout":            {what: fleet.ChangedStopTimeout},
		"MountPoints":            {what: fleet.ChangedVolume},
		"VolumesFrom":            {what: fleet.ChangedVolume},
		"MemoryReservation":      {what: fleet.ChangedMemory},
		"Cpu":                    {what: fleet.ChangedCPU},
		"LogConfiguration":       {what: fleet.ChangedLog},
		"FirelensConfiguration":  {what: fleet.ChangedLog},
		"RepositoryCredentials":  {what: fleet.ChangedSecret},
	}
}

// revisionWords returns the words of the fields of a service revision.
func revisionWords() map[string]fieldWord {
	return map[string]fieldWord{
		"TaskDefinition": compared(), "ContainerImages": compared(),
		"ServiceRevisionArn": bookkeeping(), "ServiceArn": bookkeeping(), "ClusterArn": bookkeeping(), "CreatedAt": bookkeeping(),
		"ResolvedConfiguration": derived(), "EcsManagedResources": derived(),
		// It changes the period of metrics only. Revision.HighResolution holds it.
		"Monitoring":                  bookkeeping(),
		"NetworkConfiguration":        {what: fleet.ChangedNetwork},
		"LoadBalancers":               {what: fleet.ChangedLoadBalancer},
		"ServiceRegistries":           {what: fleet.ChangedLoadBalancer},
		"GatewayConnectors":           {what: fleet.ChangedLoadBalancer},
		"VpcLatticeConfigurations":    {what: fleet.ChangedLoadBalancer},
		"CapacityProviderStrategy":    {what: fleet.ChangedCapacity},
		"LaunchType":                  {what: fleet.ChangedCapacity},
		"PlatformVersion":             {what: fleet.ChangedPlatformVersion},
		"PlatformFamily":              {what: fleet.ChangedPlatformVersion},
		"ServiceConnectConfiguration": {what: fleet.ChangedServiceConnect},
		"VolumeConfigurations":        {what: fleet.ChangedVolume},
	}
}

// sets returns the names of the lists without an order.
func sets() []string {
	return []string{
		"PortMappings", "MountPoints", "VolumesFrom", "Ulimits", "DependsOn", "ExtraHosts", "SystemControls",
		"ResourceRequirements", "Links", "RequiresCompatibilities", "PlacementConstraints", "Volumes",
		"InferenceAccelerators", "SecretOptions", "Subnets", "SecurityGroups", "LoadBalancers", "ServiceRegistries",
		"CapacityProviderStrategy", "Services", "ClientAliases", "VolumeConfigurations", "VpcLatticeConfigurations",
		"DockerSecurityOptions", "Tmpfs", "Devices", "Add", "Drop", "Properties",
	}
}

// definitionParts returns the parts of a task definition that Definition does not
// hold in a readable form.
func definitionParts(t *ecstypes.TaskDefinition) map[fleet.Part]string {
	parts := map[fleet.Part]string{}
	addParts(parts, "", *t, definitionWords())
	for i, c := range t.ContainerDefinitions {
		addParts(parts, containerName(i, c), c, containerWords())
	}
	return parts
}

// revisionParts returns the parts of a service revision beside its task definition.
func revisionParts(r ecstypes.ServiceRevision) map[fleet.Part]string {
	parts := map[fleet.Part]string{}
	addParts(parts, "", r, revisionWords())
	return parts
}

// addParts adds the digest of each field with a value. Several fields with one word
// are one part, except for fleet.ChangedOther.
func addParts(parts map[fleet.Part]string, owner string, of any, words map[string]fieldWord) {
	v := reflect.ValueOf(of)
	texts := map[fleet.Part]string{}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() || words[name].skip != "" {
			continue
		}
		text := canonical(name, v.Field(i))
		if text == "" {
			continue
		}
		part := fleet.Part{What: words[name].what, Name: owner}
		if part.What == "" {
			part = fleet.Part{What: fleet.ChangedOther, Name: strings.TrimPrefix(owner+"/"+name, "/")}
		}
		texts[part] += name + "=" + text + "\n"
	}
	for part, text := range texts {
		parts[part] = digest(part.What+"\x00"+part.Name, text)
	}
}

// canonical returns one text for all equal values. An absent value and an empty list
// are the empty text. A pointer to zero differs from an absent value.
func canonical(name string, v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return "{" + canonical(name, v.Elem()) + "}"
	case reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return v.Elem().Type().String() + canonical(name, v.Elem())
	case reflect.Struct:
		return canonicalStruct(v)
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = canonical(name, v.Index(i))
		}
		if slices.Contains(sets(), name) {
			sort.Strings(items)
		}
		return list(items)
	case reflect.Map:
		items := make([]string, 0, v.Len())
		for _, key := range v.MapKeys() {
			items = append(items, fmt.Sprintf("%q:", key)+canonical(name, v.MapIndex(key)))
		}
		sort.Strings(items)
		return list(items)
	}
	if v.IsZero() {
		return ""
	}
	return fmt.Sprintf("%q", fmt.Sprint(v.Interface()))
}

func canonicalStruct(v reflect.Value) string {
	var items []string
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			if text := canonical(f.Name, v.Field(i)); text != "" {
				items = append(items, f.Name+"="+text)
			}
		}
	}
	return list(items)
}

func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return "[" + strings.Join(items, ",") + "]"
}

// containerName returns the name of a container, or its position if it has none.
func containerName(i int, c ecstypes.ContainerDefinition) string {
	if c.Name == nil || *c.Name == "" {
		return fmt.Sprintf("#%d", i+1)
	}
	return *c.Name
}
