package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The standard library is the reference: both write texts that are read alike.
func TestAQuotedTextIsReadAsTheTextOfTheStandardLibrary(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c"\\ ]{0,12}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		reference, err := json.Marshal(text)
		require.NoError(t, err)
		var got, want string
		require.NoError(t, json.Unmarshal(appendQuoted(nil, text), &got))
		require.NoError(t, json.Unmarshal(reference, &want))
		assert.Equal(t, want, got)
		assert.Equal(t, "x"+string(appendQuoted(nil, text)), string(appendQuoted([]byte("x"), text)))
	})
}
