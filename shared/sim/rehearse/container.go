package rehearse

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim"
)

// Container is a further container of the tasks of a service, beside the application.
type Container struct {
	Name string `yaml:"name"`
	// Image is repository:tag. A tag that nobody pushed is pushed before the start, with
	// the behaviour named by Runs. A container of the application's image has no
	// behaviour of its own.
	Image string `yaml:"image"`
	Runs  string `yaml:"runs"`
	// First puts it before the application, otherwise behind it.
	First bool `yaml:"first"`
	// Essential is true by default, as in ECS.
	Essential *bool `yaml:"essential"`
	// ExitCode and Reason are what each stop event says of it. The exit code none is
	// absent; empty means the code of its end.
	ExitCode string `yaml:"exit_code"`
	Reason   string `yaml:"reason"`
}

// noExitCode is the value of exit_code for a container without one.
const noExitCode = "none"

func (s *Scenario) validateContainers(v Service) error {
	seen := map[string]bool{appContainer: true}
	for i, c := range v.Containers {
		err := s.validateContainer(c)
		if err == nil && seen[c.Name] {
			err = fmt.Errorf("name is %q, expected one that no other container has", c.Name)
		}
		if err != nil {
			return fmt.Errorf("containers[%d]: %w", i, err)
		}
		seen[c.Name] = true
	}
	return nil
}

func (s *Scenario) validateContainer(c Container) error {
	if c.Name == "" {
		return fmt.Errorf("the container has no name")
	}
	if repository, tag, ok := strings.Cut(c.Image, ":"); !ok || repository == "" || tag == "" {
		return fmt.Errorf("image is %q, expected repository:tag", c.Image)
	}
	if _, err := strconv.Atoi(c.ExitCode); c.ExitCode != "" && c.ExitCode != noExitCode && err != nil {
		return fmt.Errorf("exit_code is %q, expected a number or none", c.ExitCode)
	}
	return s.runs(c.Runs)
}

// end returns what each stop event says of the container; nil means what it does.
func (c Container) end() *ecssim.ContainerEnd {
	if c.ExitCode == "" && c.Reason == "" {
		return nil
	}
	end := &ecssim.ContainerEnd{Reason: c.Reason}
	if code, err := strconv.Atoi(c.ExitCode); err == nil {
		end.Code = &code
	}
	return end
}

// pushContainers pushes the images of the containers that no one pushed before.
func (r *Run) pushContainers(v Service) {
	for _, c := range v.Containers {
		if repository, tag, _ := strings.Cut(c.Image, ":"); !r.pushed[c.Image] {
			r.push(repository, tag, c.Runs)
		}
	}
}

// containers returns the containers of the service's tasks in the form of ecssim.
func (r *Run) containers(v Service) []ecssim.ContainerSpec {
	group := cmp.Or(v.LogGroup, "/ecs/"+v.Service)
	var first, last []ecssim.ContainerSpec
	for _, c := range v.Containers {
		spec := ecssim.ContainerSpec{
			Name: c.Name, Image: r.pinned(v, c.Image), Sidecar: c.Essential != nil && !*c.Essential, LogGroup: group, End: c.end(),
		}
		if c.First {
			first = append(first, spec)
		} else {
			last = append(last, spec)
		}
	}
	app := ecssim.ContainerSpec{
		Name: appContainer, Image: r.pinned(v, v.Image), HealthCheck: v.HealthCheck, Environment: v.Env, Secrets: v.Secrets, LogGroup: group, Extra: v.Container,
	}
	return append(append(first, app), last...)
}

// pinned returns the reference of an image in the definition of the service.
func (r *Run) pinned(v Service, image string) string {
	digest := r.sim.Digest(image)
	if !v.Pin || digest == "" {
		return image
	}
	repository, _, _ := strings.Cut(image, ":")
	return repository + "@" + digest
}
