package ecssim

import (
	"maps"
	"slices"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) providerOperations() wire.Operations {
	return wire.Operations{
		"CreateCapacityProvider":    s.createCapacityProvider,
		"UpdateCapacityProvider":    s.updateCapacityProvider,
		"DeleteCapacityProvider":    s.deleteCapacityProvider,
		"DescribeCapacityProviders": s.describeCapacityProviders,
		"ListAccountSettings":       s.listAccountSettings,
		"PutAccountSetting":         s.putAccountSetting,
		"PutAccountSettingDefault":  s.putAccountSetting,
		"DeleteAccountSetting":      s.deleteAccountSetting,
		"PutAttributes":             s.putAttributes,
		"DeleteAttributes":          s.deleteAttributes,
		"ListAttributes":            s.listAttributes,
	}
}

// fargateProviders are the capacity providers that every account has.
func (s *Sim) fargateProviders() []wire.Object {
	var out []wire.Object
	for _, name := range []string{providerFargate, providerSpot} {
		out = append(out, wire.Object{
			"capacityProviderArn": s.account.ARN("ecs", "capacity-provider/"+name), "name": name, "status": statusActive, "tags": []wire.Object{},
		})
	}
	return out
}

// findProvider returns a capacity provider that is not INACTIVE, or nil.
func (s *Sim) findProvider(nameOrARN string) wire.Object {
	for _, p := range append(s.fargateProviders(), s.providers...) {
		if p.String("name") == fleet.NameOf(nameOrARN) && p.String("status") == statusActive {
			return p
		}
	}
	return nil
}

func (s *Sim) knowsProvider(name string) bool { return s.findProvider(name) != nil }

func unknownProvider(name string) error {
	return wire.Errorf("InvalidParameterException", "The specified capacity provider %s does not exist. Specify a valid capacity provider and try again.", name)
}

// usable reports whether a service or a task of the cluster may name the capacity
// provider: the cluster has it, or a service of the cluster already uses it.
func (c *cluster) usable(name string) bool {
	if slices.Contains(c.providers, name) {
		return true
	}
	return slices.ContainsFunc(c.services, func(svc *service) bool {
		return slices.ContainsFunc(svc.strategy, func(item wire.Object) bool { return item.String("capacityProvider") == name })
	})
}

func (s *Sim) createCapacityProvider(in wire.Object) (wire.Object, error) {
	name := in.String("name")
	if s.knowsProvider(name) {
		return nil, wire.Errorf("InvalidParameterException", "The specified capacity provider already exists. Specify a unique name and try again.")
	}
	arn := s.account.ARN("ecs", "capacity-provider/"+name)
	p := wire.Object{"capacityProviderArn": arn, "name": name, "status": statusActive}
	if group := in.Object("autoScalingGroupProvider"); group != nil {
		p["autoScalingGroupProvider"] = completeGroup(group)
	}
	s.providers = append(s.providers, p)
	s.account.Tags.Put(arn, in.Objects("tags"))
	return wire.Object{"capacityProvider": s.describedProvider(p, true)}, nil
}

// completeGroup adds the defaults. AWS: API reference of ManagedScaling and
// AutoScalingGroupProvider.
func completeGroup(group wire.Object) wire.Object {
	out := wire.Object{"managedTerminationProtection": "DISABLED"}
	maps.Copy(out, group)
	if scaling := group.Object("managedScaling"); scaling != nil {
		complete := wire.Object{"instanceWarmupPeriod": 300, "minimumScalingStepSize": 1, "maximumScalingStepSize": 10000, "targetCapacity": 100}
		maps.Copy(complete, scaling)
		out["managedScaling"] = complete
	}
	return out
}

func (s *Sim) updateCapacityProvider(in wire.Object) (wire.Object, error) {
	p := s.findProvider(in.String("name"))
	if p == nil || p.Object("autoScalingGroupProvider") == nil {
		return nil, unknownProvider(in.String("name"))
	}
	group := maps.Clone(p.Object("autoScalingGroupProvider"))
	maps.Copy(group, in.Object("autoScalingGroupProvider"))
	p["autoScalingGroupProvider"] = completeGroup(group)
	p["updateStatus"] = "UPDATE_COMPLETE"
	return wire.Object{"capacityProvider": s.describedProvider(p, true)}, nil
}

func (s *Sim) deleteCapacityProvider(in wire.Object) (wire.Object, error) {
	name := fleet.NameOf(in.String("capacityProvider"))
	p := s.findProvider(name)
	if p == nil || name == providerFargate || name == providerSpot {
		return nil, unknownProvider(name)
	}
	for _, c := range s.clusters {
		if c.active && c.usable(name) {
			return nil, wire.Errorf("InvalidParameterException", "The specified capacity provider is in use and cannot be removed.")
		}
	}
	p["status"], p["updateStatus"] = statusInactive, "DELETE_COMPLETE"
	return wire.Object{"capacityProvider": s.describedProvider(p, false)}, nil
}

func (s *Sim) describeCapacityProviders(in wire.Object) (wire.Object, error) {
	names := in.Strings("capacityProviders")
	tags := slices.Contains(in.Strings("include"), "TAGS")
	found, failures := []wire.Object{}, []wire.Object{}
	if len(names) == 0 {
		for _, p := range append(s.fargateProviders(), s.providers...) {
			found = append(found, s.describedProvider(p, tags))
		}
	}
	for _, name := range names {
		if p := s.findProvider(name); p != nil {
			found = append(found, s.describedProvider(p, tags))
			continue
		}
		failures = append(failures, missing(s.account.ARN("ecs", "capacity-provider/"+fleet.NameOf(name))))
	}
	return wire.Object{"capacityProviders": found, "failures": failures}, nil
}

func (s *Sim) describedProvider(p wire.Object, tags bool) wire.Object {
	out := wire.Object{"tags": []wire.Object{}}
	maps.Copy(out, p)
	if tags {
		out["tags"] = s.account.Tags.Of(p.String("capacityProviderArn"))
	}
	return out
}

// accountSettings are the settings of an account with AWS's defaults. AWS: developer
// guide, "Access Amazon ECS features with account settings".
func accountSettings() []wire.Object {
	return []wire.Object{
		{"name": "awsvpcTrunking", "value": "disabled"},
		{"name": "containerInsights", "value": "disabled"},
		{"name": "containerInstanceLongArnFormat", "value": "enabled"},
		{"name": "defaultLogDriverMode", "value": "non-blocking"},
		{"name": "dualStackIPv6", "value": "disabled"},
		{"name": "fargateFIPSMode", "value": "disabled"},
		{"name": "fargateTaskRetirementWaitPeriod", "value": "7"},
		{"name": "guardDutyActivate", "value": "on"},
		{"name": "serviceLongArnFormat", "value": "enabled"},
		{"name": "tagResourceAuthorization", "value": "off"},
		{"name": "taskLongArnFormat", "value": "enabled"},
	}
}

// setting returns a setting in the form of the answers. They have no effect.
func (s *Sim) setting(name, value string) wire.Object {
	return wire.Object{"name": name, "value": value, "principalArn": s.account.Root(), "type": "user"}
}

func (s *Sim) listAccountSettings(in wire.Object) (wire.Object, error) {
	effective, _ := in.Bool("effectiveSettings")
	out := []wire.Object{}
	for _, d := range accountSettings() {
		name, value := d.String("name"), d.String("value")
		changed, was := s.settings[name]
		if was {
			value = changed
		}
		matches := (in.String("name") == "" || in.String("name") == name) && (in.String("value") == "" || in.String("value") == value)
		if matches && (was || effective) {
			out = append(out, s.setting(name, value))
		}
	}
	out, next, err := wire.Page(out, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"settings": out}, "nextToken", next), nil
}

func (s *Sim) putAccountSetting(in wire.Object) (wire.Object, error) {
	name, value := in.String("name"), in.String("value")
	if value == "" {
		return nil, wire.Errorf("InvalidParameterException", "The setting value is required.")
	}
	s.settings[name] = value
	return wire.Object{"setting": s.setting(name, value)}, nil
}

func (s *Sim) deleteAccountSetting(in wire.Object) (wire.Object, error) {
	name := in.String("name")
	value := s.settings[name]
	delete(s.settings, name)
	return wire.Object{"setting": s.setting(name, value)}, nil
}

// putAttributes sets attributes of container instances. Constraints and strategies
// of placement read them.
func (s *Sim) putAttributes(in wire.Object) (wire.Object, error) {
	return s.changeAttributes(in, func(i *instance, a wire.Object) {
		i.attributes = append(without(i.attributes, a.String("name")), wire.Object{"name": a.String("name"), "value": a.String("value")})
	})
}

func (s *Sim) deleteAttributes(in wire.Object) (wire.Object, error) {
	return s.changeAttributes(in, func(i *instance, a wire.Object) { i.attributes = without(i.attributes, a.String("name")) })
}

func without(attributes []wire.Object, name string) []wire.Object {
	return slices.DeleteFunc(slices.Clone(attributes), func(a wire.Object) bool { return a.String("name") == name })
}

func (s *Sim) changeAttributes(in wire.Object, change func(*instance, wire.Object)) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	out := []wire.Object{}
	for _, a := range in.Objects("attributes") {
		host := c.findInstance(a.String("targetId"))
		if host == nil {
			return nil, wire.Errorf("TargetNotFoundException", "The specified target wasn't found.")
		}
		change(host, a)
		out = append(out, a)
	}
	return wire.Object{"attributes": out}, nil
}

func (s *Sim) listAttributes(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	name, value := in.String("attributeName"), in.String("attributeValue")
	out := []wire.Object{}
	for _, i := range c.instances {
		for _, a := range append([]wire.Object{{"name": "ecs.availability-zone", "value": i.zone}}, i.attributes...) {
			if (name == "" || name == a.String("name")) && (value == "" || value == a.String("value")) {
				out = append(out, wire.Object{"name": a.String("name"), "value": a.String("value"), "targetId": i.arn})
			}
		}
	}
	out, next, err := wire.Page(out, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"attributes": out}, "nextToken", next), nil
}
