//go:build !race

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
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

// standIn returns a folder with stand-ins for the functions of `make build`.
func standIn(t *testing.T) string {
	t.Helper()
	dist := t.TempDir()
	for _, function := range contract.Functions() {
		require.NoError(t, os.Mkdir(filepath.Join(dist, function), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dist, function, "bootstrap"), []byte(function), 0o755))
	}
	return dist
}

// cdkFlags returns the pinned flags of cdk.json.
func cdkFlags(t *testing.T) *map[string]any {
	t.Helper()
	data, err := os.ReadFile("../cdk.json")
	require.NoError(t, err)
	var file struct{ Context map[string]any }
	require.NoError(t, json.Unmarshal(data, &file))
	return &file.Context
}

func newApp(t *testing.T) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{Context: cdkFlags(t), Outdir: jsii.String(t.TempDir())})
}

// synthesised returns the template of a stack with the options.
func synthesised(t *testing.T, o options) template {
	t.Helper()
	if o.Dist == "" {
		o.Dist = standIn(t)
	}
	if o.Staging == "" {
		o.Staging = t.TempDir()
	}
	if o.Name == "" {
		o.Name = stackID
	}
	require.NoError(t, o.checkFiles())
	stack, err := newStack(newApp(t), o)
	require.NoError(t, err)
	return template{t, *assertions.Template_FromStack(stack, nil).ToJSON()}
}

type template struct {
	t    *testing.T
	json object
}

// of returns the resources of a type by logical id.
func (t template) of(kind string) map[string]object {
	found := map[string]object{}
	for id, r := range t.json["Resources"].(object) {
		if resource := r.(object); resource["Type"] == kind {
			found[id] = resource
		}
	}
	return found
}

// only returns the single resource of a type with a prefix of its logical id.
func (t template) only(kind, prefix string) (string, object) {
	t.t.Helper()
	var id string
	var properties object
	for name, resource := range t.of(kind) {
		if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
			require.Empty(t.t, id, "two %s begin with %s", kind, prefix)
			id, properties = name, resource["Properties"].(object)
		}
	}
	require.NotEmpty(t.t, id, "no %s begins with %s", kind, prefix)
	return id, properties
}

// arn returns a reference to the ARN of a resource, and ref one to its name.
func arn(id string) object { return object{"Fn::GetAtt": []any{id, "Arn"}} }
func ref(id string) object { return object{"Ref": id} }

// plain converts a value through JSON, so that numbers compare.
func plain(t *testing.T, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var out any
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

// unquote reads JSON.
func unquote(t *testing.T, text string, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), into), text)
}

func TestWrongOptionsAreRejected(t *testing.T) {
	built := standIn(t)
	for name, c := range map[string]struct {
		context object
		want    string
	}{
		"an invalid flag":                   {object{"ephemeral": "yes"}, `the context ephemeral is "yes", expected true or false`},
		"an invalid number":                 {object{"concurrency": "many"}, `the context concurrency is "many", expected a whole number`},
		"less concurrency than SQS accepts": {object{"concurrency": "1"}, "the context concurrency is 1, expected at least 2"},
		"an unknown mode":                   {object{"mode": "on"}, `the context mode is "on", expected off, observe, propose or act`},
		"pins without roles":                {object{"pin": true}, "the context pin requires the roles of the pinned task definitions: -c passRoles=ARN,ARN"},
		"roles without pins":                {object{"passRoles": "arn:aws:iam::123456789012:role/web"}, "the context passRoles requires -c pin=true"},
		"roles by a pattern":                {object{"pin": "true", "passRoles": "arn:aws:iam::123456789012:role/*"}, `the context passRoles holds "arn:aws:iam::123456789012:role/*", expected the ARN of one role`},
		"an invalid endpoint":               {object{"endpoint": "localhost"}, `the context endpoint is "localhost", expected an http or https URL, or SERVICE=URL`},
		"a name with a space":               {object{"name": "my stack"}, `the context name is "my stack", expected a letter and then letters, digits and hyphens`},
		"a name that is a number":           {object{"name": 7}, `the context name is "7", expected a letter and then letters, digits and hyphens`},
		"an account by its alias":           {object{"accounts": "prod"}, `the context accounts holds "prod", expected the twelve digits of an account`},
		"a sample's image without a sample": {object{"sampleImage": "nginx"}, "the context sampleImage requires -c sample=true"},
		"an unknown name": {
			object{"polcy": "homeostat.yaml", "@aws-cdk/core:flag": true, "availability-zones:account=1": []any{}},
			"the context polcy is unknown, expected one of: accounts, concurrency, dashboard, drainHosts, endpoint, ephemeral, logGroups, mode, name, passRoles, pin, policy, restoreImages, sample, sampleImage, sourceDates, tracing, x86",
		},
		"functions that are not built": {nil, "the function heal is not built: run `make build`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := readOptions(c.context)
			require.EqualError(t, err, c.want)
		})
	}
	t.Run("a broken policy", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "homeostat.yaml")
		require.NoError(t, os.WriteFile(file, []byte("version: 1\nmood: act\n"), 0o600))
		err := options{Dist: built, Policy: file}.checkFiles()
		assert.ErrorContains(t, err, file+":2:1: ")
	})
	t.Run("a missing policy", func(t *testing.T) {
		err := options{Dist: built, Policy: "nowhere.yaml"}.checkFiles()
		assert.ErrorContains(t, err, "reading the policy: open nowhere.yaml")
	})
}

func TestOptionsReadTheContext(t *testing.T) {
	dist := standIn(t)
	t.Chdir(filepath.Dir(dist))
	require.NoError(t, os.Symlink(dist, "dist"))
	context := object{
		"ephemeral": "true", "tracing": true, "mode": "observe", "accounts": "111111111111, 222222222222", "concurrency": "4",
		"endpoint": "http://127.0.0.1:4566, application-auto-scaling=http://127.0.0.1:5000",
		"name":     "Steward", "sample": true, "sampleImage": "shop/web:live",
		"pin": "true", "passRoles": "arn:aws:iam::123456789012:role/web,arn:aws:iam::123456789012:role/pull",
	}
	o, err := readOptions(context)
	require.NoError(t, err)
	assert.Equal(t, options{
		Name: "Steward", Sample: true, SampleImage: "shop/web:live", Ephemeral: true, Tracing: true, Mode: "observe", Accounts: []string{"111111111111", "222222222222"}, Concurrency: 4,
		Pin: true, PassRoles: []string{"arn:aws:iam::123456789012:role/web", "arn:aws:iam::123456789012:role/pull"}, Dist: "dist",
		Endpoints: map[string]string{
			"AWS_ENDPOINT_URL":                          "http://127.0.0.1:4566",
			"AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": "http://127.0.0.1:5000",
		},
	}, o)
}

func TestTheSynthesisSaysThatRollbacksAreLimited(t *testing.T) {
	infos := func(o options) int {
		o.Dist, o.Staging, o.Name = standIn(t), t.TempDir(), stackID
		stack, err := newStack(newApp(t), o)
		require.NoError(t, err)
		return len(*assertions.Annotations_FromStack(stack).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("rollbacks after completion are off"))))
	}
	assert.Equal(t, 1, infos(options{}))
	assert.Zero(t, infos(options{Pin: true, PassRoles: pinned().PassRoles}))
}
