package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) taskOperations() wire.Operations {
	return wire.Operations{
		"DescribeTasks": s.describeTasks,
		"ListTasks":     s.listTasks,
		"StopTask":      s.stopTask,
		"RunTask":       s.runTask,
		"StartTask":     s.startTask,

		"GetTaskProtection":    s.getTaskProtection,
		"UpdateTaskProtection": s.updateTaskProtection,
	}
}

func (s *Sim) describeTasks(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	names := in.Strings("tasks")
	if len(names) == 0 {
		return nil, wire.Errorf("InvalidParameterException", "Tasks cannot be empty.")
	}
	if len(names) > describeTasksLimit {
		return nil, wire.Errorf("InvalidParameterException", "Tasks cannot have more than %d elements.", describeTasksLimit)
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, name := range names {
		t := c.tasks[fleet.NameOf(name)]
		if t == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "task/"+c.name+"/"+fleet.NameOf(name))))
			continue
		}
		object := t.object()
		if slices.Contains(in.Strings("include"), "TAGS") {
			object["tags"] = s.account.Tags.Of(t.arn)
		}
		found = append(found, object)
	}
	return wire.Object{"tasks": found, "failures": failures}, nil
}

func (s *Sim) listTasks(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	if name := in.String("serviceName"); name != "" && c.findService(name) == nil {
		return nil, wire.Errorf("ServiceNotFoundException", "Service not found.")
	}
	arns := []string{}
	for _, t := range c.order {
		if t.matches(in) {
			arns = append(arns, t.arn)
		}
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"taskArns": arns}, "nextToken", next), nil
}

// matches applies the filters of ListTasks; desiredStatus is RUNNING by default.
func (t *task) matches(in wire.Object) bool {
	if t.desired.String() != cmp.Or(in.String("desiredStatus"), "RUNNING") {
		return false
	}
	if name := in.String("serviceName"); name != "" && (t.service == nil || t.service.name != fleet.NameOf(name)) {
		return false
	}
	for key, value := range map[string]string{
		"family": t.td.family, "startedBy": t.startedBy, "launchType": t.launchType,
	} {
		if want := in.String(key); want != "" && want != value {
			return false
		}
	}
	host := in.String("containerInstance")
	return host == "" || t.host != nil && fleet.NameOf(t.host.arn) == fleet.NameOf(host)
}

func (s *Sim) stopTask(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	t := c.tasks[fleet.NameOf(in.String("task"))]
	if t == nil {
		return nil, wire.Errorf("InvalidParameterException", "The referenced task was not found.")
	}
	t.stop(stopUser, cmp.Or(in.String("reason"), "Task stopped by user"))
	return wire.Object{"task": t.object()}, nil
}

// object returns the task in the form of DescribeTasks, without tags.
func (t *task) object() wire.Object {
	out := wire.Object{
		"taskArn": t.arn, "taskDefinitionArn": t.td.arn, "clusterArn": t.cluster.arn, "group": t.group,
		"lastStatus": t.last.String(), "desiredStatus": t.desired.String(), "version": t.version,
		"launchType": t.launchType, "availabilityZone": t.zone, "cpu": t.cpu, "memory": t.memory,
		"createdAt": t.created, "connectivityAt": t.connected, "pullStartedAt": t.pullStart, "pullStoppedAt": t.pullStop,
		"startedAt": t.started, "stoppingAt": t.stopping, "executionStoppedAt": t.executionStop, "stoppedAt": t.stopped,
		"healthStatus": t.health(), "enableExecuteCommand": t.exec,
		"attachments": t.attachmentObjects(), "containers": t.containerObjects(),
		"attributes": []wire.Object{{"name": "ecs.cpu-architecture", "value": t.td.architecture()}},
		"overrides":  t.overrideObject(),
		"tags":       []wire.Object{},
	}
	for key, value := range map[string]string{
		"startedBy": t.startedBy, "stopCode": t.stopCode, "stoppedReason": t.stopReason, "capacityProviderName": t.provider,
	} {
		if value != "" {
			out[key] = value
		}
	}
	if !t.connected.IsZero() {
		out["connectivity"] = "CONNECTED"
	}
	if t.launchType == launchFargate {
		out["platformVersion"], out["platformFamily"] = platformVersion, "Linux"
		out["ephemeralStorage"] = wire.Object{"sizeInGiB": t.ephemeralGiB}
	}
	if t.host != nil {
		out["containerInstanceArn"] = t.host.arn
	}
	return out
}

func (t *task) containerObjects() []wire.Object {
	out := make([]wire.Object, len(t.td.containers))
	for i, d := range t.containerDetails() {
		interfaces := []wire.Object{}
		for _, n := range d.NetworkInterfaces {
			interfaces = append(interfaces, wire.Object{"attachmentId": n.AttachmentID, "privateIpv4Address": n.PrivateIpv4Address})
		}
		health := healthUnknown
		if t.td.containers[i].check != nil {
			health = t.health()
		}
		c := wire.Object{
			"containerArn": d.ContainerArn, "taskArn": d.TaskArn, "name": d.Name, "image": d.Image,
			"lastStatus": d.LastStatus, "networkBindings": []wire.Object{}, "networkInterfaces": interfaces,
			"healthStatus": health, "cpu": d.CPU,
		}
		for key, value := range map[string]string{
			"imageDigest": d.ImageDigest, "runtimeId": d.RuntimeID, "reason": d.Reason, "memory": d.Memory,
		} {
			if value != "" {
				c[key] = value
			}
		}
		if d.ExitCode != nil {
			c["exitCode"] = *d.ExitCode
		}
		out[i] = c
	}
	return out
}

// isProtected reports whether the task is protected from scale-in.
func (t *task) isProtected() bool { return t.sim.Now().Before(t.protected) }

func (s *Sim) getTaskProtection(in wire.Object) (wire.Object, error) {
	return s.protection(in, func(*task) {})
}

func (s *Sim) updateTaskProtection(in wire.Object) (wire.Object, error) {
	on, _ := in.Bool("protectionEnabled")
	return s.protection(in, func(t *task) {
		t.protected = time.Time{}
		if on {
			t.protected = s.Now().Add(defaultProtection)
			if minutes, ok := in.Int("expiresInMinutes"); ok && minutes > 0 {
				t.protected = s.Now().Add(time.Duration(minutes) * time.Minute)
			}
			t.later(t.protected.Sub(s.Now()), t.service.wakeScheduler)
		}
		t.service.wakeScheduler()
	})
}

// protection applies a change to each task and returns its protection.
func (s *Sim) protection(in wire.Object, change func(*task)) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	protected, failures := []wire.Object{}, []wire.Object{}
	for _, name := range in.Strings("tasks") {
		t := c.tasks[fleet.NameOf(name)]
		if t == nil || t.service == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "task/"+c.name+"/"+fleet.NameOf(name))))
			continue
		}
		change(t)
		object := wire.Object{"taskArn": t.arn, "protectionEnabled": t.isProtected()}
		if t.isProtected() {
			object["expirationDate"] = t.protected
		}
		protected = append(protected, object)
	}
	return wire.Object{"protectedTasks": protected, "failures": failures}, nil
}
