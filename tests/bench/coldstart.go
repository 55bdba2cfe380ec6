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

// ErrNoPython means that there is nothing to compare with here.
var ErrNoPython = errors.New("python3 with boto3 is not here")

// ColdStart is what a kind of function took from its start to its first answer.
type ColdStart struct {
	Name  string
	Times []time.Duration
	// Memory is the most resident memory of any run, in bytes.
	Memory int64
}

// Median is the middle time.
func (c ColdStart) Median() time.Duration { return quantile(c.Times, 0.5) }

// P90 is the time that one run in ten exceeds.
func (c ColdStart) P90() time.Duration { return quantile(c.Times, 0.9) }

func quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// starter is one kind of function, ready to be started again and again.
type starter struct {
	result ColdStart
	spec   runtimeapi.Spec
}

// ColdStarts starts our heal function and, by turns, the Python handler, each
// in a new process with the same event (but for its ids) on the same simulated
// account. Without Python the error is ErrNoPython, and ours was measured.
func ColdStarts(ctx context.Context, runs int) (ours, python ColdStart, err error) {
	dir, err := os.MkdirTemp("", "homeostat-bench-")
	if err != nil {
		return ours, python, fmt.Errorf("making a place for the functions: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries, err := artefact.Build(ctx, dir, runtime.GOARCH)
	if err != nil {
		return ours, python, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	account, event, err := deadTask(ctx)
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
	// An answer alone may hide that the event was only dropped.
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

// takeTurns lets every kind run once uncounted, to fill the caches of the disk,
// and then the given number of times, the first in turn.
func takeTurns(ctx context.Context, kinds []*starter, event deadEvent, runs int) error {
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

// once is one process with one event. The event waits already when the process starts.
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

// deadEvent is an event of a task that died, and the id of that task.
type deadEvent struct{ event, task, id string }

// payload is the event as of another task each time: a duplicate would be less work.
func (e deadEvent) payload(kind string, run int) ([]byte, error) {
	body := bytes.ReplaceAll([]byte(e.event), []byte(e.task), fmt.Appendf(nil, "%032x", run+1))
	body = bytes.ReplaceAll(body, []byte(e.id), fmt.Appendf(nil, "%s-%d", kind, run))
	return artefact.Batch(contract.FunctionHeal, string(body))
}

// deadTask is an account with a service one of whose tasks has just died of
// its own fault, and the event that told of it.
func deadTask(ctx context.Context) (*artefact.Account, deadEvent, error) {
	now := time.Now()
	account, err := artefact.NewAccount(ctx, now.Add(-time.Hour))
	if err != nil {
		return nil, deadEvent{}, err
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
		return nil, deadEvent{}, fmt.Errorf("making the service: %w", err)
	}
	_, err = sim.CreateService(ecssim.ServiceSpec{
		Cluster: cluster, Name: "web", TaskDefinition: definition, Desired: 2, LoadBalanced: true,
		Tags: map[string]string{contract.TagMode: "observe"},
	})
	if err != nil {
		return nil, deadEvent{}, fmt.Errorf("making the service: %w", err)
	}
	sim.RunUntil(now)
	event, err := latestDeath(account.Take(contract.FunctionHeal))
	return account, event, err
}

func latestDeath(events []string) (found deadEvent, err error) {
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
			return deadEvent{event: raw, task: filepath.Base(e.Detail.TaskARN), id: e.ID}, nil
		}
	}
	return found, errors.New("no task of the simulated service died")
}

// pythonSpec is the Python handler as a function of the same account.
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
	// boto3 may live in the user's own packages, or in a virtual environment.
	for _, name := range []string{"HOME", "PYTHONPATH", "VIRTUAL_ENV"} {
		if value := os.Getenv(name); value != "" {
			spec.Environment[name] = value
		}
	}
	return spec, nil
}
