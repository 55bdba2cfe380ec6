package scenario_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"homeostat/shared/sim/rehearse"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A service without a check follows other rules than one with a check, so that each
// such service of a scenario says `worker: true`.
func TestAServiceWithoutACheckIsAWorkerOnPurpose(t *testing.T) {
	services := 0
	judge := func(name string, data []byte) {
		s, err := rehearse.Parse(name, data)
		if err != nil {
			return // a scenario about a wrong file
		}
		for _, v := range s.Services {
			services++
			assert.True(t, v.LoadBalancer || v.Gateway || v.Lattice || v.HealthCheck || v.Worker, "%s: %s has neither load_balancer, gateway, lattice, health_check nor worker", name, v.Service)
		}
	}
	for _, root := range []string{".", "../../shared/lab/bench/heal", "../../shared/ops/cli/story"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			switch {
			case strings.HasSuffix(path, ".yaml"):
				judge(path, data)
			case strings.HasSuffix(path, ".txtar"):
				for _, f := range txtar.Parse(data).Files {
					if strings.HasSuffix(f.Name, ".yaml") {
						judge(path+": "+f.Name, f.Data)
					}
				}
			}
			return nil
		}))
	}
	assert.Greater(t, services, 200)
}
