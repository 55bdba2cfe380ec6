package main

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	here = "../../wire/models"
	// beside is a folder with AWS's complete models, if it exists. AWS_MODELS
	// names another folder.
	beside = "../../../../../../shared/models"
	again  = "run `go run ./shared/sim/ecssim/cmd/reducemodel -from DIR` (see its documentation for DIR) and commit what it writes"
)

func TestTheReducedModelsHoldExactlyTheServedOperations(t *testing.T) {
	models, operations := wire.NewModels(), served()
	for service := range wire.ModelFiles() {
		model, err := models.Of(service)
		require.NoError(t, err)
		kept := model.Operations()
		slices.Sort(kept)
		assert.Equal(t, operations[service], kept, "%s has other operations than its reduced model: %s", service, again)
	}
	for service := range operations {
		assert.Contains(t, wire.ModelFiles(), service, again)
	}
}

func TestReducingAWSsModelsAgainGivesTheSameBytes(t *testing.T) {
	from := cmp.Or(os.Getenv("AWS_MODELS"), beside)
	if _, err := os.Stat(from); err != nil {
		t.Skip("AWS's whole models are not here")
	}
	to, operations := t.TempDir(), served()
	for service, name := range wire.ModelFiles() {
		if _, err := readModel(from, name); err != nil {
			t.Log(err) // the folder may lack a service, such as the newest of ecssim
			delete(operations, service)
		}
	}
	require.NotEmpty(t, operations)
	require.NoError(t, reduceAll(from, to, operations, io.Discard))
	for service := range operations {
		name := wire.ModelFiles()[service]
		want, err := os.ReadFile(filepath.Join(to, name+".json"))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(here, name+".json"))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got), "%s.json differs: %s", name, again)
	}
}

const small = `{"metadata": {"apiVersion": "1", "uid": "x"},
"operations": {
 "Get": {"name": "Get", "http": {}, "input": {"shape": "In"}, "errors": [{"shape": "Gone", "documentation": "long"}]},
 "Put": {"name": "Put", "input": {"shape": "Other"}}},
"shapes": {
 "In": {"type": "structure", "documentation": "long", "required": ["shape"], "members": {"shape": {"shape": "Name", "documentation": "long"}, "self": {"shape": "In"}}},
 "Name": {"type": "string", "pattern": "<[a-z]+&", "max": 5},
 "Gone": {"type": "structure", "members": {}, "exception": true},
 "Other": {"type": "string"}}}`

// reducedSmall is the small model with Get alone. The order of lines matters for
// diffs.
const reducedSmall = `{
"metadata":{"apiVersion":"1"},
"operations":{
"Get":{"errors":[{"shape":"Gone"}],"input":{"shape":"In"},"name":"Get"}
},
"shapes":{
"Gone":{"exception":true,"members":{},"type":"structure"},
"In":{"members":{"self":{"shape":"In"},"shape":{"shape":"Name"}},"required":["shape"],"type":"structure"},
"Name":{"max":5,"pattern":"<[a-z]+&","type":"string"}
}
}
`

func TestAReducedModelHasWhatItsOperationsReachAndNoDocumentation(t *testing.T) {
	got, err := reduce([]byte(small), []string{"Get"})
	require.NoError(t, err)
	assert.Equal(t, strings.Split(reducedSmall, "\n"), strings.Split(string(got), "\n"))
	_, err = reduce([]byte(small), []string{"NoSuch"})
	assert.EqualError(t, err, "the model has no operation NoSuch")
}

func TestModelsAreReadFromBothLayouts(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json", "b/2001-01-01/service-2.json", "b/2002-01-01/service-2.json"} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(name), 0o644))
	}
	for name, want := range map[string]string{"a": "a.json", "b": "b/2002-01-01/service-2.json"} {
		raw, err := readModel(dir, name)
		require.NoError(t, err)
		assert.Equal(t, want, string(raw))
	}
	_, err := readModel(dir, "c")
	assert.ErrorContains(t, err, "c/VERSION/service-2.json")
}

func TestTheCommandSaysWhatItLacks(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 2, run(nil, io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "-from is needed")
	assert.Equal(t, 2, run([]string{"-nonsense"}, io.Discard, io.Discard))
	assert.Equal(t, 3, run([]string{"-from", t.TempDir()}, io.Discard, io.Discard))
}
