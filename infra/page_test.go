//go:build !race

package main

import (
	"os"
	"regexp"
	"testing"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page reads docs/stack.md.
func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/stack.md")
	require.NoError(t, err)
	return string(data)
}

func TestThePageListsEveryContext(t *testing.T) {
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z0-9]+)` \\|").FindAllStringSubmatch(page(t), -1) {
		named = append(named, row[1])
	}
	c := reader{context: object{}}
	c.options()
	assert.ElementsMatch(t, c.names, named)
}

// The store must be able to read the item that the command on the page writes.
func TestTheStoreReadsTheFreezeOfThePage(t *testing.T) {
	found := regexp.MustCompile(`(?s)--item '(.+?)'`).FindStringSubmatch(page(t))
	require.NotNil(t, found)
	var typed map[string]struct{ S string }
	unquote(t, found[1], &typed)
	var body fleet.Freeze
	unquote(t, typed["body"].S, &body)

	var db written
	store := record.Store{DynamoDB: &db}
	ref := fixture.Home()
	require.NoError(t, store.SetFreeze(t.Context(), ref, body))
	assert.Equal(t, fleet.Freeze{Scope: fleet.ScopeAccount, Frozen: true, Who: "ada", Why: "sale"}, body)
	assert.Len(t, typed, len(db.item))
	for _, name := range []string{"pk", "sk"} {
		assert.Equal(t, db.item[name].(*types.AttributeValueMemberS).Value, typed[name].S, name)
	}
}
