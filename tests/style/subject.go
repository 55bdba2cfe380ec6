package style

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxSubject = 80                 // characters of a commit subject: git log shows them in one line of a terminal
	began      = "docs/glossary.md" // the commit that added this file is the last one that is not checked
	hashLen    = 7                  // digits of a hash in a message
)

// Commit is a commit of the history.
type Commit struct{ Hash, Subject string }

// CheckSubjects returns one line for each problem of a commit subject.
func (r *Rules) CheckSubjects(commits []Commit) []string {
	var out []string
	for _, c := range commits {
		short := c.Hash[:min(hashLen, len(c.Hash))]
		for _, problem := range r.subject(short, c.Subject) {
			out = append(out, fmt.Sprintf("commit %s %s: %s", short, quote(c.Subject), problem))
		}
	}
	return out
}

func (r *Rules) subject(hash, subject string) []string {
	var out []string
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9,/-]*: (\S.*)$`).FindStringSubmatch(subject)
	switch {
	case form == nil:
		out = append(out, `expected "area: what it does", with an area of lower-case letters, digits, commas, slashes and dashes`)
	case !r.verbs[strings.TrimRight(strings.Fields(form[1])[0], ",;")]:
		out = append(out, `begin with a verb after the colon, such as "add", "fix", "move"`)
	}
	if n := utf8.RuneCountInString(subject); n > maxSubject {
		out = append(out, fmt.Sprintf("%d characters, expected at most %d", n, maxSubject))
	}
	for _, m := range r.words.find(subject) {
		if !r.allowed(hash, m.found) {
			out = append(out, fmt.Sprintf("word %q: write %q", m.found, m.better))
		}
	}
	if r.allowed(hash, "*") {
		return nil
	}
	return out
}

// Log returns the commits after the addition of the glossary, without merges.
// If git cannot list them, the note gives the reason.
func Log(ctx context.Context, root string) (commits []Commit, note string) {
	shallow, err := git(ctx, root, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return nil, "commit subjects are not checked: this is no git repository, or git is not installed"
	}
	if strings.TrimSpace(shallow) == "true" {
		return nil, "commit subjects are not checked: the clone is shallow"
	}
	added, err := git(ctx, root, "log", "--diff-filter=A", "--format=%H", "--", began)
	if err != nil || strings.TrimSpace(added) == "" {
		return nil, "commit subjects are not checked: no commit adds " + began
	}
	all := strings.Fields(added)
	log, err := git(ctx, root, "log", "--no-merges", "--format=%H %s", all[len(all)-1]+"..HEAD")
	if err != nil {
		return nil, "commit subjects are not checked: " + err.Error()
	}
	for line := range strings.Lines(log) {
		hash, subject, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		commits = append(commits, Commit{Hash: hash, Subject: subject})
	}
	return commits, ""
}

func git(ctx context.Context, root string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
	return string(out), err
}
