package doctor

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// examineServices reports the mode of each enrolled service, and the services
// that only seem to be enrolled.
func examineServices(in Installation, _ time.Time) []Finding {
	s := collector{check: checkServices}
	enrolled := 0
	for _, service := range in.Services {
		name := service.Ref.String()
		for _, tag := range sortedKeys(service.Tags) {
			if tag != contract.TagMode && alike(tag, contract.TagMode) {
				s.add(Warning, name, fmt.Sprintf("its tag %q is not %q, so it has no effect", tag, contract.TagMode), "Write the tag exactly as "+contract.TagMode+".")
			}
		}
		if value := service.Tags[contract.TagRollback]; value != "" && value != contract.RollbackNever {
			s.add(Warning, name, fmt.Sprintf("its tag %s is %q, and that value has no effect", contract.TagRollback, value), "Set it to "+contract.RollbackNever+", or remove it.")
		}
		if _, ok := service.Tags[contract.TagMode]; ok {
			enrolled++
			examineService(&s, in, service)
		}
	}
	if why, unread := in.Unread[checkScaling]; unread {
		s.add(Unknown, "", "the scaling policies of Application Auto Scaling could not be read: "+why.Why, why.fix())
	}
	if enrolled == 0 {
		s.add(Warning, "", fmt.Sprintf("none of %d services is enrolled", len(in.Services)),
			"Tag a service with `aws ecs tag-resource --resource-arn ARN --tags key="+contract.TagMode+",value=observe`.")
	}
	return s.orFine(fmt.Sprintf("%d of %d services are enrolled", enrolled, len(in.Services)))
}

func examineService(s *collector, in Installation, service Service) {
	name := service.Ref.String()
	value := service.Tags[contract.TagMode]
	switch {
	case service.Controller == "CODE_DEPLOY" || service.Controller == "EXTERNAL":
		s.add(Warning, name, "its deployments are controlled by "+service.Controller+", so Homeostat does not manage it", "Remove the tag "+contract.TagMode+", or move the service to the ECS deployment controller.")
		return
	case value != "" && !policy.Mode(value).Valid():
		s.add(Broken, name, fmt.Sprintf("its tag %s is %q, which counts as off", contract.TagMode, value), "Set it to off, observe, propose or act, or leave it empty to use the mode of the policy.")
		return
	}
	s.add(Note, name, modeOf(in, service), "")
	if scaling := service.Scaling; scaling != nil && scaling.Steered() {
		s.add(Note, name, "policies of Application Auto Scaling set its desired count ("+strings.Join(scaling.Policies, ", ")+"), so Homeostat heals it and does not scale it", "")
	}
	if why := service.DefinitionUnread; why != (Unread{}) {
		s.add(Unknown, name, "its task definition could not be read: "+why.Why, why.fix())
	}
	for _, note := range service.Definition.RestartNotes() {
		s.add(Note, name, note, "Write its restarts to a log that an alarm watches, or remove the restart policy.")
	}
}

// modeOf returns the effective mode and its origin.
func modeOf(in Installation, service Service) string {
	p := in.Policy.Parsed
	if in.Policy.Bundled && p == nil {
		if value := service.Tags[contract.TagMode]; value != "" {
			return "mode " + value + " at most (its tag; the policy could not be read)"
		}
		return "the policy sets its mode, and the policy could not be read"
	}
	if p == nil {
		p = policy.Default()
	}
	e := p.For(service.Ref, service.Tags, Cap(in))
	return fmt.Sprintf("mode %s (%s)", e.Mode, e.ModeOrigin)
}

// alike reports whether a tag may be a misspelling of another one.
func alike(tag, meant string) bool {
	plain := strings.NewReplacer(":", "", "-", "", "_", "", "/", "", ".", "", " ", "")
	return strings.EqualFold(plain.Replace(tag), plain.Replace(meant))
}

// serviceOf returns the service that the dimensions of a metric name. It returns
// false if they name none.
func serviceOf(dimensions map[string]string) (ref fleet.ServiceRef, ok bool) {
	ref = fleet.ServiceRef{Cluster: dimensions["ClusterName"], Service: dimensions["ServiceName"]}
	return ref, ref.Cluster != "" && ref.Service != ""
}
