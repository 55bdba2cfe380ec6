package ecssim

import (
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/secretsmanager"
	"homeostat/shared/sim/ecssim/ssm"
	"homeostat/shared/sim/ecssim/wire"
)

// secretChange is a change of the value of a secret or a parameter.
type secretChange struct {
	secret string
	at     time.Time
}

// ChangeSecret gives a secret or a parameter another value that works. It is named as in
// SecretTrouble. Tasks read it at their start.
func (s *Sim) ChangeSecret(secret string) {
	s.locked(func() { s.faults.changes = append(s.faults.changes, secretChange{secret, s.Now()}) })
}

// EndSecret gives a secret or a parameter another value that works, and the earlier one
// works no longer: each running task that holds it exits with 1 within a time. ECS gives a
// task its values at its start only
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
func (s *Sim) EndSecret(secret string, within time.Duration) {
	s.locked(func() {
		s.faults.changes = append(s.faults.changes, secretChange{secret, s.Now()})
		for _, c := range s.clusters {
			for _, t := range slices.Clone(c.order) {
				if t.last > taskRunning || !t.td.reads(secret) {
					continue
				}
				t.later(time.Duration(s.entropy.chance.Float64()*float64(within)), func() {
					t.wrongSecret = true
					t.exit(1, false)
				})
			}
		}
	})
}

// reads reports whether a container reads the secret.
func (td *taskDefinition) reads(secret string) bool {
	for _, c := range td.containers {
		for _, s := range c.secrets {
			if namesSecret(s.from, secret) {
				return true
			}
		}
	}
	return false
}

// changesOf returns the times at which a source was changed until now. The end of a fault
// is a change too, because somebody repairs the value.
func (s *Sim) changesOf(from string) []time.Time {
	var out []time.Time
	add := func(secret string, times ...time.Time) {
		for _, at := range times {
			if namesSecret(from, secret) && !at.After(s.Now()) {
				out = append(out, at)
			}
		}
	}
	for _, c := range s.faults.changes {
		add(c.secret, c.at)
	}
	for _, t := range s.faults.secrets {
		if t.How != SecretDenied {
			add(t.Secret, t.since, t.Until)
		}
	}
	return out
}

// deletedSince returns the time since which a source is deleted; zero if it is there.
func (s *Sim) deletedSince(from string) time.Time {
	for _, t := range s.faults.secrets {
		if t.How == SecretDeleted && namesSecret(from, t.Secret) && s.Now().Before(t.Until) {
			return t.since
		}
	}
	return time.Time{}
}

// lastChange returns the time of the last change of a source.
func (s *Sim) lastChange(from string) time.Time {
	return slices.MaxFunc(append(s.changesOf(from), s.sourcesCreated()), time.Time.Compare)
}

// sourcesCreated returns the time of the creation of all secrets and parameters.
func (s *Sim) sourcesCreated() time.Time { return s.config.Start.Add(-sourceAge) }

// sources returns the sources of secrets that exist, because a task definition or a fault
// names them. They are sorted.
func (s *Sim) sources() []string {
	found := map[string]bool{}
	for _, f := range s.families {
		for _, td := range f.revisions {
			for _, c := range td.spec.Objects("containerDefinitions") {
				addSources(found, c)
			}
		}
	}
	for _, t := range s.faults.secrets {
		s.addNamed(found, t.Secret)
	}
	for _, c := range s.faults.changes {
		s.addNamed(found, c.secret)
	}
	return slices.Sorted(maps.Keys(found))
}

// addNamed adds a secret that a fault names, unless a definition names it.
func (s *Sim) addNamed(found map[string]bool, secret string) {
	for from := range found {
		if namesSecret(from, secret) {
			return
		}
	}
	if !strings.HasPrefix(secret, "/") {
		secret = s.secretARN(secret)
	}
	found[secret] = true
}

func addSources(found map[string]bool, container wire.Object) {
	options := container.Object("logConfiguration").Objects("secretOptions")
	for _, secret := range append(container.Objects("secrets"), options...) {
		found[secret.String("valueFrom")] = true
	}
	found[container.Object("repositoryCredentials").String("credentialsParameter")] = true
	delete(found, "")
}

// stores are the secrets and parameters of the account.
type stores struct{ sim *Sim }

// Secrets implements secretsmanager.Secrets.
func (s stores) Secrets() []secretsmanager.Secret {
	found := map[string]secretsmanager.Secret{}
	for _, from := range s.sim.sources() {
		rest, ok := strings.CutPrefix(from, s.sim.account.ARN("secretsmanager", "secret:"))
		if !ok {
			continue
		}
		own, _, _ := strings.Cut(rest, ":")
		name, arn := own, s.sim.secretARN(own)
		if hasSecretEnd(own) {
			name, arn = own[:len(own)-secretSuffix], s.sim.account.ARN("secretsmanager", "secret:"+own)
		}
		found[name] = secretsmanager.Secret{
			Name: name, ARN: arn, Created: s.sim.sourcesCreated(), Changed: s.sim.lastChange(arn), Deleted: s.sim.deletedSince(arn),
		}
	}
	var out []secretsmanager.Secret
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}

// hasSecretEnd reports whether a text ends like the ARN of a secret. Assumed: no name of a
// secret ends like that.
func hasSecretEnd(text string) bool {
	at := len(text) - secretSuffix
	return at > 0 && text[at] == '-' && !strings.ContainsFunc(text[at+1:], func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// Parameters implements ssm.Parameters. The ARN parameter/db names the parameter db, and
// parameter/shop/db names /shop/db. A deleted parameter is gone at once.
func (s stores) Parameters() []ssm.Parameter {
	found := map[string]ssm.Parameter{}
	for _, from := range s.sim.sources() {
		name, ok := strings.CutPrefix(from, s.sim.account.ARN("ssm", "parameter/"))
		switch {
		case ok && strings.Contains(name, "/"):
			name = "/" + name
		case !ok && strings.HasPrefix(from, "arn:"):
			continue
		case !ok:
			name = from
		}
		if s.sim.deletedSince(from).IsZero() {
			found[name] = ssm.Parameter{Name: name, Changed: s.sim.lastChange(from), Version: 1 + len(s.sim.changesOf(from))}
		}
	}
	var out []ssm.Parameter
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}
