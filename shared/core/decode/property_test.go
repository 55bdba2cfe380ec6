package decode_test

import (
	"encoding/json"
	"testing"

	"homeostat/shared/core/decode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bare draws one sample event without an envelope.
func bare(t testing.TB) *rapid.Generator[[]byte] {
	var out [][]byte
	for file, raw := range samples(t) {
		var top map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &top), file)
		if _, envelope := top["Records"]; !envelope {
			out = append(out, raw)
		}
	}
	return rapid.SampledFrom(out)
}

func withoutRecord(outcomes []decode.Outcome) []decode.Outcome {
	for i := range outcomes {
		outcomes[i].Trigger.Record = nil
	}
	return outcomes
}

func TestWrappingAnEventChangesItsRecordAlone(t *testing.T) {
	events := bare(t)
	rapid.Check(t, func(t *rapid.T) {
		raw := events.Draw(t, "event")
		want := decode.Events(raw)
		wrapped := rapid.SampledFrom([][]byte{inSQS(string(raw)), inSNS(string(raw)), inSQS(notified(string(raw)))}).Draw(t, "wrapped")
		got := decode.Events(wrapped)
		for i := range got {
			require.Equal(t, 0, *got[i].Trigger.Record)
		}
		require.Equal(t, want, withoutRecord(got))
	})
}

func TestUnknownFieldsNeverChangeTheOutcome(t *testing.T) {
	events := bare(t)
	rapid.Check(t, func(t *rapid.T) {
		raw := events.Draw(t, "event")
		var top map[string]any
		require.NoError(t, json.Unmarshal(raw, &top))
		before := decode.Events(marshal(top))
		add := func(o map[string]any) {
			for _, key := range rapid.SliceOfDistinct(rapid.StringMatching(`x[a-z]{0,8}`), rapid.ID).Draw(t, "keys") {
				o["unknown-"+key] = rapid.OneOf(rapid.Just[any](nil), rapid.Just[any](7.5), rapid.Just[any]("text"), rapid.Just[any]([]any{map[string]any{"a": 1}})).Draw(t, "value")
			}
		}
		add(top)
		if detail, ok := top["detail"].(map[string]any); ok {
			add(detail)
		}
		after := decode.Events(marshal(top))
		require.Len(t, after, len(before))
		for i := range after {
			require.NoError(t, after[i].Err)
			// The id of an alarm may come from its bytes.
			after[i].Trigger.ID, before[i].Trigger.ID = "", ""
			require.Equal(t, before[i], after[i])
		}
	})
}

func TestTheOrderOfKeysNeverMatters(t *testing.T) {
	for file, raw := range samples(t) {
		var top any
		require.NoError(t, json.Unmarshal(raw, &top), file)
		want, got := decode.Events(raw), decode.Events(marshal(top))
		require.Len(t, got, len(want), file)
		for i := range want {
			want[i].Trigger.ID, got[i].Trigger.ID = "", ""
			assert.Equal(t, want[i].Trigger, got[i].Trigger, file)
		}
	}
}

func TestDecodingKeepsNoReferenceToItsInput(t *testing.T) {
	for file, raw := range samples(t) {
		before := decode.Events(raw)
		want := string(marshal(triggers(before)))
		for i := range raw {
			raw[i] = 'x'
		}
		assert.Equal(t, want, string(marshal(triggers(before))), file)
	}
}

func triggers(outcomes []decode.Outcome) []any {
	out := make([]any, len(outcomes))
	for i := range outcomes {
		out[i] = outcomes[i].Trigger
	}
	return out
}
