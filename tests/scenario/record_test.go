package scenario_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/tests/artefact"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestARecording plays the scripts that read an account's history. ENDPOINT is an
// account that has run for three hours. It has a web service behind a load
// balancer, a worker without one, and a service with a pause in its traffic.
func TestARecording(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "record", RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
		sim, err := recorded(time.Now())
		if err != nil {
			return err
		}
		socket := httptest.NewServer(sim.Handler())
		env.Defer(socket.Close)
		for name, value := range map[string]string{
			"ENDPOINT": socket.URL, "AWS_REGION": artefact.Region, "AWS_EC2_METADATA_DISABLED": "true",
			"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
		} {
			env.Setenv(name, value)
		}
		return nil
	}})
}

func recorded(now time.Time) (*ecssim.Sim, error) {
	start := now.Add(-3 * time.Hour)
	sim := ecssim.New(ecssim.Config{Seed: 1, Start: start, Region: artefact.Region})
	sim.AddCluster("shop")
	sim.PushImage("shop/web", "stable", ecssim.Behaviour{CapacityRPS: 100})
	definition, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", CPU: 512, Memory: 1024, Containers: []ecssim.ContainerSpec{{Name: "app", Image: "shop/web:stable"}},
	})
	if err != nil {
		return nil, err
	}
	for name, demand := range map[string]func(time.Time) float64{
		"web":    func(at time.Time) float64 { return 60 + float64(at.Minute()) },
		"worker": func(at time.Time) float64 { return 60 + float64(at.Minute()) },
		"paused": func(at time.Time) float64 {
			if minute := at.Sub(start).Minutes(); minute > 110 && minute < 125 {
				return 0
			}
			return 60
		},
	} {
		if _, err := sim.CreateService(ecssim.ServiceSpec{
			Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 2, LoadBalanced: name != "worker",
		}); err != nil {
			return nil, err
		}
		if err := sim.SetLoad("shop", name, demand, time.Minute); err != nil {
			return nil, err
		}
	}
	sim.RunUntil(now)
	return sim, nil
}
