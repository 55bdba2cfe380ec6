package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/sim/ecssim"
	"homeostat/tests/artefact"
	"homeostat/tests/runtimeapi"
)

//go:embed python/handler.py
var handler []byte

// ErrNoPython reports that Python or boto3 is missing, so that there is no
// comparison.
var ErrNoPython = errors.New("python3 with boto3 is not installed")

// ColdStart holds the times from the start of a function to its first answer.
type ColdStart struct {
	Name  string
	Times []time.Duration
	// Memory is the highest resident memory of all runs, in bytes.
	Memory int64
}

// Median returns the median time.
func (c ColdStart) Median() time.Duration { return quantile(c.Times, 0.5) }

// P90 returns the time that one run in ten exceeds.
func (c ColdStart) P90() time.Duration { return quantile(c.Times, 0.9) }

func quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// starter is one kind of function.
type starter struct {
	result ColdStart
	spec   runtimeapi.Spec
}

// ColdStarts starts the heal function and the Python handler alternately. Each
// start is a new process with the same event, except for its IDs, on the same
// simulated account. Without Python the error is ErrNoPython, and ours is valid.
func ColdStarts(ctx context.Context, runs int) (ours, python ColdStart, err error) {
	dir, err := os.MkdirTemp("", "homeostat-bench-")
	if err != nil {
		return ours, python, fmt.Errorf("creating a folder for the functions: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries, err := artefact.Build(ctx, dir, runtime.GOARCH)
	if err != nil {
		return ours, python, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	account, event, err := failedTask(ctx)
	if err != nil {
		return ours, python, err
	}
	kinds := []*starter{{
		result: ColdStart{Name: "ours"},
		spec:   account.Function(contract.FunctionHeal, binaries[contract.FunctionHeal], ""),
	}}
	missing := error(nil)
	if spec, err := pythonSpec(ctx, account, dir); err == nil {
		kinds = append(kinds, &starter{result: ColdStart{Name: "python"}, spec: spec})
	} else {
		missing = err
	}
	if err := takeTurns(ctx, kinds, event, runs); err != nil {
		return ours, python, err
	}
	// An answer alone may hide a dropped event.
	episodes, err := account.Store.Episodes(ctx, account.Service(cluster, "web"), runs+1)
	if err != nil {
		return ours, python, err
	}
	if len(episodes) != runs+1 {
		return ours, python, fmt.Errorf("only %d of %d events were handled in full", len(episodes), runs+1)
	}
	ours = kinds[0].result
	if len(kinds) > 1 {
		python = kinds[1].result
	}
	return ours, python, missing
}

// takeTurns starts every kind once without measuring, to fill the disk cache. It
// then starts them the given number of times, each in turn first.
func takeTurns(ctx context.Context, kinds []*starter, event failureEvent, runs int) error {
	for run := range runs + 1 {
		order := slices.Clone(kinds)
		if run%2 == 1 {
			slices.Reverse(order)
		}
		for _, kind := range order {
			payload, err := event.payload(kind.result.Name, run)
			if err != nil {
				return err
			}
			took, memory, err := once(ctx, kind.spec, payload)
			if err != nil {
				return fmt.Errorf("starting %s: %w", kind.result.Name, err)
			}
			if run > 0 {
				kind.result.Times = append(kind.result.Times, took)
				kind.result.Memory = max(kind.result.Memory, memory)
			}
		}
	}
	return nil
}

const (
	invocationTime = 30 * time.Second
	answered       = `{"batchItemFailures":[]}`
)

// once starts one process with one event. The event is ready before the start.
func once(ctx context.Context, spec runtimeapi.Spec, payload []byte) (took time.Duration, memory int64, err error) {
	f, err := runtimeapi.Start(ctx, spec)
	if err != nil {
		return 0, 0, err
	}
	defer f.Stop()
	ctx, cancel := context.WithTimeout(ctx, invocationTime)
	defer cancel()
	answer, err := f.Invoke(ctx, payload, time.Now().Add(invocationTime))
	if err != nil {
		return 0, 0, err
	}
	if !sameJSON(answer.Payload) {
		return 0, 0, fmt.Errorf("it answered %s: %s", answer.Payload, f.Stderr())
	}
	return answer.At.Sub(f.StartedAt), f.MaxMemory(), nil
}

func sameJSON(payload []byte) bool {
	var compact bytes.Buffer
	return json.Compact(&compact, payload) == nil && compact.String() == answered
}

// failureEvent is the event of a failed task, with the ID of the task.
type failureEvent struct{ event, task, id string }

// payload returns the event for another task, because a duplicate needs less time.
func (e failureEvent) payload(kind string, run int) ([]byte, error) {
	body := bytes.ReplaceAll([]byte(e.event), []byte(e.task), fmt.Appendf(nil, "%032x", run+1))
	body = bytes.ReplaceAll(body, []byte(e.id), fmt.Appendf(nil, "%s-%d", kind, run))
	return artefact.Batch(contract.FunctionHeal, string(body))
}

// failedTask returns an account with a task that has just failed, and its event.
func failedTask(ctx context.Context) (*artefact.Account, failureEvent, error) {
	now := time.Now()
	account, err := artefact.NewAccount(ctx, now.Add(-time.Hour))
	if err != nil {
		return nil, failureEvent{}, err
	}
	sim := account.Sim
	sim.AddCluster(cluster)
	sim.PushImage("shop/web", "stable", ecssim.Behaviour{
		Exit: ecssim.Exit{Probability: 1, After: ecssim.Delay{Median: 25 * time.Minute, Sigma: 0.3}, Code: 1},
	})
	definition, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "shop/web:stable"}},
	})
	if err != nil {
		return nil, failureEvent{}, fmt.Errorf("making the service: %w", err)
	}
	_, err = sim.CreateService(ecssim.ServiceSpec{
		Cluster: cluster, Name: "web", TaskDefinition: definition, Desired: 2, LoadBalanced: true,
		Tags: map[string]string{contract.TagMode: "observe"},
	})
	if err != nil {
		return nil, failureEvent{}, fmt.Errorf("making the service: %w", err)
	}
	sim.RunUntil(now)
	event, err := latestFailure(account.Take(contract.FunctionHeal))
	return account, event, err
}

func latestFailure(events []string) (found failureEvent, err error) {
	for _, raw := range slices.Backward(events) {
		var e struct {
			ID     string `json:"id"`
			Detail struct {
				LastStatus string `json:"lastStatus"`
				StopCode   string `json:"stopCode"`
				TaskARN    string `json:"taskArn"`
			} `json:"detail"`
		}
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			return found, fmt.Errorf("reading an event: %w", err)
		}
		if e.Detail.LastStatus == "STOPPED" && e.Detail.StopCode == "EssentialContainerExited" {
			return failureEvent{event: raw, task: filepath.Base(e.Detail.TaskARN), id: e.ID}, nil
		}
	}
	return found, errors.New("no task of the simulated service failed")
}

// pythonSpec returns the Python handler as a function of the same account.
func pythonSpec(ctx context.Context, account *artefact.Account, dir string) (runtimeapi.Spec, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return runtimeapi.Spec{}, ErrNoPython
	}
	if exec.CommandContext(ctx, python, "-c", "import boto3").Run() != nil {
		return runtimeapi.Spec{}, ErrNoPython
	}
	script := filepath.Join(dir, "handler.py")
	if err := os.WriteFile(script, handler, 0o600); err != nil {
		return runtimeapi.Spec{}, fmt.Errorf("writing the Python handler: %w", err)
	}
	spec := account.Function("python", "", "")
	spec.Command = []string{python, script}
	// boto3 may be in the user's packages or in a virtual environment.
	for _, name := range []string{"HOME", "PYTHONPATH", "VIRTUAL_ENV"} {
		if value := os.Getenv(name); value != "" {
			spec.Environment[name] = value
		}
	}
	return spec, nil
}
