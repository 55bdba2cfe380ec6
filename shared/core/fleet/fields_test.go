package fleet_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
)

func TestFieldsAreAnObjectInTheirOrder(t *testing.T) {
	r := fleet.Reason{Name: "no-op", Text: "t", Fields: fleet.Fields{{Key: "to", Value: `"web":7`}, {Key: "at", Value: "noon"}}}
	written, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"no-op","text":"t","fields":{"to":"\"web\":7","at":"noon"}}`, string(written))
	assert.Less(t, bytes.Index(written, []byte(`"to"`)), bytes.Index(written, []byte(`"at"`)))

	var read fleet.Reason
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, r, read)
	assert.Equal(t, "noon", read.Fields.Get("at"))
	assert.Empty(t, read.Fields.Get("from"))
}

func TestAReasonWithoutFieldsHasNoneInJSON(t *testing.T) {
	written, err := json.Marshal(fleet.Reason{Name: "no-op", Text: "t"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"no-op","text":"t"}`, string(written))
	for _, text := range []string{`{}`, `{"fields":null}`, `{"fields":{}}`} {
		var r fleet.Reason
		require.NoError(t, json.Unmarshal([]byte(text), &r), text)
		assert.Empty(t, r.Fields, text)
	}
}

func TestFieldsOfAnotherTypeAreRefused(t *testing.T) {
	for text, message := range map[string]string{
		`{"fields":["to"]}`:      "expected an object",
		`{"fields":{"to":7}}`:    "the field to of a reason",
		`{"fields":{"to":null}}`: "",
	} {
		var r fleet.Reason
		err := json.Unmarshal([]byte(text), &r)
		if message == "" {
			assert.NoError(t, err, text)
			continue
		}
		assert.ErrorContains(t, err, message, text)
	}
}
