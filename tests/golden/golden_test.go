// Package golden pins the results of every sample event: the decoded trigger, the
// rules that deliver it, and its episode on a small fleet.
package golden_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/engine"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/pattern"
	"homeostat/shared/sim/rehearse"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is the pinned result of one sample.
type golden struct {
	// Rules names the rules that deliver the event. It is empty for an event
	// without EventBridge, or without a rule.
	Rules []string `json:"rules,omitempty"`
	// Triggers holds the decoded trigger of each record.
	Triggers []trigger `json:"triggers"`
	// Dropped holds the reasons of a dropped event.
	Dropped  []string  `json:"dropped,omitempty"`
	Episodes []episode `json:"episodes,omitempty"`
}

type trigger struct {
	Kind    string `json:"kind,omitempty"`
	Service string `json:"service,omitempty"`
	Cause   string `json:"cause,omitempty"`
	Family  string `json:"family,omitempty"`
	Row     string `json:"row,omitempty"`
	Error   string `json:"error,omitempty"`
}

type episode struct {
	Service  string   `json:"service"`
	Trigger  string   `json:"trigger"`
	Cause    string   `json:"cause,omitempty"`
	Decision string   `json:"decision"`
	Action   string   `json:"action,omitempty"`
	Verdict  string   `json:"verdict"`
	Result   string   `json:"result,omitempty"`
	Because  []string `json:"because"`
}

func samples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../events/*/*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), 60, "the samples are where they should be")
	return files
}

func TestEverySampleEventComesToItsGoldenEpisode(t *testing.T) {
	for _, file := range samples(t) {
		name := strings.TrimPrefix(file, "../../events/")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			got, err := json.MarshalIndent(react(t, raw), "", "  ")
			require.NoError(t, err)
			got = append(got, '\n')
			pinned := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(pinned), 0o755))
				require.NoError(t, os.WriteFile(pinned, got, 0o644))
			}
			want, err := os.ReadFile(pinned)
			require.NoError(t, err, "a new sample needs its golden file: go test ./tests/golden -update")
			assert.Equal(t, string(want), string(got))
		})
	}
}

func TestEveryEventWorthHandlingIsDeliveredByARule(t *testing.T) {
	for _, file := range samples(t) {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		if !overEventBridge(raw) {
			continue
		}
		out := decode.Events(raw)[0]
		require.NoError(t, out.Err, file)
		names := matching(t, raw)
		switch {
		case out.Trigger.Kind == fleet.Tick:
			assert.Empty(t, names, "%s: a schedule targets its function itself", file)
		case route.Of(out.Trigger.Kind).Find == route.Discarded:
			assert.Empty(t, names, "%s: what is ignored must not be paid for", file)
		case out.Trigger.Kind == fleet.ServiceAction && out.Trigger.Notice.Level == "INFO":
			assert.Empty(t, names, "%s: good news needs no look", file)
		case strings.Contains(file, "standalone"):
			assert.Empty(t, names, "%s: a task without a service has no evaluation", file)
		case strings.Contains(file, "untagged"):
			assert.Empty(t, names, "%s: a push without a tag moves no tag", file)
		case strings.Contains(file, "other-service"):
			assert.Empty(t, names, "%s: not about ECS", file)
		default:
			assert.Len(t, names, 1, file)
		}
	}
}

func TestEveryRuleHasASampleThatEndsInAnEpisode(t *testing.T) {
	ends := map[string]bool{}
	for _, file := range samples(t) {
		pinned, err := os.ReadFile(filepath.Join("testdata", strings.TrimPrefix(file, "../../events/")))
		require.NoError(t, err)
		var g golden
		require.NoError(t, json.Unmarshal(pinned, &g))
		for _, rule := range g.Rules {
			ends[rule] = ends[rule] || len(g.Episodes) > 0
		}
	}
	for _, rule := range route.Rules() {
		answered, sampled := ends[rule.Name]
		assert.True(t, sampled, "the rule %s needs a sample in events/", rule.Name)
		assert.True(t, answered, "no sample of the rule %s ends in an episode", rule.Name)
	}
}

func overEventBridge(raw []byte) bool {
	var envelope struct {
		DetailType string `json:"detail-type"`
	}
	return json.Unmarshal(raw, &envelope) == nil && envelope.DetailType != ""
}

func matching(t *testing.T, raw []byte) []string {
	t.Helper()
	var names []string
	for _, rule := range route.Rules() {
		text, err := rule.Pattern.JSON()
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), 2048, "EventBridge takes no longer pattern")
		compiled, err := pattern.Compile(text)
		require.NoError(t, err, rule.Name)
		if compiled.Matches(raw) {
			names = append(names, rule.Name)
		}
	}
	return names
}

// react sends the event through the pipeline of an account. The account has the
// services of the event, enrolled and stable.
func react(t *testing.T, raw []byte) golden {
	t.Helper()
	out := golden{}
	if overEventBridge(raw) {
		out.Rules = matching(t, raw)
	}
	outcomes := decode.Events(raw)
	for _, o := range outcomes {
		if o.Err != nil {
			out.Triggers = append(out.Triggers, trigger{Error: o.Err.Error()})
			continue
		}
		found := cause.Of(o.Trigger)
		shown := trigger{Kind: string(o.Trigger.Kind), Cause: string(found.Cause), Family: string(found.Family), Row: found.Row}
		if o.Trigger.Service != "" {
			shown.Service = o.Trigger.Cluster + "/" + o.Trigger.Service
		}
		out.Triggers = append(out.Triggers, shown)
	}
	sim, home, tag := accountFor(t, outcomes)
	raw = resident(t, sim, raw)
	deps, options, log := wiringOf(t, sim, home, tag)
	deps.Observer = describing{deps.Observer, decode.Events(raw)}
	options.OnEpisode = func(e fleet.Episode) { out.Episodes = append(out.Episodes, short(e)) }
	p, err := engine.New(deps, options)
	require.NoError(t, err)
	require.NoError(t, p.Handle(context.Background(), raw))
	for line := range strings.Lines(log.String()) {
		var dropped struct{ Msg, Reason string }
		require.NoError(t, json.Unmarshal([]byte(line), &dropped))
		if dropped.Msg == "dropping an event" {
			out.Dropped = append(out.Dropped, dropped.Reason)
		}
	}
	return out
}

func short(e fleet.Episode) episode {
	s := episode{
		Service: e.Ref.String(), Trigger: string(e.Trigger.Kind), Cause: string(e.Cause), Decision: string(e.Decision.Kind),
		Verdict: string(e.Verdict.Outcome), Result: e.Result.Status,
	}
	if e.Verdict.Action != nil {
		s.Action = rehearse.Describe(*e.Verdict.Action)
	}
	for _, why := range e.Why() {
		s.Because = append(s.Because, string(why.Name))
	}
	return s
}

// accountFor returns an account with the services of the events, or else shop/web. They
// are 20 minutes old and under load. tag is the watched tag.
func accountFor(t *testing.T, outcomes []decode.Outcome) (sim *ecssim.Sim, home fleet.Account, tag string) {
	t.Helper()
	home, refs, at, image := about(outcomes)
	sim = ecssim.New(ecssim.Config{Seed: 1, Start: at.Add(-20 * time.Minute), Account: home.ID, Region: home.Region, Partition: home.Partition})
	for _, ref := range refs {
		sim.AddCluster(ref.Cluster)
		sim.PushImage(image.Repository, image.Tag, ecssim.Behaviour{CapacityRPS: 100})
		definition, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
			Family: ref.Service, Containers: []ecssim.ContainerSpec{{Name: "app", Image: image.Repository + ":" + image.Tag}},
		})
		require.NoError(t, err)
		_, err = sim.CreateService(ecssim.ServiceSpec{
			Cluster: ref.Cluster, Name: ref.Service, TaskDefinition: definition, Desired: 2,
			LoadBalanced: true, LaunchType: launchType(outcomes), Tags: simtest.Mode("act"),
		})
		require.NoError(t, err)
		require.NoError(t, sim.SetLoad(ref.Cluster, ref.Service, func(time.Time) float64 { return 190 }, 0))
	}
	sim.RunUntil(at)
	sim.PushImage(image.Repository, image.Tag, ecssim.Behaviour{})
	return sim, home, image.Tag
}

// policyFor is the policy of the account: it watches the tag.
func policyFor(tag string) []byte { return []byte("version: 1\nredeploy: {tag: " + tag + "}\n") }

// wiringOf returns the parts of the pipeline on an account, and its log.
func wiringOf(t *testing.T, sim *ecssim.Sim, home fleet.Account, tag string) (deps engine.Deps, options engine.Options, log *bytes.Buffer) {
	t.Helper()
	cfg := simtest.ConfigOf(sim)
	cfg.Region = home.Region
	store := simtest.NewStore(t, sim)
	log = &bytes.Buffer{}
	deps, options = app.Assemble(cfg, app.Settings{Function: "golden", Home: home, Table: store.Table, Namespace: "Homeostat"},
		io.Discard, slog.New(slog.NewJSONHandler(log, nil)))
	chosen, err := policy.Parse("homeostat.yaml", policyFor(tag))
	require.NoError(t, err)
	options.Policy, options.Now = chosen, sim.Now
	return deps, options, log
}

// describing is an observer of an account that has the tasks of the events, as the events
// describe them.
type describing struct {
	engine.Observer
	outcomes []decode.Outcome
}

func (d describing) Described(_ context.Context, _ fleet.ServiceRef, _ []string) (map[string]*fleet.DescribedTask, error) {
	found := map[string]*fleet.DescribedTask{}
	for _, o := range d.outcomes {
		if t := o.Trigger; o.Err == nil && t.Stop != nil {
			found[t.Task] = &fleet.DescribedTask{Stop: *t.Stop, Deployment: t.Deployment, TaskDefinition: t.TaskDefinition}
		}
	}
	return found, nil
}

func about(outcomes []decode.Outcome) (home fleet.Account, refs []fleet.ServiceRef, at time.Time, image fleet.Image) {
	home = fleet.Account{Partition: "aws", ID: fixture.Account, Region: fixture.Region}
	at = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	image = fleet.Image{Repository: "shop/web", Tag: "stable"}
	for _, o := range outcomes {
		t := o.Trigger
		if t.Account != "" && t.Region != "" {
			home = fleet.Account{Partition: t.Partition, ID: t.Account, Region: t.Region}
		}
		if ref, ok := t.Ref(); ok && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
		if !t.At.IsZero() {
			at = t.At
		}
		if t.Image.Repository != "" {
			image.Repository = t.Image.Repository
		}
		if t.Image.Tag != "" {
			image.Tag = t.Image.Tag
		}
	}
	if len(refs) == 0 {
		refs = []fleet.ServiceRef{home.Ref("shop", "web")}
	}
	return home, refs, at, image
}
