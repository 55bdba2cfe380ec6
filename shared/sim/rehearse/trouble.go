package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// BreakMetric gives the CPU metric of a service a fault for a while.
type BreakMetric struct {
	Service string        `yaml:"service"`
	How     string        `yaml:"how"`
	For     time.Duration `yaml:"for"`
}

func (b *BreakMetric) valid(_ *Scenario, known map[string]bool) error {
	if ways := ecssim.MetricTroubles(); !slices.Contains(ways, b.How) {
		return fmt.Errorf("break_metric.how is %q, expected %s", b.How, strings.Join(ways, ", "))
	}
	if err := isKnown(known, b.Service); err != nil {
		return err
	}
	return lasts(b.For)
}

func (b *BreakMetric) play(r *Run) error {
	cluster, service, _ := strings.Cut(b.Service, "/")
	if err := r.sim.BreakMetric(cluster, service, b.How); err != nil {
		return err
	}
	r.note("the CPU metric of %s is %s for %s", b.Service, b.How, b.For)
	r.later(b.For, func() {
		if r.sim.BreakMetric(cluster, service, "") == nil {
			r.note("the CPU metric of %s is correct again", b.Service)
		}
	})
	return nil
}

// BreakRoute makes the route of an ECS Gateway to a service fail for a while. Its health
// checks then reach no task.
type BreakRoute struct {
	Service string        `yaml:"service"`
	For     time.Duration `yaml:"for"`
}

func (b *BreakRoute) valid(s *Scenario, known map[string]bool) error {
	if err := isKnown(known, b.Service); err != nil {
		return err
	}
	at := slices.IndexFunc(s.Services, func(v Service) bool { return v.Cluster+"/"+v.Service == b.Service })
	if at < 0 || !s.Services[at].Gateway {
		return fmt.Errorf("break_route.service is %q, expected a service with gateway: true", b.Service)
	}
	return lasts(b.For)
}

func (b *BreakRoute) play(r *Run) error {
	cluster, service, _ := strings.Cut(b.Service, "/")
	if err := r.sim.SetRoute(cluster, service, "UPDATE_FAILED"); err != nil {
		return err
	}
	r.note("the gateway's route to %s fails for %s", b.Service, b.For)
	r.sim.SetOutage(ecssim.Outage{Kind: string(fleet.ELBHealth), Until: r.sim.Now().Add(b.For), Services: []string{service}})
	r.later(b.For, func() {
		if r.sim.SetRoute(cluster, service, "") == nil {
			r.note("the gateway's route to %s is active again", b.Service)
		}
	})
	return nil
}

// Protect sets the scale-in protection of tasks, as a task with uninterruptible
// work does.
type Protect struct {
	Service string        `yaml:"service"`
	Tasks   int           `yaml:"tasks"`
	For     time.Duration `yaml:"for"`
}

func (p *Protect) valid(_ *Scenario, known map[string]bool) error {
	if p.For%time.Minute != 0 {
		return fmt.Errorf("protect.for is %s, expected whole minutes", p.For)
	}
	if err := isKnown(known, p.Service); err != nil {
		return err
	}
	return lasts(p.For)
}

func (p *Protect) play(r *Run) error {
	cluster, service, _ := strings.Cut(p.Service, "/")
	ctx := context.Background()
	out, err := r.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if err != nil {
		return err
	}
	tasks := out.TaskArns[:min(max(1, p.Tasks), len(out.TaskArns))]
	r.note("%d tasks of %s are protected from scale-in for %s", len(tasks), p.Service, p.For)
	if len(tasks) == 0 {
		return nil
	}
	_, err = r.ecs.UpdateTaskProtection(ctx, &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String(cluster), Tasks: tasks, ProtectionEnabled: true, ExpiresInMinutes: aws.Int32(int32(p.For / time.Minute)),
	})
	return err
}
