package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

func (p *Push) play(r *Run) error {
	repository, tag, _ := strings.Cut(p.Image, ":")
	digest := r.push(repository, tag, p.Runs)
	r.note("%s:%s is pushed (%s, %s)", repository, tag, p.Runs, digest[:min(19, len(digest))])
	if p.Force == "" {
		return nil
	}
	return r.update(p.Force, func(in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true })
}

// play registers the newest revision's definition with the changes.
func (g *Register) play(r *Run) error {
	i := slices.IndexFunc(r.scenario.Services, func(v Service) bool { return v.Cluster+"/"+v.Service == g.Service })
	v := r.registered(r.scenario.Services[i])
	v.Image = cmp.Or(g.Image, v.Image)
	v.Definition = v.changed(g.Definition)
	r.definitions[g.Service] = v
	definition, err := r.define(v)
	if err != nil {
		return err
	}
	return g.deployed(r, definition)
}

// registered returns the service with the definition of its last Register.
func (r *Run) registered(v Service) Service {
	if newer, ok := r.definitions[v.Cluster+"/"+v.Service]; ok {
		return newer
	}
	return v
}

func (d Definition) changed(by Definition) Definition {
	d.CPU, d.Memory = cmp.Or(by.CPU, d.CPU), cmp.Or(by.Memory, d.Memory)
	d.TaskRole, d.ExecutionRole = cmp.Or(by.TaskRole, d.TaskRole), cmp.Or(by.ExecutionRole, d.ExecutionRole)
	d.LogGroup = cmp.Or(by.LogGroup, d.LogGroup)
	d.Env, d.Secrets = merged(d.Env, by.Env), merged(d.Secrets, by.Secrets)
	d.Container = extra(d.Container, by.Container)
	return d
}

func merged(old, by map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, old)
	maps.Copy(out, by)
	maps.DeleteFunc(out, func(_, value string) bool { return value == "" })
	return out
}

// The faults of the tasks of a service.
type (
	loseHost      Target
	drain         Target
	stopTask      Target
	interruptSpot Target
)

func (t *loseHost) valid(s *Scenario, known map[string]bool) error { return Target(*t).valid(s, known) }

func (t *loseHost) play(r *Run) error {
	cluster, service, _ := strings.Cut(t.Service, "/")
	died := r.sim.LoseHost(cluster, service, max(1, t.Tasks))
	r.note("the host of %d task of %s is lost", died, t.Service)
	return nil
}

func (t *drain) valid(s *Scenario, known map[string]bool) error { return Target(*t).valid(s, known) }

func (t *drain) play(r *Run) error {
	host, err := r.hostOf(t.Service)
	if err != nil {
		return err
	}
	r.note("an operator drains the instance %s", host)
	r.sim.Drain(host, true)
	return nil
}

func (r *Run) hostOf(service string) (id string, err error) {
	cluster, name, _ := strings.Cut(service, "/")
	if id = r.sim.HostOf(cluster, name); id == "" {
		return "", fmt.Errorf("%s runs on no EC2 instance (launch: EC2)", service)
	}
	return id, nil
}

func (t *stopTask) valid(s *Scenario, known map[string]bool) error { return Target(*t).valid(s, known) }

// play stops tasks as an operator does.
func (t *stopTask) play(r *Run) error {
	cluster, service, _ := strings.Cut(t.Service, "/")
	ctx := context.Background()
	out, err := r.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if err != nil {
		return err
	}
	for i, arn := range out.TaskArns {
		if i >= max(1, t.Tasks) {
			break
		}
		r.note("an operator stops a task of %s", t.Service)
		if _, err := r.ecs.StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(arn)}); err != nil {
			return err
		}
	}
	return nil
}

func (t *interruptSpot) valid(s *Scenario, known map[string]bool) error {
	return Target(*t).valid(s, known)
}

func (t *interruptSpot) play(r *Run) error {
	cluster, service, _ := strings.Cut(t.Service, "/")
	warned := r.sim.InterruptSpot(cluster, service, max(1, t.Tasks))
	r.note("Spot interruption warning for %d task of %s", warned, t.Service)
	return nil
}

func (n *NoCapacity) play(r *Run) error {
	r.note("there is no %s capacity for %s", n.Of, n.For)
	r.sim.SetShortage(n.Of, r.sim.Now().Add(n.For))
	return nil
}

func (l *LoseZone) play(r *Run) error {
	died := r.sim.LoseZone(l.Zone)
	r.note("the zone %s fails with %d tasks", l.Zone, died)
	if l.For > 0 {
		r.later(l.For, func() {
			r.note("the zone %s is back", l.Zone)
			r.sim.RestoreZone(l.Zone)
		})
	}
	return nil
}

// later runs do after a while.
func (r *Run) later(d time.Duration, do func()) { r.sim.At(r.sim.Now().Add(d), do) }

func (c *ControlPlane) play(r *Run) error {
	r.note("ECS starts no tasks for %s", c.For)
	r.sim.LoseControlPlane(r.sim.Now().Add(c.For))
	if c.Throttle > 0 {
		r.sim.SetThrottle("ecs", "", c.Throttle)
		r.later(c.For, func() { r.sim.SetThrottle("ecs", "", 0) })
	}
	return nil
}

func (b *BreakSecret) play(r *Run) error {
	r.note("the secret %s: %s, for %s", b.Secret, b.How, b.For)
	r.sim.BreakSecret(ecssim.SecretTrouble{Secret: b.Secret, How: b.How, Until: r.sim.Now().Add(b.For)})
	return nil
}

func (c *ChangeSecret) play(r *Run) error {
	if c.EarlierEnds > 0 {
		r.note("the secret %s gets another value, and the earlier one ends within %s", c.Secret, c.EarlierEnds)
		r.sim.EndSecret(c.Secret, c.EarlierEnds)
		return nil
	}
	r.note("the secret %s gets another value", c.Secret)
	r.sim.ChangeSecret(c.Secret)
	return nil
}

func (o *Outage) play(r *Run) (err error) {
	host := ""
	if o.HostOf != "" {
		if host, err = r.hostOf(o.HostOf); err != nil {
			return err
		}
	}
	r.note("%s fails for %s", o.Kind, o.For)
	r.sim.SetOutage(ecssim.Outage{
		Kind: o.Kind, Until: r.sim.Now().Add(o.For), Services: o.Services, Zone: o.Zone, Host: host, Reason: o.Reason,
	})
	return nil
}

// The two states of a freeze.
type (
	freeze Freeze
	thaw   Freeze
)

func (*freeze) valid(*Scenario, map[string]bool) error { return nil }

func (f *freeze) play(r *Run) error {
	r.note("%s is frozen%s", f.Scope, because(f.Why))
	return r.setFreeze(Freeze(*f), true)
}

func (*thaw) valid(*Scenario, map[string]bool) error { return nil }

func (f *thaw) play(r *Run) error {
	r.note("%s is unfrozen", f.Scope)
	return r.setFreeze(Freeze(*f), false)
}

func (c *SetCount) play(r *Run) error {
	r.note("an operator sets the desired count of %s to %d", c.Service, c.Desired)
	return r.update(c.Service, func(in *ecs.UpdateServiceInput) { in.DesiredCount = aws.Int32(int32(c.Desired)) })
}

func (v *RunRevision) play(r *Run) error {
	r.note("an operator deploys %s to %s", v.TaskDefinition, v.Service)
	return r.update(v.Service, func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(v.TaskDefinition) })
}

// The deletion of a service, and its creation under the same name.
type (
	deleteService ServiceTarget
	createService ServiceTarget
)

func (d *deleteService) valid(_ *Scenario, known map[string]bool) error {
	return isKnown(known, d.Service)
}

func (d *deleteService) play(r *Run) error {
	cluster, name, _ := strings.Cut(d.Service, "/")
	r.note("an operator deletes %s", d.Service)
	_, err := r.ecs.DeleteService(context.Background(), &ecs.DeleteServiceInput{
		Cluster: aws.String(cluster), Service: aws.String(name), Force: aws.Bool(true),
	})
	return err
}

func (c *createService) valid(_ *Scenario, known map[string]bool) error {
	return isKnown(known, c.Service)
}

func (c *createService) play(r *Run) error {
	i := slices.IndexFunc(r.scenario.Services, func(v Service) bool { return v.Cluster+"/"+v.Service == c.Service })
	v := r.registered(r.scenario.Services[i])
	definition, err := r.define(v)
	if err != nil {
		return err
	}
	r.note("an operator creates %s again", c.Service)
	_, err = r.sim.CreateService(spec(v, definition))
	return err
}

func (t *Throttle) play(r *Run) error {
	r.sim.SetThrottle(t.Service, t.Operation, t.Probability)
	r.note("AWS throttles %s:%s", t.Service, t.Operation)
	return nil
}

type (
	send string
	say  string
)

func (send) valid(*Scenario, map[string]bool) error { return nil }

func (s send) play(r *Run) error {
	raw, err := os.ReadFile(string(s))
	if err != nil {
		return err
	}
	r.note("the event of %s arrives", string(s))
	r.sim.Bus().Publish(raw)
	return nil
}

func (say) valid(*Scenario, map[string]bool) error { return nil }

func (s say) play(r *Run) error {
	r.note("%s", string(s))
	return nil
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}
