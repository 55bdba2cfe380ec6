package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/account"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lives returns the states of each task, in the order of creation.
func (w *world) lives() [][]string {
	var out [][]string
	at := map[string]int{}
	for _, e := range w.events {
		if e.DetailType != "ECS Task State Change" {
			continue
		}
		i, seen := at[e.Detail.TaskArn]
		if !seen {
			i = len(out)
			at[e.Detail.TaskArn] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], e.Detail.LastStatus)
		assert.Equal(w.t, len(out[i]), e.Detail.Version, "each change counts the version up by one")
	}
	return out
}

func TestTheLifeOfATask(t *testing.T) {
	exits := Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Hour), Code: 3}}
	for _, c := range []struct {
		name     string
		balanced bool
		image    Behaviour
		act      func(w *world)
		want     []string
	}{
		{
			"scale-in of a plain service", false,
			Behaviour{},
			func(w *world) { w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)}) },
			[]string{"PROVISIONING", "PENDING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED"},
		},
		{
			"scale-in behind a load balancer", true,
			Behaviour{},
			func(w *world) { w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)}) },
			[]string{"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"},
		},
		{
			"an exit by itself", false, exits, func(w *world) { w.run(59 * time.Minute) },
			[]string{"PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"},
		},
		{
			"a lost host", false,
			Behaviour{},
			func(w *world) { require.Equal(w.t, 1, w.LoseHost("shop", "web", 1)) },
			[]string{"PROVISIONING", "PENDING", "RUNNING", "STOPPED"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.create(ServiceSpec{TaskDefinition: w.image("1", c.image), Desired: 1, LoadBalanced: c.balanced})
			w.run(2 * time.Minute)
			c.act(w)
			w.run(2 * time.Minute)
			assert.Equal(t, c.want, w.lives()[0])
		})
	}
}

func TestBriefTaskEvents(t *testing.T) {
	w := newWorld(t, Config{BriefTaskEvents: true})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
	w.run(2 * time.Minute)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
	w.run(2 * time.Minute)
	var states []string
	for _, e := range w.events {
		if e.Detail.LastStatus != "" {
			states = append(states, e.Detail.LastStatus)
		}
	}
	assert.Equal(t, []string{"RUNNING", "STOPPING", "STOPPED"}, states)
}

// ending is the end of the first stopped task.
type ending struct {
	code, reason, container string
	exit                    *int
}

func (w *world) ending() ending {
	require.NotEmpty(w.t, w.stops())
	d := w.stops()[0].Detail
	return ending{d.StopCode, d.StoppedReason, d.Containers[0].Reason, d.Containers[0].ExitCode}
}

func TestWhyATaskStopped(t *testing.T) {
	group := "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/" + account.Digest("web")[7:23]
	for _, c := range []struct {
		name  string
		image Behaviour
		spec  ServiceSpec
		check bool
		act   func(w *world)
		want  ending
	}{
		{
			name: "the essential container exits", image: Behaviour{Exit: Exit{Probability: 1, After: Fixed(2 * time.Minute), Code: 139}},
			want: ending{"EssentialContainerExited", "Essential container in task exited", "", new(139)},
		},
		{
			name: "an exit with code 0 is an exit", image: Behaviour{Exit: Exit{Probability: 1, After: Fixed(2 * time.Minute)}},
			want: ending{"EssentialContainerExited", "Essential container in task exited", "", new(0)},
		},
		{
			name: "it runs out of memory", image: Behaviour{Exit: Exit{Probability: 1, After: Fixed(2 * time.Minute), OOM: true}},
			want: ending{
				"EssentialContainerExited", "Essential container in task exited",
				"OutOfMemoryError: Container killed due to memory usage", new(137),
			},
		},
		{
			name: "the load balancer finds it unhealthy", image: Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(2 * time.Minute)}},
			spec: ServiceSpec{LoadBalanced: true},
			want: ending{"ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group " + group + ")", "", new(143)},
		},
		{
			name: "its own check fails", image: Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(2 * time.Minute)}}, check: true,
			want: ending{"ServiceSchedulerInitiated", "Task failed container health checks", "", new(143)},
		},
		{
			name: "an operator stops it", act: func(w *world) {
				_, err := w.ecs.StopTask(w.t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: w.running()[0].TaskArn})
				require.NoError(w.t, err)
			},
			want: ending{"UserInitiated", "Task stopped by user", "", new(143)},
		},
		{
			name: "its process ignores SIGTERM", image: Behaviour{StopDelay: Fixed(time.Minute)}, act: func(w *world) {
				_, err := w.ecs.StopTask(w.t.Context(), &ecs.StopTaskInput{
					Cluster: aws.String("shop"), Task: w.running()[0].TaskArn, Reason: aws.String("because"),
				})
				require.NoError(w.t, err)
			},
			want: ending{"UserInitiated", "because", "", new(137)},
		},
		{
			name: "Spot is interrupted", spec: ServiceSpec{Providers: []ProviderSpec{{Name: "FARGATE_SPOT", Weight: 1}}},
			act:  func(w *world) { require.Equal(w.t, 1, w.InterruptSpot("shop", "web", 1)) },
			want: ending{"SpotInterruption", "Your Spot Task was interrupted.", "", new(143)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			var change []func(*ContainerSpec)
			if c.check {
				change = append(change, withCheck)
			}
			c.spec.TaskDefinition, c.spec.Desired = w.image("1", c.image, change...), 1
			w.create(c.spec)
			w.run(time.Minute)
			if c.act != nil {
				c.act(w)
			}
			w.run(5 * time.Minute)
			assert.Equal(t, c.want, w.ending())
		})
	}
}

func TestAHostOfEC2TakesAllItsTasksWithIt(t *testing.T) {
	w := newWorld(t, Config{})
	w.SetCapacity(Capacity{Zones: []string{"a"}})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 6, LaunchType: "EC2"})
	assert.Equal(t, 4, w.LoseHost("shop", "web", 1), "an instance holds four")
	w.run(5 * time.Minute)
	require.Len(t, w.stops(), 4)
	assert.Regexp(t, `^Host EC2 \(instance i-[0-9a-f]{17}\) terminated\.$`, w.stops()[0].Detail.StoppedReason)
	assert.Equal(t, "TerminationNotice", w.stops()[0].Detail.StopCode)
	w.assertSteady(6)
}

func TestAZoneIsLostAndComesBack(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 6})
	assert.Equal(t, 2, w.LoseZone("b"))
	w.run(5 * time.Minute)
	w.assertSteady(6)
	for _, task := range w.running() {
		assert.NotEqual(t, "eu-central-1b", *task.AvailabilityZone)
	}
	w.SetCapacity(Capacity{})
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(8)})
	w.run(5 * time.Minute)
	zones := map[string]int{}
	for _, task := range w.running() {
		zones[*task.AvailabilityZone]++
	}
	assert.Equal(t, map[string]int{"eu-central-1a": 3, "eu-central-1b": 2, "eu-central-1c": 3}, zones)
}

func TestTheSpotWarningComesTwoMinutesBefore(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{}), Desired: 2,
		Providers: []ProviderSpec{{Name: "FARGATE", Base: 1, Weight: 0}, {Name: "FARGATE_SPOT", Weight: 1}},
	})
	warned := w.Now()
	assert.Equal(t, 1, w.InterruptSpot("shop", "web", 2), "only one of them is on Spot")
	first := w.events[0].Detail
	assert.Equal(t, "STOPPED", first.DesiredStatus)
	assert.Equal(t, "RUNNING", first.LastStatus)
	w.run(time.Second)
	w.run(5 * time.Minute)
	require.Len(t, w.stops(), 1)
	var stopped struct {
		Detail struct {
			ExecutionStoppedAt   time.Time
			CapacityProviderName string
		}
	}
	require.NoError(t, json.Unmarshal(w.stops()[0].raw, &stopped))
	assert.Equal(t, warned.Add(2*time.Minute+2*time.Second), stopped.Detail.ExecutionStoppedAt)
	assert.Equal(t, "FARGATE_SPOT", stopped.Detail.CapacityProviderName)
	w.assertSteady(2)
}

func TestNoCapacityIsAPlacementFailureAndNoTask(t *testing.T) {
	for _, c := range []struct {
		name     string
		capacity Capacity
		spec     ServiceSpec
		reason   string
	}{
		{"no Fargate", Capacity{NoFargate: true}, ServiceSpec{}, "RESOURCE:FARGATE"},
		{"no Spot, and on demand is no fallback", Capacity{NoSpot: true}, ServiceSpec{
			Providers: []ProviderSpec{{Name: "FARGATE_SPOT", Weight: 1}, {Name: "FARGATE", Weight: 0}},
		}, "RESOURCE:FARGATE"},
		{"full instances", Capacity{NoEC2: true}, ServiceSpec{LaunchType: "EC2"}, "RESOURCE:CPU"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.SetCapacity(c.capacity)
			c.spec.TaskDefinition, c.spec.Desired = w.image("1", Behaviour{}), 1
			w.create(c.spec)
			w.run(5 * time.Minute)
			failures := w.named("SERVICE_TASK_PLACEMENT_FAILURE")
			require.Len(t, failures, 5, "it is tried once a minute")
			assert.Equal(t, c.reason, failures[0].Detail.Reason)
			assert.Empty(t, w.lives())
			assert.Zero(t, w.service().Deployments[0].FailedTasks)
			w.SetCapacity(Capacity{})
			w.run(3 * time.Minute)
			w.assertSteady(1)
		})
	}
}

func TestOutages(t *testing.T) {
	t.Run("a registry that throttles fails every start, and no revision is to blame", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
		w.SetOutage(Outage{Kind: string(fleet.PullThrottled), Until: w.Now().Add(10 * time.Minute)})
		w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
		w.run(5 * time.Minute)
		require.NotEmpty(t, w.stops())
		assert.Contains(t, w.stops()[0].Detail.StoppedReason, "toomanyrequests")
		w.run(time.Hour)
		w.assertSteady(2)
	})
	t.Run("tasks that depend on what is down exit, the others do not", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{DependsOn: []string{"database"}}), Desired: 3})
		w.PushImage("other", "1", Behaviour{})
		other, err := w.RegisterTaskDefinition(TaskDefinitionSpec{Family: "other", Containers: []ContainerSpec{{Name: "app", Image: "other:1"}}})
		require.NoError(t, err)
		_, err = w.CreateService(ServiceSpec{Cluster: "shop", Name: "other", TaskDefinition: other, Desired: 1})
		require.NoError(t, err)
		w.run(2 * time.Minute)
		w.SetOutage(Outage{Kind: "database", Until: w.Now().Add(10 * time.Minute)})
		w.run(10 * time.Minute)
		assert.Greater(t, w.Stats("shop", "web").TasksFailed, 3)
		assert.Zero(t, w.Stats("shop", "other").TasksFailed)
		w.run(5 * time.Minute)
		w.assertSteady(3)
	})
}

func TestStandaloneTasks(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute)}})
	out, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{
		NetworkConfiguration: network(),
		Cluster:              aws.String("shop"), TaskDefinition: &definition, Count: aws.Int32(2), StartedBy: aws.String("me"),
		LaunchType: ecstypes.LaunchTypeFargate,
	})
	require.NoError(t, err)
	require.Len(t, out.Tasks, 2)
	assert.Equal(t, "family:web", *out.Tasks[0].Group)
	w.run(5 * time.Minute)
	require.Len(t, w.stops(), 2)
	assert.Equal(t, "me", w.stops()[0].Detail.StartedBy)
	assert.Equal(t, 0, *w.stops()[0].Detail.Containers[0].ExitCode)
}

func TestStoppedTasksCanBeDescribedForAnHour(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
	arn := *w.running()[0].TaskArn
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
	describe := func() *ecs.DescribeTasksOutput {
		out, err := w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: []string{arn}})
		require.NoError(t, err)
		return out
	}
	w.run(59 * time.Minute)
	require.Len(t, describe().Tasks, 1)
	assert.Equal(t, ecstypes.TaskStopCodeServiceSchedulerInitiated, describe().Tasks[0].StopCode)
	w.run(2 * time.Minute)
	assert.Equal(t, "MISSING", *describe().Failures[0].Reason)
}

func TestAProbeLivesAsTheServiceWould(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{DependsOn: []string{"database"}})
	w.steady(ServiceSpec{TaskDefinition: definition, Desired: 1})
	probe := func() *ecstypes.Task {
		out, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{
			Cluster: aws.String("shop"), TaskDefinition: &definition, NetworkConfiguration: network(), Group: aws.String("homeostat-probe"),
			CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}},
		})
		require.NoError(t, err)
		w.run(5 * time.Minute)
		return w.describe(*out.Tasks[0].TaskArn)
	}
	sound := probe()
	assert.Equal(t, "RUNNING", *sound.LastStatus)
	assert.Equal(t, "FARGATE_SPOT", *sound.CapacityProviderName)
	assert.EqualValues(t, 1, w.service().RunningCount, "it is not the service's")
	_, err := w.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("shop"), Task: sound.TaskArn, Reason: aws.String("the probe is over")})
	require.NoError(t, err)
	w.run(time.Minute)
	sound = w.describe(*sound.TaskArn)
	assert.Equal(t, []string{"STOPPED", "the probe is over", "UserInitiated"}, []string{*sound.LastStatus, *sound.StoppedReason, string(sound.StopCode)})
	w.SetOutage(Outage{Kind: "database", Until: w.Now().Add(time.Hour), Services: []string{"web"}})
	assert.Equal(t, "EssentialContainerExited", string(probe().StopCode), "its dependency is down too")
}

func TestRunTaskRefusesWhatECSRefuses(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{})
	for name, in := range map[string]*ecs.RunTaskInput{
		"no network":             {},
		"the group of a service": {NetworkConfiguration: network(), Group: aws.String("service:web")},
		"too many":               {NetworkConfiguration: network(), Count: aws.Int32(11)},
	} {
		in.Cluster, in.TaskDefinition = aws.String("shop"), &definition
		_, err := w.ecs.RunTask(t.Context(), in)
		var invalid *ecstypes.InvalidParameterException
		assert.ErrorAs(t, err, &invalid, name)
	}
}
