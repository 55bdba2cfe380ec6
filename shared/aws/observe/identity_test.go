package observe

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
)

// revisions returns a revision with this task definition, and the same one with the
// change.
func revisions(changeDefinition func(*ecstypes.TaskDefinition), changeRevision func(*ecstypes.ServiceRevision)) (before, after fleet.Revision) {
	return revisionWith(nil, nil), revisionWith(changeDefinition, changeRevision)
}

func revisionWith(changeDefinition func(*ecstypes.TaskDefinition), changeRevision func(*ecstypes.ServiceRevision)) fleet.Revision {
	t := ecstypes.TaskDefinition{ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("app"), Image: aws.String("web:1")}}}
	r := ecstypes.ServiceRevision{ServiceRevisionArn: aws.String("revision/1")}
	if changeDefinition != nil {
		changeDefinition(&t)
	}
	if changeRevision != nil {
		changeRevision(&r)
	}
	out := revision(r)
	out.ARN = "" // each call is a revision of its own
	out.Definition = definition(&t)
	return out
}

// fill sets a value and all values in it, so that each differs from its zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Type.Kind() != reflect.Struct {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("7")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(7)
	}
}

// fieldsOf returns the names of the exported fields of a structure.
func fieldsOf(of any) []string {
	var names []string
	for f := range reflect.TypeOf(of).Fields() {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	return names
}

func TestEachFieldOfARevisionIsComparedOrExceptedWithAReason(t *testing.T) {
	uncompared := compared().skip
	skipped := func(words map[string]fieldWord, field string) bool {
		return words[field].skip != "" && words[field].skip != uncompared
	}
	check := func(t *testing.T, field string, excepted bool, before, after fleet.Revision) {
		t.Helper()
		changes, known := fleet.Changes(before, after)
		require.True(t, known)
		if excepted {
			assert.Empty(t, changes, "%s is excepted", field)
			return
		}
		assert.NotEmpty(t, changes, "a change of %s is not seen", field)
	}
	for _, field := range fieldsOf(ecstypes.TaskDefinition{}) {
		t.Run("task definition "+field, func(t *testing.T) {
			before, after := revisions(func(d *ecstypes.TaskDefinition) { fill(reflect.ValueOf(d).Elem().FieldByName(field)) }, nil)
			check(t, field, skipped(definitionWords(), field), before, after)
		})
	}
	for _, field := range fieldsOf(ecstypes.ContainerDefinition{}) {
		t.Run("container "+field, func(t *testing.T) {
			before, after := revisions(func(d *ecstypes.TaskDefinition) {
				fill(reflect.ValueOf(&d.ContainerDefinitions[0]).Elem().FieldByName(field))
			}, nil)
			check(t, field, skipped(containerWords(), field), before, after)
		})
	}
	for _, field := range fieldsOf(ecstypes.ServiceRevision{}) {
		t.Run("service revision "+field, func(t *testing.T) {
			before, after := revisions(nil, func(r *ecstypes.ServiceRevision) { fill(reflect.ValueOf(r).Elem().FieldByName(field)) })
			if field == "TaskDefinition" || field == "ContainerImages" {
				assert.NotEqual(t, before, after, "the revision holds it in a readable form")
				return
			}
			check(t, field, skipped(revisionWords(), field), before, after)
		})
	}
}

func TestNoWordIsForAFieldThatTheSDKDoesNotHave(t *testing.T) {
	for _, c := range []struct {
		of    any
		words map[string]fieldWord
	}{
		{ecstypes.TaskDefinition{}, definitionWords()},
		{ecstypes.ContainerDefinition{}, containerWords()},
		{ecstypes.ServiceRevision{}, revisionWords()},
	} {
		for name, w := range c.words {
			assert.Contains(t, fieldsOf(c.of), name, "%T", c.of)
			assert.NotEqual(t, w.what == "", w.skip == "", "%T.%s has a word or a reason", c.of, name)
		}
	}
}

func TestEqualContentIsEqualInAnyOrder(t *testing.T) {
	ports := func(a, b int32) func(*ecstypes.TaskDefinition) {
		return func(d *ecstypes.TaskDefinition) {
			d.ContainerDefinitions[0].PortMappings = []ecstypes.PortMapping{{ContainerPort: aws.Int32(a)}, {ContainerPort: aws.Int32(b)}}
			d.ContainerDefinitions[0].DockerLabels = map[string]string{"a": "1", "b": "2"}
			d.ContainerDefinitions[0].MountPoints = []ecstypes.MountPoint{}
		}
	}
	assert.True(t, fleet.Same(revisionWith(ports(80, 81), nil), revisionWith(ports(81, 80), nil)), "ports have no order")
	command := func(words ...string) func(*ecstypes.TaskDefinition) {
		return func(d *ecstypes.TaskDefinition) { d.ContainerDefinitions[0].Command = words }
	}
	assert.False(t, fleet.Same(revisionWith(command("a", "b"), nil), revisionWith(command("b", "a"), nil)), "a command has an order")
	assert.False(t, fleet.Same(revisionWith(command("a b"), nil), revisionWith(command("a", "b"), nil)), "and words")
	assert.True(t, fleet.Same(revisionWith(command(), nil), revisionWith(nil, nil)), "an empty list is an absent one")
	readOnly := func(v *bool) func(*ecstypes.TaskDefinition) {
		return func(d *ecstypes.TaskDefinition) { d.ContainerDefinitions[0].ReadonlyRootFilesystem = v }
	}
	assert.False(t, fleet.Same(revisionWith(readOnly(aws.Bool(false)), nil), revisionWith(readOnly(nil), nil)), "an explicit value may differ from a default")
}

func TestContainersWithoutANameAreComparedByTheirPosition(t *testing.T) {
	nameless := func(second string) func(*ecstypes.TaskDefinition) {
		return func(d *ecstypes.TaskDefinition) {
			d.ContainerDefinitions = []ecstypes.ContainerDefinition{{Image: aws.String("a:1")}, {Image: aws.String("b:1"), User: aws.String(second)}}
		}
	}
	changes, known := fleet.Changes(revisionWith(nameless("1"), nil), revisionWith(nameless("2"), nil))
	assert.True(t, known)
	assert.Equal(t, []fleet.Change{{What: fleet.ChangedUser, Name: "#2"}}, changes)
}

func TestAContainerThatIsAddedIsOneChange(t *testing.T) {
	_, after := revisions(func(d *ecstypes.TaskDefinition) {
		d.ContainerDefinitions = append(d.ContainerDefinitions, ecstypes.ContainerDefinition{
			Name: aws.String("proxy"), Image: aws.String("proxy:1"), Command: []string{"run"}, User: aws.String("nobody"),
		})
	}, nil)
	changes, known := fleet.Changes(revisionWith(nil, nil), after)
	assert.True(t, known)
	assert.Equal(t, []fleet.Change{{What: fleet.ChangedContainer, Name: "proxy", To: "proxy"}}, changes)
}

func TestTheWordsOfAChange(t *testing.T) {
	container := func(change func(*ecstypes.ContainerDefinition)) fleet.Revision {
		return revisionWith(func(d *ecstypes.TaskDefinition) { change(&d.ContainerDefinitions[0]) }, nil)
	}
	service := func(change func(*ecstypes.ServiceRevision)) fleet.Revision { return revisionWith(nil, change) }
	for name, c := range map[string]struct {
		after fleet.Revision
		want  fleet.Change
	}{
		"a command":      {container(func(c *ecstypes.ContainerDefinition) { c.Command = []string{"x"} }), fleet.Change{What: "command", Name: "app"}},
		"an entry point": {container(func(c *ecstypes.ContainerDefinition) { c.EntryPoint = []string{"x"} }), fleet.Change{What: "entry-point", Name: "app"}},
		"a health check": {container(func(c *ecstypes.ContainerDefinition) { c.HealthCheck = &ecstypes.HealthCheck{Command: []string{"x"}} }), fleet.Change{What: "health-check", Name: "app"}},
		"a label":        {container(func(c *ecstypes.ContainerDefinition) { c.DockerLabels = map[string]string{"a": "b"} }), fleet.Change{What: "other", Name: "app/DockerLabels"}},
		"a volume": {revisionWith(func(d *ecstypes.TaskDefinition) {
			d.Volumes = []ecstypes.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &ecstypes.EFSVolumeConfiguration{FileSystemId: aws.String("fs-1")}}}
		}, nil), fleet.Change{What: "volume"}},
		"a security group": {service(func(r *ecstypes.ServiceRevision) {
			r.NetworkConfiguration = &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{SecurityGroups: []string{"sg-1"}}}
		}), fleet.Change{What: "network"}},
		"a platform version": {service(func(r *ecstypes.ServiceRevision) { r.PlatformVersion = aws.String("1.3.0") }), fleet.Change{What: "platform-version"}},
	} {
		t.Run(name, func(t *testing.T) {
			changes, known := fleet.Changes(revisionWith(nil, nil), c.after)
			assert.True(t, known)
			assert.Equal(t, []fleet.Change{c.want}, changes)
		})
	}
}
