//go:build !race

package workload

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

// TestMain closes the runtime of the CDK once, because a second Close ends the
// process.
func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// object is part of a template.
type object = map[string]any

// sample is the synthesised template.
type sample struct {
	t    *testing.T
	json object
}

func synthesised(t *testing.T, o Options) sample {
	t.Helper()
	o.Name = "HomeostatSample"
	data, err := os.ReadFile("../../cdk.json")
	require.NoError(t, err)
	var file struct{ Context map[string]any }
	require.NoError(t, json.Unmarshal(data, &file))
	app := awscdk.NewApp(&awscdk.AppProps{Context: &file.Context, Outdir: jsii.String(t.TempDir())})
	return sample{t, *assertions.Template_FromStack(New(app, "HomeostatSample", o), nil).ToJSON()}
}

// of returns the properties of the resources of a type by logical id.
func (s sample) of(kind string) map[string]object {
	found := map[string]object{}
	for id, r := range s.json["Resources"].(object) {
		if resource := r.(object); resource["Type"] == kind {
			found[id], _ = resource["Properties"].(object)
		}
	}
	return found
}

// only returns the single resource of a type with a prefix of its logical id.
func (s sample) only(kind, prefix string) (string, object) {
	s.t.Helper()
	var id string
	for name := range s.of(kind) {
		if strings.HasPrefix(name, prefix) {
			require.Empty(s.t, id, "two %s begin with %s", kind, prefix)
			id = name
		}
	}
	require.NotEmpty(s.t, id, "no %s begins with %s", kind, prefix)
	return id, s.of(kind)[id]
}

func ref(id string) object { return object{"Ref": id} }

// services returns the names of the sample's services.
func services() []string { return []string{"Authentication", "Catalogue", "Orders", "Echo"} }
