package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim"
)

// Step is one event of a scenario. Exactly one of its fields beside At is set.
type Step struct {
	At          time.Duration `yaml:"at"`
	Push        *Push         `yaml:"push"`
	DeleteImage *DeleteImage  `yaml:"delete_image"`
	Archive     *DeleteImage  `yaml:"archive"`
	Register    *Register     `yaml:"register"`
	// Deregister makes the task definition family:revision INACTIVE, and
	// DeleteDefinition also deletes it.
	Deregister       string         `yaml:"deregister"`
	DeleteDefinition string         `yaml:"delete_definition"`
	Deny             *Deny          `yaml:"deny"`
	LoseHost         *Target        `yaml:"lose_host"`
	Drain            *Target        `yaml:"drain"`
	StopTask         *Target        `yaml:"stop_task"`
	InterruptSpot    *Target        `yaml:"interrupt_spot"`
	NoSpot           *Lasting       `yaml:"no_spot"`
	NoCapacity       *NoCapacity    `yaml:"no_capacity"`
	LoseZone         *LoseZone      `yaml:"lose_zone"`
	ControlPlane     *ControlPlane  `yaml:"control_plane"`
	BreakSecret      *BreakSecret   `yaml:"break_secret"`
	ChangeSecret     *ChangeSecret  `yaml:"change_secret"`
	Outage           *Outage        `yaml:"outage"`
	Freeze           *Freeze        `yaml:"freeze"`
	Thaw             *Freeze        `yaml:"thaw"`
	SetCount         *SetCount      `yaml:"set_count"`
	RunRevision      *RunRevision   `yaml:"run_revision"`
	DeleteService    *ServiceTarget `yaml:"delete_service"`
	CreateService    *ServiceTarget `yaml:"create_service"`
	SetAlarm         *SetAlarm      `yaml:"set_alarm"`
	Continue         *Continue      `yaml:"continue"`
	StopDeployment   *ServiceTarget `yaml:"stop_deployment"`
	Throttle         *Throttle      `yaml:"throttle"`
	Traffic          *Traffic       `yaml:"traffic"`
	BreakMetric      *BreakMetric   `yaml:"break_metric"`
	Protect          *Protect       `yaml:"protect"`
	Force            *ServiceTarget `yaml:"force"`
	Network          *Network       `yaml:"network"`
	Forge            *Forge         `yaml:"forge"`
	BreakRoute       *BreakRoute    `yaml:"break_route"`
	AWSIssue         *Issue         `yaml:"aws_issue"`
	ImpairDaemon     *Impair        `yaml:"impair_daemon"`
	Send             string         `yaml:"send"`
	Say              string         `yaml:"say"`
}

// happening is the effect of a step.
type happening interface {
	// valid returns an error for a wrong value. known holds the services as
	// cluster/service.
	valid(s *Scenario, known map[string]bool) error
	play(r *Run) error
}

// happenings returns the fields of the step that are set.
func (s Step) happenings() []happening {
	var out []happening
	for _, field := range []struct {
		set  bool
		what happening
	}{
		{s.Push != nil, s.Push},
		{s.DeleteImage != nil, s.DeleteImage},
		{s.Archive != nil, (*archive)(s.Archive)},
		{s.Register != nil, s.Register},
		{s.Deregister != "", deregister(s.Deregister)},
		{s.DeleteDefinition != "", deleteDefinition(s.DeleteDefinition)},
		{s.Deny != nil, s.Deny},
		{s.LoseHost != nil, (*loseHost)(s.LoseHost)},
		{s.Drain != nil, (*drain)(s.Drain)},
		{s.StopTask != nil, (*stopTask)(s.StopTask)},
		{s.InterruptSpot != nil, (*interruptSpot)(s.InterruptSpot)},
		{s.NoSpot != nil, s.NoSpot.of("FARGATE_SPOT")},
		{s.NoCapacity != nil, s.NoCapacity},
		{s.LoseZone != nil, s.LoseZone},
		{s.ControlPlane != nil, s.ControlPlane},
		{s.BreakSecret != nil, s.BreakSecret},
		{s.ChangeSecret != nil, s.ChangeSecret},
		{s.Outage != nil, s.Outage},
		{s.Freeze != nil, (*freeze)(s.Freeze)},
		{s.Thaw != nil, (*thaw)(s.Thaw)},
		{s.SetCount != nil, s.SetCount},
		{s.RunRevision != nil, s.RunRevision},
		{s.DeleteService != nil, (*deleteService)(s.DeleteService)},
		{s.CreateService != nil, (*createService)(s.CreateService)},
		{s.SetAlarm != nil, s.SetAlarm},
		{s.Continue != nil, s.Continue},
		{s.StopDeployment != nil, (*stopDeployment)(s.StopDeployment)},
		{s.Throttle != nil, s.Throttle},
		{s.Traffic != nil, s.Traffic},
		{s.BreakMetric != nil, s.BreakMetric},
		{s.BreakRoute != nil, s.BreakRoute},
		{s.Protect != nil, s.Protect},
		{s.Force != nil, (*force)(s.Force)},
		{s.Network != nil, s.Network},
		{s.Forge != nil, s.Forge},
		{s.AWSIssue != nil, s.AWSIssue},
		{s.ImpairDaemon != nil, s.ImpairDaemon},
		{s.Send != "", send(s.Send)},
		{s.Say != "", say(s.Say)},
	} {
		if field.set {
			out = append(out, field.what)
		}
	}
	return out
}

func (s *Scenario) validateStep(step Step, known map[string]bool) error {
	if step.At < 0 || step.At > s.Duration {
		return fmt.Errorf("at is %s, outside the scenario's %s", step.At, s.Duration)
	}
	what := step.happenings()
	if len(what) != 1 {
		return fmt.Errorf("expected exactly one event in a step, found %d", len(what))
	}
	return what[0].valid(s, known)
}

// Push pushes an image under a tag. Rollout also updates the service, as an
// operator does.
type Push struct {
	Image string `yaml:"image"`
	Runs  string `yaml:"runs"`
	// Force updates this service with forceNewDeployment after the push, as the
	// pipeline of a team does.
	Force string `yaml:"force"`
}

func (p *Push) valid(s *Scenario, _ map[string]bool) error {
	if !strings.Contains(p.Image, ":") {
		return fmt.Errorf("push.image is %q, expected repository:tag", p.Image)
	}
	return s.runs(p.Runs)
}

// DeleteImage deletes the image of a tag. With Runs it deletes every image of the
// repository with that behaviour, as a lifecycle rule does.
type DeleteImage struct {
	Image string `yaml:"image"`
	Runs  string `yaml:"runs"`
}

func (d *DeleteImage) valid(s *Scenario, _ map[string]bool) error {
	return d.validAs("delete_image", s)
}

func (d *DeleteImage) validAs(name string, s *Scenario) error {
	if repository, tag, _ := strings.Cut(d.Image, ":"); repository == "" || tag == "" && d.Runs == "" {
		return fmt.Errorf("%s.image is %q, expected repository:tag, or a repository and runs", name, d.Image)
	}
	return s.runs(d.Runs)
}

// Register registers a revision with changes to the newest one, as an operator
// does, and deploys it unless Only is set. Secrets and variables are added to the
// existing ones. An empty value removes one.
type Register struct {
	Service string `yaml:"service"`
	// Image is repository:tag; empty keeps the image.
	Image      string `yaml:"image"`
	Definition `yaml:",inline"`
	Only       bool `yaml:"only"`
	// Runs is the behaviour of the tasks of the revision; empty is that of the image.
	Runs string `yaml:"runs"`
}

func (g *Register) valid(s *Scenario, known map[string]bool) error {
	if err := isKnown(known, g.Service); err != nil {
		return err
	}
	if err := s.runs(g.Runs); err != nil {
		return err
	}
	return g.validSize()
}

// Target names a service and a number of its tasks.
type Target struct {
	Service string `yaml:"service"`
	Tasks   int    `yaml:"tasks"`
}

func (t Target) valid(_ *Scenario, known map[string]bool) error { return isKnown(known, t.Service) }

func isKnown(known map[string]bool, service string) error {
	if !known[service] {
		return fmt.Errorf("the scenario has no service %q (cluster/service)", service)
	}
	return nil
}

// ServiceTarget names a service.
type ServiceTarget struct {
	Service string `yaml:"service"`
}

// Lasting is the duration of a fault.
type Lasting struct {
	For time.Duration `yaml:"for"`
}

func (l *Lasting) of(kind string) *NoCapacity {
	if l == nil {
		return nil
	}
	return &NoCapacity{Of: kind, For: l.For}
}

// NoCapacity removes the capacity of a kind: FARGATE, FARGATE_SPOT or EC2.
type NoCapacity struct {
	Of  string        `yaml:"of"`
	For time.Duration `yaml:"for"`
}

func (n *NoCapacity) valid(*Scenario, map[string]bool) error {
	if !slices.Contains([]string{"FARGATE", "FARGATE_SPOT", "EC2"}, n.Of) {
		return fmt.Errorf("no_capacity.of is %q, expected FARGATE, FARGATE_SPOT or EC2", n.Of)
	}
	return lasts(n.For)
}

func lasts(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("for is %s, expected a duration above 0s", d)
	}
	return nil
}

// LoseZone removes an Availability Zone: a, b or c. For 0 means for good.
type LoseZone struct {
	Zone string        `yaml:"zone"`
	For  time.Duration `yaml:"for"`
}

func (l *LoseZone) valid(*Scenario, map[string]bool) error { return isZone(l.Zone) }

func isZone(zone string) error {
	if !slices.Contains([]string{"a", "b", "c"}, zone) {
		return fmt.Errorf("zone is %q, expected a, b or c", zone)
	}
	return nil
}

// ControlPlane is an outage of ECS itself: it starts no tasks. Throttle is the
// probability that a call to ECS is refused.
type ControlPlane struct {
	For      time.Duration `yaml:"for"`
	Throttle float64       `yaml:"throttle"`
}

func (c *ControlPlane) valid(*Scenario, map[string]bool) error {
	if c.Throttle < 0 || c.Throttle > 1 {
		return fmt.Errorf("throttle is %g, expected a share from 0 to 1", c.Throttle)
	}
	return lasts(c.For)
}

// BreakSecret fails new starts of every service that reads the secret. How is
// deleted, denied, key (rotated without the JSON key) or wrong (rotated to a
// wrong value: tasks exit).
type BreakSecret struct {
	Secret string        `yaml:"secret"`
	How    string        `yaml:"how"`
	For    time.Duration `yaml:"for"`
}

func (b *BreakSecret) valid(s *Scenario, _ map[string]bool) error {
	if err := s.reads(b.Secret); err != nil {
		return err
	}
	ways := []string{ecssim.SecretDeleted, ecssim.SecretDenied, ecssim.SecretKeyGone, ecssim.SecretWrong}
	if !slices.Contains(ways, b.How) {
		return fmt.Errorf("how is %q, expected %s", b.How, strings.Join(ways, ", "))
	}
	return lasts(b.For)
}

// reads returns an error if no service of the scenario reads the secret.
func (s *Scenario) reads(secret string) error {
	read := slices.ContainsFunc(s.Services, func(v Service) bool { return hasValue(v.Secrets, secret) }) ||
		slices.ContainsFunc(s.Steps, func(x Step) bool { return x.Register != nil && hasValue(x.Register.Secrets, secret) })
	if !read {
		return fmt.Errorf("no service reads the secret %q (services: secrets:)", secret)
	}
	return nil
}

// ChangeSecret gives a secret or a parameter another value that works. Within EarlierEnds
// the running tasks that hold the earlier value exit; 0 lets them run.
type ChangeSecret struct {
	Secret      string        `yaml:"secret"`
	EarlierEnds time.Duration `yaml:"earlier_ends"`
}

func (c *ChangeSecret) valid(s *Scenario, _ map[string]bool) error {
	if c.EarlierEnds < 0 {
		return fmt.Errorf("earlier_ends is %s, expected a duration of 0s or more", c.EarlierEnds)
	}
	return s.reads(c.Secret)
}

func hasValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}

// Outage is a fault outside of the revision. Zone and HostOf limit it to one
// Availability Zone, or to the EC2 instance of the oldest task of a service.
type Outage struct {
	Kind     string        `yaml:"kind"`
	For      time.Duration `yaml:"for"`
	Services []string      `yaml:"services"`
	Zone     string        `yaml:"zone"`
	HostOf   string        `yaml:"host_of"`
	// Reason is ECS's text about a failed start, instead of that of the kind.
	Reason string `yaml:"reason"`
}

func (o *Outage) valid(_ *Scenario, known map[string]bool) error {
	if o.Kind == "" {
		return fmt.Errorf("the outage has no kind, expected a cause or a word that images depend on")
	}
	if o.HostOf != "" {
		if err := isKnown(known, o.HostOf); err != nil {
			return err
		}
	}
	if o.Zone != "" {
		return isZone(o.Zone)
	}
	return nil
}

// Freeze freezes or unfreezes a scope, as an operator does. Scope is account,
// cluster:NAME or service:CLUSTER/NAME.
type Freeze struct {
	Scope string `yaml:"scope"`
	Who   string `yaml:"who"`
	Why   string `yaml:"why"`
}

// SetCount sets the desired count, as an operator does.
type SetCount struct {
	Service string `yaml:"service"`
	Desired int    `yaml:"desired"`
}

func (c *SetCount) valid(_ *Scenario, known map[string]bool) error { return isKnown(known, c.Service) }

// RunRevision deploys a task definition, as an operator does.
type RunRevision struct {
	Service        string `yaml:"service"`
	TaskDefinition string `yaml:"task_definition"`
}

func (v *RunRevision) valid(_ *Scenario, known map[string]bool) error {
	return isKnown(known, v.Service)
}

// Throttle fails an AWS call with that probability.
type Throttle struct {
	Service     string  `yaml:"service"`
	Operation   string  `yaml:"operation"`
	Probability float64 `yaml:"probability"`
}

func (t *Throttle) valid(*Scenario, map[string]bool) error {
	if t.Service == "" || t.Probability < 0 || t.Probability > 1 {
		return fmt.Errorf("throttle needs the service of AWS (ecs, monitoring, ecr, logs …) and a probability from 0 to 1, found %q and %g", t.Service, t.Probability)
	}
	return nil
}
