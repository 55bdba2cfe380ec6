//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test checks the contract of the store on DynamoDB emulators of other
// authors. `go test ./shared/aws/record` checks it on those of this repository.
func TestTheStoreMeansTheSameOnTheirDynamoDB(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	names := []string{"ministack"}
	others := "ministack=" + c.url
	if local := dynamodbLocal(t, c); local != "" {
		names = append(names, "dynamodb-local")
		others += ",dynamodb-local=" + local
	}
	command := exec.Command("go", "test", "-count=1", "-v", "./shared/aws/record")
	command.Dir, command.Env = root, c.environment("HOMEOSTAT_TEST_DYNAMODB="+others)
	out, err := command.CombinedOutput()
	require.NoError(t, err, regexp.MustCompile(`(?m)^ *(=== |--- PASS).*\n`).ReplaceAllString(string(out), ""))
	for _, name := range names {
		passed := regexp.MustCompile(`(?m)^    --- PASS: Test\w+/`+name+` `).FindAllString(string(out), -1)
		t.Logf("%s: %d cases", name, len(passed))
		assert.GreaterOrEqual(t, len(passed), 15, "cases on %s", name)
	}
}

// dynamodbLocal returns the address of AWS's DynamoDB Local. It is empty if `make
// e2e` found no Java.
func dynamodbLocal(t *testing.T, c *cloud) string {
	t.Helper()
	jars, err := filepath.Abs(filepath.Join(root, ".tools", "e2e", "dynamodb"))
	require.NoError(t, err)
	if found, err := filepath.Glob(filepath.Join(jars, "DynamoDBLocal-*.jar")); err != nil || len(found) == 0 {
		t.Log("DynamoDB Local is not tried: there was no Java, or no Maven, when `make e2e` looked")
		return ""
	}
	return start(t, "dynamodb-local", "/", c.environment(), func(port string) []string {
		return []string{
			"java", "-Djava.library.path=" + jars, "-cp", jars + "/*", "software.amazon.dynamodb.services.local.main.ServerRunner",
			"-inMemory", "-disableTelemetry", "-port", port,
		}
	}).url
}
