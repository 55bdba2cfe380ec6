package observe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// draws answers with drawn times, errors and gaps.
type draws struct{ t *rapid.T }

func (d draws) fails() error {
	return rapid.SampledFrom([]error{nil, nil, errors.New("lost connection")}).Draw(d.t, "error")
}

func (d draws) Parameters(_ context.Context, names []string) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	for _, name := range names {
		if rapid.Bool().Draw(d.t, name) {
			found[name] = time.Unix(1, 0)
		}
	}
	return found, d.fails()
}

func (d draws) Secret(context.Context, string) (time.Time, error) {
	if err := d.fails(); err != nil {
		return time.Time{}, err
	}
	return time.Unix(rapid.Int64Range(0, 1).Draw(d.t, "seconds"), 0), nil
}

func TestEachSourceIsKnownOrHasAReason(t *testing.T) {
	ref := fixture.Web()
	account := ref.Region + ":" + ref.Account + ":"
	part := rapid.StringMatching(`[a-z/: -]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		begin := rapid.SampledFrom([]string{
			"", "/", "arn:", "arn:aws:ssm:" + account + "parameter/", "arn:aws:secretsmanager:" + account + "secret:", "arn:aws:s3:::", "arn:aws:ssm:eu-west-1:1:parameter/",
		})
		definition := &fleet.Definition{}
		named := map[string]bool{}
		for range rapid.IntRange(0, 70).Draw(t, "sources") {
			from := begin.Draw(t, "begin") + part.Draw(t, "rest")
			definition.Containers = append(definition.Containers, fleet.ContainerDefinition{Secrets: map[string]string{"A": from}})
			named[from] = from != ""
		}
		r := sourceRead{reader: draws{t}, changed: map[string]time.Time{}, unread: map[string]string{}}
		sources := sourcesOf(definition, ref)
		r.parameters(t.Context(), sources)
		r.secrets(t.Context(), sources)
		for from, nonempty := range named {
			_, known := r.changed[from]
			_, unknown := r.unread[from]
			assert.Equal(t, nonempty, known != unknown, "%q is known or has a reason", from)
		}
		for from := range r.changed {
			assert.True(t, named[from], from)
		}
	})
}
