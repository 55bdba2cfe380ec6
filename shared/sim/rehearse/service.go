package rehearse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Cluster is a cluster with EC2 instances.
type Cluster struct {
	Cluster   string `yaml:"cluster"`
	Instances int    `yaml:"instances"`
	// Slots is the number of tasks on an instance; default 4.
	Slots int `yaml:"slots"`
	// Replace is the time until a lost instance is replaced; zero means never.
	Replace time.Duration `yaml:"replace"`
}

func (c Cluster) validate() error {
	if c.Cluster == "" || c.Instances < 1 || c.Slots < 0 || c.Replace < 0 {
		return errors.New("expected cluster: a name, and instances: from 1; slots: and replace: not negative")
	}
	return nil
}

// Service is one service of the fleet at the start.
type Service struct {
	Cluster string `yaml:"cluster"`
	Service string `yaml:"service"`
	// Image is repository:tag. The tag is pushed before the start, with the
	// behaviour named by Runs.
	Image   string `yaml:"image"`
	Runs    string `yaml:"runs"`
	Desired int    `yaml:"desired"`
	// Mode is the value of the tag homeostat:mode; nil means no tag.
	Mode *string           `yaml:"mode"`
	Tags map[string]string `yaml:"tags"`
	// LoadBalancer puts it behind a target group with a health check on /health.
	// Deregistration is the time that a stopping task is kept for its
	// connections; zero means 30 s.
	// A deployment strategy that shifts traffic gives it an alternate group too.
	LoadBalancer   bool          `yaml:"load_balancer"`
	Deregistration time.Duration `yaml:"deregistration"`
	// Gateway puts it behind an ECS Gateway instead, which names the target groups in
	// the service revision only.
	Gateway bool `yaml:"gateway"`
	// Lattice puts it behind VPC Lattice instead. Its deployments that shift traffic
	// take longer.
	Lattice bool `yaml:"lattice"`
	// HighResolution makes ECS publish its metrics every 20 s.
	HighResolution bool `yaml:"high_resolution"`
	// Counts is a metric with the application's own count of its requests.
	Counts *Counts `yaml:"counts"`
	// HealthCheck adds a container health check.
	HealthCheck bool `yaml:"health_check"`
	// Age is the time since its deployment at the start. Zero is the warm-up before it.
	Age time.Duration `yaml:"age"`
	// Grace is the health check grace period.
	Grace      time.Duration `yaml:"grace"`
	Breaker    *Breaker      `yaml:"breaker"`
	Deployment *Deployment   `yaml:"deployment"`
	// Controller is the deployment controller; empty is ECS.
	Controller string `yaml:"controller"`
	// Scheduling is REPLICA or DAEMON; empty is REPLICA. ECS sets the desired count of
	// a daemon service, one task on each instance.
	Scheduling string `yaml:"scheduling"`
	// Worker says that the service has neither a load balancer nor a health check on
	// purpose. Its tasks count as healthy 40 s after they run.
	Worker bool `yaml:"worker"`
	// Launch is the launch type, FARGATE or EC2. Providers is a capacity provider
	// strategy instead of it.
	Launch    string     `yaml:"launch"`
	Providers []Provider `yaml:"providers"`
	// Rebalancing is Availability Zone rebalancing; nil means ECS's default, on.
	Rebalancing *bool `yaml:"rebalancing"`
	// Load or Trace is its traffic. Noise makes the requests of each second a
	// Poisson draw.
	Load  []Load `yaml:"load"`
	Trace *Trace `yaml:"trace"`
	Noise bool   `yaml:"noise"`
	// Pin makes its definitions name images by digest.
	Pin bool `yaml:"pin"`
	// Containers are the further containers of its tasks.
	Containers []Container `yaml:"containers"`
	// Definition is its task definition without the image.
	Definition `yaml:",inline"`
	// AutoScaling registers a scalable target with AWS's own target tracking.
	AutoScaling *AutoScaling `yaml:"auto_scaling"`
}

// Counts is a metric with an application's count of its requests. Period 0 means
// 10 s.
type Counts struct {
	Namespace string        `yaml:"namespace"`
	Name      string        `yaml:"name"`
	Period    time.Duration `yaml:"period"`
}

func (c *Counts) valid() error {
	if c == nil {
		return nil
	}
	if c.Namespace == "" || c.Name == "" || c.Period < 0 || c.Period%time.Second != 0 {
		return errors.New("expected counts: a namespace, a name, and a period of whole seconds such as 10s")
	}
	return nil
}

// Definition is a task definition without the image. CPU and Memory are in CPU
// units and MiB; 0 means 256 and 512.
type Definition struct {
	CPU    int `yaml:"cpu"`
	Memory int `yaml:"memory"`
	// Env and Secrets are by variable. A secret has its name in Secrets Manager.
	Env     map[string]string `yaml:"env"`
	Secrets map[string]string `yaml:"secrets"`
	// TaskRole and ExecutionRole are names of roles.
	TaskRole      string `yaml:"task_role"`
	ExecutionRole string `yaml:"execution_role"`
	// LogGroup is the group of its awslogs options; default /ecs/SERVICE.
	LogGroup string `yaml:"log_group"`
	// Container holds further members of the container definition, by ECS's names.
	Container map[string]any `yaml:"container"`
}

// Provider is an item of a capacity provider strategy.
type Provider struct {
	Provider string `yaml:"provider"`
	Base     int    `yaml:"base"`
	Weight   int    `yaml:"weight"`
}

// Breaker is the deployment circuit breaker. Threshold 0 means ECS's default.
// Cumulative counts failures on, even after a healthy task.
type Breaker struct {
	Enable     bool `yaml:"enable"`
	Rollback   bool `yaml:"rollback"`
	Threshold  int  `yaml:"threshold"`
	Cumulative bool `yaml:"cumulative"`
}

// AutoScaling is AWS's own target tracking on CPU. CPU 0 registers the target
// only.
type AutoScaling struct {
	Min int     `yaml:"min"`
	Max int     `yaml:"max"`
	CPU float64 `yaml:"cpu"`
}

// Load is the traffic from At on, reached linearly within Over.
type Load struct {
	At   time.Duration `yaml:"at"`
	RPS  float64       `yaml:"rps"`
	Over time.Duration `yaml:"over"`
}

func (s *Scenario) validateService(v Service) error {
	if v.Cluster == "" || v.Service == "" {
		return fmt.Errorf("cluster and service are both needed")
	}
	if repository, tag, ok := strings.Cut(v.Image, ":"); !ok || repository == "" || tag == "" {
		return fmt.Errorf("image is %q, expected repository:tag", v.Image)
	}
	if err := s.runs(v.Runs); err != nil {
		return err
	}
	if v.Desired < 0 {
		return fmt.Errorf("desired is %d, expected 0 or more", v.Desired)
	}
	if !slices.Contains([]string{"", "FARGATE", "EC2"}, v.Launch) {
		return fmt.Errorf("launch is %q, expected FARGATE or EC2", v.Launch)
	}
	if !slices.Contains([]string{"", "ECS", "CODE_DEPLOY", "EXTERNAL"}, v.Controller) {
		return fmt.Errorf("controller is %q, expected ECS, CODE_DEPLOY or EXTERNAL", v.Controller)
	}
	if err := v.validScheduling(s.instances(v.Cluster)); err != nil {
		return err
	}
	if v.Launch != "" && len(v.Providers) > 0 {
		return errors.New("launch and providers exclude each other, expected one of them")
	}
	return cmp.Or(v.validTraffic(), s.validateDeployment(v), s.validateContainers(v), v.validSize())
}

// instances returns the number of the EC2 instances of a cluster; zero without an entry.
func (s *Scenario) instances(cluster string) int {
	for _, c := range s.Clusters {
		if c.Cluster == cluster {
			return c.Instances
		}
	}
	return 0
}

// validScheduling returns an error for a scheduling that ECS refuses. instances is the
// number of the EC2 instances of the cluster.
func (v Service) validScheduling(instances int) error {
	switch {
	case !slices.Contains([]string{"", "REPLICA", "DAEMON"}, v.Scheduling):
		return fmt.Errorf("scheduling is %q, expected REPLICA or DAEMON", v.Scheduling)
	case v.Scheduling == "DAEMON" && v.Launch != "EC2":
		return errors.New("a daemon service runs on instances, expected launch: EC2")
	case v.Scheduling == "DAEMON" && v.Desired > 0 && v.Desired != instances:
		return fmt.Errorf("desired is %d, but ECS runs a daemon on each instance of the cluster: expected %d, or none", v.Desired, instances)
	case v.Gateway && v.LoadBalancer, v.Lattice && (v.LoadBalancer || v.Gateway):
		return errors.New("load_balancer, gateway and lattice exclude each other")
	case v.Worker && (v.routed() || v.HealthCheck):
		return errors.New("worker says that a service has no check, expected neither load_balancer nor health_check")
	}
	return nil
}

// routed reports whether something routes requests to the service.
func (v Service) routed() bool { return v.LoadBalancer || v.Gateway || v.Lattice }

func (v Service) validTraffic() error {
	if v.Deregistration < 0 {
		return fmt.Errorf("deregistration is %s, expected 0s or more", v.Deregistration)
	}
	if len(v.Load) > 0 && v.Trace != nil {
		return errors.New("load and trace exclude each other, expected one of them")
	}
	if err := v.Counts.valid(); err != nil {
		return err
	}
	return v.Trace.valid()
}

func (d Definition) validSize() error {
	if d.CPU < 0 || d.Memory < 0 {
		return fmt.Errorf("cpu is %d and memory %d, expected CPU units and MiB", d.CPU, d.Memory)
	}
	return nil
}

func (s *Scenario) runs(name string) error {
	if name == "" {
		return nil
	}
	if _, ok := s.Images[name]; !ok {
		return fmt.Errorf("runs is %q, expected a name in images", name)
	}
	return nil
}
