package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/policy"
)

func examineFunctions(in Installation, _ time.Time) []Finding {
	s := collector{check: checkFunctions}
	for _, name := range contract.Functions() {
		i := slices.IndexFunc(in.Functions, func(f Function) bool { return f.Name == name })
		if i < 0 {
			s.add(Broken, name, "is not in the stack", deployAgain)
			continue
		}
		examineFunction(&s, in, in.Functions[i])
	}
	examineEndpoints(&s, in.Functions)
	return s.orFine(fmt.Sprintf("%d functions are active", len(in.Functions)))
}

func examineFunction(s *collector, in Installation, f Function) {
	switch {
	case f.State == "":
		s.add(Broken, f.Name, "the stack names "+f.Physical+", and it does not exist in Lambda", deployAgain)
		return
	case f.State != "Active":
		s.add(Broken, f.Name, "is "+f.State, "Wait if it is Pending, otherwise deploy the stack again.")
	case f.UpdateStatus == "Failed":
		s.add(Broken, f.Name, "its latest update failed, and the previous code still runs", deployAgain)
	}
	if f.Reserved != nil && *f.Reserved == 0 {
		s.add(Broken, f.Name, "its reserved concurrency is 0, so it is never invoked", "Remove it with `aws lambda delete-function-concurrency --function-name "+f.Physical+"`, or use `homeostat freeze` to suspend its changes.")
	}
	for _, want := range []struct{ name, value string }{
		{contract.EnvTable, in.Table.Name}, {contract.EnvAccount, in.Home.ID}, {contract.EnvNotifyTopic, in.Topic.ARN},
	} {
		if got := f.Environment[want.name]; got != want.value && want.value != "" {
			s.add(Broken, f.Name, fmt.Sprintf("its variable %s is %q, expected %q", want.name, got, want.value), deployAgain)
		}
	}
}

// examineEndpoints notes each custom endpoint once, with the functions that use
// it.
func examineEndpoints(s *collector, functions []Function) {
	calls := map[string][]string{}
	for _, f := range functions {
		for _, name := range sortedKeys(f.Environment) {
			if strings.HasPrefix(name, "AWS_ENDPOINT_URL") {
				what := f.Environment[name] + " is called instead of AWS (" + name + ")"
				calls[what] = append(calls[what], f.Name)
			}
		}
	}
	for _, what := range sortedKeys(calls) {
		s.add(Note, strings.Join(calls[what], ", "), what, "")
	}
}

func examineSources(in Installation, _ time.Time) []Finding {
	s := collector{check: checkSources}
	known := map[string]bool{}
	for _, q := range in.Queues {
		known[q.ARN] = !q.Dead
	}
	for _, f := range in.Functions {
		fed := false
		for _, source := range f.Sources {
			switch {
			case !known[source.Queue]:
				continue
			case source.State == "Enabled":
				fed = true
			default:
				fed = true
				s.add(Broken, f.Name, "its event source is "+source.State, "Enable it with `aws lambda update-event-source-mapping --uuid "+source.ID+" --enabled`.")
			}
			if strings.HasPrefix(source.LastResult, "PROBLEM") {
				s.add(Broken, f.Name, "its event source reports "+source.LastResult, deployAgain)
			}
		}
		if !fed && f.State != "" {
			s.add(Broken, f.Name, "no queue of the stack invokes it", deployAgain)
		}
	}
	return s.orFine(fmt.Sprintf("%d functions are invoked by their queues", len(in.Functions)))
}

// examinePolicy reports the policy of the functions and the cap of its mode.
func examinePolicy(in Installation, _ time.Time) []Finding {
	s := collector{check: checkPolicy}
	caps := map[string]bool{}
	for _, f := range in.Functions {
		caps[f.Environment[contract.EnvMode]] = true
	}
	if len(caps) > 1 {
		s.add(Warning, "", "the functions cap the mode differently ("+contract.EnvMode+")", deployAgain)
	} else if limit := Cap(in); limit != "" && limit != policy.Act {
		s.add(Note, "", fmt.Sprintf("every service's mode is capped at %s", limit), "")
	}
	switch p := in.Policy; {
	case !p.Bundled:
		return s.orFine("no policy is bundled: the built-in default applies, and the mode is observe unless the tag sets another")
	case p.Fault != "":
		s.add(Broken, "", "the bundled policy is invalid: "+p.Fault, "Check it with `homeostat lint FILE` and deploy again with `-c policy=FILE`.")
	case p.Parsed == nil:
		s.add(Unknown, "", "the bundled policy was not read", readOnly)
	}
	return s.orFine("the bundled policy is sha256 " + short(in.Policy.Hash))
}

func short(hash string) string { return hash[:min(12, len(hash))] }

// Cap returns the highest mode that the environment of the functions permits. An
// empty mode means no cap.
func Cap(in Installation) policy.Mode {
	for _, f := range in.Functions {
		if mode := policy.Mode(f.Environment[contract.EnvMode]); mode != "" {
			return mode
		}
	}
	return ""
}

// examinePermissions groups the denied actions by function, so that one missing
// statement is one finding.
func examinePermissions(in Installation, _ time.Time) []Finding {
	s := collector{check: checkPermissions}
	denied, by := map[string][]string{}, map[string]string{}
	for _, p := range in.Permits {
		if !p.Allowed {
			denied[p.Function] = append(denied[p.Function], p.Action)
			by[p.Function] = p.By
		}
	}
	for _, function := range sortedKeys(denied) {
		slices.Sort(denied[function])
		actions := slices.Compact(denied[function])
		fix := deployAgain
		if strings.Contains(by[function], "explicitDeny") || strings.Contains(by[function], "organization") {
			fix = "Ask the owner of the permissions boundary or of the organization's policies to allow them for the role."
		}
		s.add(Broken, function, "its role lacks "+strings.Join(actions, ", ")+" ("+by[function]+")", fix)
	}
	if slices.ContainsFunc(in.Functions, func(f Function) bool { return f.Environment[contract.EnvPin] == "false" }) {
		s.add(Note, "", contract.WithoutPin+": "+contract.NotPinning, "")
	}
	if len(in.Permits) == 0 {
		s.add(Unknown, "", "the permissions of the functions' roles were not simulated", readOnly)
	}
	return s.orFine(fmt.Sprintf("%d actions of the functions' roles are allowed", len(in.Permits)))
}
