package record_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/sim/simtest/fixture"
)

func TestDefinitionsAreStoredBesideTheirService(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		read := func(service, name string) string {
			body, err := s.Definition(ctx, fixture.Ref(service), name)
			require.NoError(t, err)
			return string(body)
		}
		assert.Empty(t, read("web", "web:1"), "nothing is stored yet")
		require.NoError(t, s.SaveDefinition(ctx, fixture.Ref("web"), "web:1", []byte("one"), nil))
		require.NoError(t, s.SaveDefinition(ctx, fixture.Ref("web"), "web:2", []byte("two"), nil))
		assert.Equal(t, "one", read("web", "web:1"))
		assert.Empty(t, read("api", "web:1"), "another service has its own")
		require.NoError(t, s.SaveDefinition(ctx, fixture.Ref("web"), "web:3", []byte("three"), []string{"web:1"}))
		assert.Empty(t, read("web", "web:1"), "it gave way")
		assert.Equal(t, "two", read("web", "web:2"))
		assert.Equal(t, "three", read("web", "web:3"))
	})
}
