package ecssim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/wire"
)

func TestARestartPolicyKeepsTheTask(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		exit         time.Duration
		code         int
		stops        bool
	}{
		{"a container that ran long enough is restarted", `{"enabled":true,"restartAttemptPeriod":60}`, 2 * time.Minute, 1, false},
		{"one that did not stops its task", `{"enabled":true,"restartAttemptPeriod":180}`, 2 * time.Minute, 1, true},
		{"an ignored code stops its task", `{"enabled":true,"restartAttemptPeriod":60,"ignoredExitCodes":[1]}`, 2 * time.Minute, 1, true},
		{"a policy that is off changes nothing", `{"enabled":false}`, 2 * time.Minute, 1, true},
		{"the period is five minutes by default", `{"enabled":true}`, 6 * time.Minute, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.PushImage("web", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(c.exit), Code: c.code}})
			w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+`"containerDefinitions":[
				{"name":"app","image":"`+w.RegistryHost()+`/web:1","restartPolicy":`+c.policy+`}]}`)
			w.ask("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"web",`+inSubnets+`"desiredCount":1}`)
			w.run(30 * time.Minute)
			assert.Equal(t, c.stops, len(w.stops()) > 0)
		})
	}
}

func TestARequestWithAMemberThatNobodyReadsIsNamed(t *testing.T) {
	w := newWorld(t, Config{})
	var warned []string
	w.Server().Warn(func(text string) { warned = append(warned, text) })
	_, err := w.asked("ListServices", `{"cluster":"shop","resourceManagementType":"ECS","newThing":1,"launchType":"EC2"}`)
	require.NoError(t, err, "in memory it is a warning")
	assert.Equal(t, []string{"ecssim does not model the members newThing, resourceManagementType of ListServices"}, warned)
	_, err = w.asked("DescribeClusters", `{"clusters":["shop"],"include":[],"tags":[],"more":false}`)
	require.NoError(t, err)
	assert.Len(t, warned, 1, "a value that asks for nothing is no loss")
}

func TestTheSameClientTokenRunsOneTask(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"job",`+onFargate+oneApp+`}`)
	run := func(token, more string) (wire.Object, error) {
		return w.asked("RunTask", `{"cluster":"shop","taskDefinition":"job",`+inSubnets+more+`"clientToken":"`+token+`"}`)
	}
	first, err := run("a", "")
	require.NoError(t, err)
	again, err := run("a", "")
	require.NoError(t, err)
	assert.Equal(t, first.Objects("tasks")[0].String("taskArn"), again.Objects("tasks")[0].String("taskArn"))
	other, err := run("b", "")
	require.NoError(t, err)
	assert.NotEqual(t, first.Objects("tasks")[0].String("taskArn"), other.Objects("tasks")[0].String("taskArn"))
	_, err = run("a", `"startedBy":"me",`)
	assert.ErrorContains(t, err, "ConflictException")
	w.run(25 * time.Hour)
	later, err := run("a", "")
	require.NoError(t, err)
	assert.NotEqual(t, first.Objects("tasks")[0].String("taskArn"), later.Objects("tasks")[0].String("taskArn"))
}
