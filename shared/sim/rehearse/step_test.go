package rehearse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/rehearse"
)

// told is a played scenario, with its notes and stops. Homeostat only observes.
type told struct {
	run     *rehearse.Run
	notes   []string
	stopped map[string]int // by reason
	before  ecssim.Stats   // of the warm-up
}

// tell plays a scenario of shop/web. Homeostat only observes it.
func tell(t *testing.T, yaml string) *told {
	t.Helper()
	s, err := rehearse.Parse("s.yaml", []byte(yaml))
	require.NoError(t, err)
	out := &told{stopped: map[string]int{}}
	out.run, err = rehearse.New(s, rehearse.Options{Note: func(_ time.Time, text string) { out.notes = append(out.notes, text) }})
	require.NoError(t, err)
	out.run.Sim().Events(func(event []byte) {
		text := string(event)
		if !strings.Contains(text, `"lastStatus":"STOPPED"`) || !strings.Contains(text, `"stoppedAt"`) {
			return
		}
		_, reason, _ := strings.Cut(text, `"stoppedReason":"`)
		reason, _, _ = strings.Cut(reason, `"`)
		out.stopped[reason]++
	})
	out.run.Sim().At(out.run.Start(), func() { out.before = out.stats() })
	require.NoError(t, out.run.Play(context.Background()))
	return out
}

// stops counts the stops whose reason contains a text.
func (d *told) stops(text string) (n int) {
	for reason, times := range d.stopped {
		if strings.Contains(reason, text) {
			n += times
		}
	}
	return n
}

func (d *told) stats() ecssim.Stats { return d.run.Sim().Stats("shop", "web") }

const hour = "scenario: s\nduration: 1h\n"

// fleet returns shop/web with four tasks and further fields.
func fleet(fields string) string {
	return "services:\n  - {cluster: shop, service: web, image: \"shop/web:stable\", desired: 4" + fields + "}\n"
}

func TestStepsMakeThingsHappen(t *testing.T) {
	tests := map[string]struct {
		yaml string
		want string // a part of the reason of a stop
		most int    // the largest number of stops; 0 means any
		note string
	}{
		"a zone is lost for a time, and the tasks go back": {
			fleet("") + "steps:\n  - {at: 5m, lose_zone: {zone: a, for: 10m}}\n", "Availability-zone rebalancing", 0, "the zone a is back",
		},
		"Spot interrupts": {
			fleet(", providers: [{provider: FARGATE_SPOT, weight: 1}]") + "steps:\n  - {at: 5m, interrupt_spot: {service: shop/web, tasks: 2}}\n",
			"Your Spot Task was interrupted.", 2, "Spot interruption warning for 2 task of shop/web",
		},
		"a secret is deleted, and only what starts afterwards fails": {
			fleet(", secrets: {DB: shop-db}") + "steps:\n  - {at: 5m, break_secret: {secret: shop-db, how: deleted, for: 10m}}\n  - {at: 6m, lose_host: {service: shop/web}}\n",
			"Secrets Manager can't find the specified secret.", 0, "the secret shop-db: deleted, for 10m0s",
		},
		"an instance is drained": {
			"clusters: [{cluster: shop, instances: 3}]\n" + fleet(", launch: EC2") + "steps:\n  - {at: 5m, drain: {service: shop/web}}\n",
			"container instance is in DRAINING state", 4, "an operator drains the instance i-",
		},
		"one host has an outage": {
			"clusters: [{cluster: shop, instances: 2}]\n" + fleet(", launch: EC2") +
				"steps:\n  - {at: 5m, outage: {kind: runtime-timeout, for: 20m, host_of: shop/web}}\n  - {at: 6m, stop_task: {service: shop/web}}\n",
			"ContainerRuntimeTimeoutError", 0, "runtime-timeout fails for 20m0s",
		},
		"a host fails with a text of its own": {
			"clusters: [{cluster: shop, instances: 2}]\n" + fleet(", launch: EC2") +
				"steps:\n  - {at: 5m, outage: {kind: runtime-timeout, reason: \"CannotStartContainerError: exchange full\", for: 20m, host_of: shop/web}}\n  - {at: 6m, stop_task: {service: shop/web}}\n",
			"exchange full", 0, "runtime-timeout fails for 20m0s",
		},
		"an image is deleted, and its digest is pinned": {
			fleet("") + "steps:\n  - {at: 5m, delete_image: {image: \"shop/web:stable\"}}\n  - {at: 6m, lose_host: {service: shop/web}}\n",
			"not found", 0, "the image shop/web:stable is deleted",
		},
		"every image of a kind is deleted": {
			"images:\n  v1: {}\n" + fleet(", runs: v1") + "steps:\n  - {at: 5m, delete_image: {image: shop/web, runs: v1}}\n  - {at: 6m, lose_host: {service: shop/web}}\n",
			"not found", 0, "every image v1 of shop/web is deleted",
		},
		"an operator registers a revision that reads one secret more": {
			fleet("") + "steps:\n  - {at: 5m, register: {service: shop/web, secrets: {API: gone}, cpu: 512, memory: 1024, env: {A: b}}}\n" +
				"  - {at: 5m, break_secret: {secret: gone, how: denied, for: 50m}}\n",
			"is not authorized to perform: secretsmanager:GetSecretValue", 0, "an operator registers web:2",
		},
		"a service is deleted and made again": {
			fleet("") + "steps:\n  - {at: 5m, delete_service: {service: shop/web}}\n  - {at: 10m, create_service: {service: shop/web}}\n",
			"Scaling activity initiated by", 4, "an operator creates shop/web again",
		},
		"an overload kills by health checks": {
			"images:\n  v1: {capacity_rps: 10, overload_after: 3m}\n" + fleet(", runs: v1, load_balancer: true, load: [{at: 10m, rps: 100}]"),
			"Task failed ELB health checks", 0, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := tell(t, hour+tt.yaml)
			n := d.stops(tt.want)
			assert.Positive(t, n, "%v", d.stopped)
			if tt.most > 0 {
				assert.LessOrEqual(t, n, tt.most)
			}
			assert.Contains(t, strings.Join(d.notes, "\n"), tt.note)
		})
	}
}

func TestShortagesEnd(t *testing.T) {
	for name, tt := range map[string]struct{ fields, step string }{
		"of Spot":              {", providers: [{provider: FARGATE_SPOT, weight: 1}]", "no_spot: {for: 20m}"},
		"of Fargate":           {"", "no_capacity: {of: FARGATE, for: 20m}"},
		"of the control plane": {"", "control_plane: {for: 20m, throttle: 0.5}"},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := hour + fleet(tt.fields) + "steps:\n  - {at: 5m, " + tt.step + "}\n  - {at: 6m, lose_host: {service: shop/web}}\n"
			d := tell(t, yaml)
			var healthy []int
			for _, h := range d.stats().History {
				if at := h.At.Sub(d.run.Start()); at > 6*time.Minute && at < 25*time.Minute {
					healthy = append(healthy, h.Healthy)
				}
			}
			for _, n := range healthy {
				assert.Equal(t, 3, n, "the lost one is not replaced")
			}
			history := d.stats().History
			assert.Equal(t, 4, history[len(history)-1].Healthy, "but it is in the end")
		})
	}
}

func TestADrainNeedsAnInstance(t *testing.T) {
	s, err := rehearse.Parse("s.yaml", []byte(hour+fleet("")+"steps:\n  - {at: 5m, drain: {service: shop/web}}\n"))
	require.NoError(t, err)
	run, err := rehearse.New(s, rehearse.Options{})
	require.NoError(t, err)
	assert.ErrorContains(t, run.Play(context.Background()), "step at 5m0s: shop/web runs on no EC2 instance (launch: EC2)")
}

func TestProtectedTasksOutliveAScaleIn(t *testing.T) {
	d := tell(t, hour+fleet("")+"steps:\n  - {at: 5m, protect: {service: shop/web, tasks: 3, for: 20m}}\n  - {at: 6m, set_count: {service: shop/web, desired: 1}}\n")
	assert.Contains(t, strings.Join(d.notes, "\n"), "3 tasks of shop/web are protected from scale-in for 20m0s")
	for _, h := range d.stats().History {
		switch at := h.At.Sub(d.run.Start()); {
		case at > 10*time.Minute && at < 24*time.Minute:
			assert.Equal(t, 3, h.Running, "after %s", at)
		case at > 40*time.Minute:
			assert.Equal(t, 1, h.Running, "after %s", at)
		}
	}
}

func TestABrokenMetricIsMendedAfterAWhile(t *testing.T) {
	d := tell(t, hour+fleet("")+"steps:\n  - {at: 5m, break_metric: {service: shop/web, how: missing, for: 20m}}\n")
	all := strings.Join(d.notes, "\n")
	assert.Contains(t, all, "the CPU metric of shop/web is missing for 20m0s")
	assert.Contains(t, all, "the CPU metric of shop/web is correct again")
}
