package cause

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// maxNotes bounds the notes of a stop. A task has at most 10 containers in its
// definition (Amazon ECS service quotas), and the platform adds some.
const maxNotes = 12

// stopTimeout is the time between SIGTERM and SIGKILL without a stopTimeout of the
// container. Source: ECS API, ContainerDefinition.stopTimeout.
const stopTimeout = 30 * time.Second

// neverRan lists the texts of containers that never ran. Such a container is not the
// one whose exit ended the task.
const neverRan = "cannotpull|cannotcreate|cannotstart|resourceinitializationerror"

// split divides the containers of a stop into those that decide and the notes. With a
// definition, the essential containers decide. A container that the definition does
// not name is a note if it belongs to the platform or is a known agent. Without a
// definition the known agents are notes, unless no other container is left.
func split(s *fleet.Stop, d *fleet.Definition) (deciding, notes []fleet.ContainerExit) {
	if len(s.Containers) < 2 && d == nil {
		return s.Containers, nil
	}
	for _, c := range s.Containers {
		if isNote(c, d) {
			notes = append(notes, c)
		} else {
			deciding = append(deciding, c)
		}
	}
	if len(deciding) == 0 && d == nil {
		return s.Containers, nil
	}
	if !slices.ContainsFunc(deciding, exited) || normal(s.Reason) != stockExit && s.Code != codeExited {
		return deciding, notes
	}
	// An exit ended the task, so a container that never ran did not.
	ran := deciding[:0:0]
	for _, c := range deciding {
		if c.ExitCode == nil && contains(normal(c.Reason), neverRan) {
			notes = append(notes, c)
		} else {
			ran = append(ran, c)
		}
	}
	return ran, notes
}

func exited(c fleet.ContainerExit) bool { return c.ExitCode != nil }

func isNote(c fleet.ContainerExit, d *fleet.Definition) bool {
	if known := containerOf(d, c.Name); known != nil {
		return known.NonEssential
	}
	_, is := agentOf(c.Name, c.Image)
	return is
}

// containerOf returns a container of the definition; nil if it names none of the
// name, or is unknown itself.
func containerOf(d *fleet.Definition, name string) *fleet.ContainerDefinition {
	if d == nil || name == "" {
		return nil
	}
	for i := range d.Containers {
		if d.Containers[i].Name == name {
			return &d.Containers[i]
		}
	}
	return nil
}

// noteTexts returns one sentence for each container that said something and did not
// decide.
func noteTexts(notes []fleet.ContainerExit, d *fleet.Definition) []string {
	var out []string
	for _, c := range notes {
		if c.Reason == "" && c.ExitCode == nil {
			continue
		}
		if len(out) == maxNotes {
			return append(out, "further containers said something too")
		}
		text := "container " + strconv.Quote(c.Name)
		if a, ok := agentOf(c.Name, c.Image); ok && containerOf(d, c.Name) == nil {
			text += " (" + a.Note + ")"
		} else if containerOf(d, c.Name) != nil {
			text += " (not essential)"
		}
		if c.ExitCode != nil {
			text += " exited with " + strconv.Itoa(*c.ExitCode)
		}
		if c.Reason != "" {
			text += ": " + c.Reason
		}
		out = append(out, text)
	}
	return out
}

// forced reports whether the stop lasted a stop timeout. ECS then kills the containers
// that are still running, and their exit code is 137 without a fault.
func forced(s *fleet.Stop) bool {
	end := s.ExecutionStoppedAt
	if end.IsZero() {
		end = s.StoppedAt
	}
	return !s.StoppingAt.IsZero() && !end.IsZero() && end.Sub(s.StoppingAt) >= stopTimeout
}

// rank returns the priority of an exit code: a failure, a kill, success, SIGTERM. Of
// several containers 0 is the exit that ended the task, and 143 its consequence. A
// kill at the end of a stop timeout comes last.
func rank(code int, forced bool) int {
	switch {
	case code == 143:
		return 1
	case code == 0:
		return 2
	case code == 137 && forced:
		return 0
	case code == 137:
		return 3
	}
	return 4
}

// dependencyOf returns the two names in the agent's text about a container that waited
// for another one. Source: amazon-ecs-agent, agent/engine/dependencygraph.
func dependencyOf(text string) (dependency, target string) {
	_, rest, _ := strings.Cut(text, "dependency [")
	dependency, rest, _ = strings.Cut(rest, "]")
	_, rest, found := strings.Cut(rest, "target [")
	if !found {
		return "", ""
	}
	target, _, _ = strings.Cut(rest, "]")
	// The agent adds the image and the status to a name.
	dependency, _, _ = strings.Cut(dependency, "(")
	target, _, _ = strings.Cut(target, "(")
	return dependency, target
}

// awaited returns the containers that an essential container waits for, directly or
// through another one, and the name of the essential container.
func awaited(containers []fleet.ContainerExit, d *fleet.Definition) (out []fleet.ContainerExit, target string) {
	if d == nil {
		return nil, ""
	}
	for i := range d.Containers {
		if d.Containers[i].NonEssential {
			continue
		}
		names := dependencies(d, d.Containers[i].Name, nil)
		for _, c := range containers {
			if slices.Contains(names, c.Name) {
				out = append(out, c)
			}
		}
		if len(out) > 0 {
			return out, d.Containers[i].Name
		}
	}
	return nil, ""
}

// dependencies returns the names of all containers that a container waits for.
func dependencies(d *fleet.Definition, name string, seen []string) []string {
	c := containerOf(d, name)
	if c == nil {
		return seen
	}
	for _, after := range c.DependsOn {
		if !slices.Contains(seen, after.Container) {
			seen = dependencies(d, after.Container, append(seen, after.Container))
		}
	}
	return seen
}

// unhealthy names the containers that ECS describes as unhealthy, without the notes.
func unhealthy(s *fleet.Stop, d *fleet.Definition) []string {
	var out []string
	for _, c := range s.Containers {
		if c.Health == "UNHEALTHY" && c.Name != "" && !isNote(c, d) {
			out = append(out, c.Name)
		}
	}
	return out
}

// checked names the containers that decide the health of a task: the essential ones
// with a health check. Source: developer guide, healthcheck.html.
func checked(d *fleet.Definition) []string {
	var out []string
	if d == nil {
		return nil
	}
	for i := range d.Containers {
		if c := &d.Containers[i]; c.HealthCheck && !c.NonEssential {
			out = append(out, c.Name)
		}
	}
	return out
}
