package observe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// mark stands for what was taken out. It is one byte long, so that a text
	// never grows.
	mark = "*"
	// readLimit is how many bytes of log lines are looked through.
	readLimit = 64 << 10
	// keepLimit is how many bytes of them are kept, lineLimit of one.
	keepLimit = 8 << 10
	lineLimit = 2 << 10
)

// pattern finds secrets. The secret is all of the match, or the one group of it
// that took part.
type pattern struct {
	find  *regexp.Regexp
	whole bool
	// harmless says of a match that it only looks like a secret; nil of none.
	harmless func(match string) bool
}

// Redact takes out of the lines what looks like a secret or like a person, by
// the patterns that are built in and by further ones, and keeps the newest
// lines up to 8 KiB. What it takes out, it takes out once more of what is left,
// until nothing is found: what it gives holds no match.
func Redact(lines []string, further ...*regexp.Regexp) []string {
	all := patterns()
	for _, p := range further {
		all = append(all, pattern{find: p, whole: true})
	}
	text := clean(strings.Join(newestLines(lines), "\n"), all)
	// To shorten a line may make a secret of what was none.
	return split(clean(strings.Join(shortened(split(text)), "\n"), all))
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// newestLines are the newest lines that are looked through. A line is never cut
// here: its secret might lose the name that it is known by.
func newestLines(lines []string) []string {
	var kept []string
	size := 0
	for _, line := range slices.Backward(lines) {
		line = printable(line)
		if len(line) > readLimit {
			line = fmt.Sprintf("(a line of %d bytes is left out)", len(line))
		}
		if size += len(line) + 1; size > readLimit {
			break
		}
		kept = append(kept, line)
	}
	slices.Reverse(kept)
	return kept
}

// printable is the text without what moves a terminal's cursor or colours it:
// that could hide a part of a secret.
func printable(text string) string {
	text = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`).ReplaceAllString(strings.ToValidUTF8(text, "?"), "")
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// shortened are the newest lines that fit, long ones cut at their end.
func shortened(lines []string) []string {
	size := 0
	for i := len(lines) - 1; i >= 0; i-- {
		if end := lineLimit; len(lines[i]) > end {
			for !utf8.RuneStart(lines[i][end]) {
				end--
			}
			lines[i] = lines[i][:end]
		}
		if size += len(lines[i]) + 1; size > keepLimit {
			return lines[i+1:]
		}
	}
	return lines
}

// clean takes out what the patterns find until they find nothing. It ends:
// each round leaves fewer bytes that are no mark.
func clean(text string, all []pattern) string {
	for again := true; again; {
		again = false
		for _, p := range all {
			cleaned, found := p.takeOut(text)
			text, again = cleaned, again || found
		}
	}
	return text
}

func (p pattern) takeOut(text string) (cleaned string, found bool) {
	var out strings.Builder
	from := 0
	for _, at := range p.find.FindAllStringSubmatchIndex(text, -1) {
		start, end := at[0], at[1]
		for group := 2; group < len(at) && !p.whole; group += 2 {
			if at[group] >= 0 {
				start, end = at[group], at[group+1]
			}
		}
		if strings.Trim(text[start:end], mark) == "" || (p.harmless != nil && p.harmless(text[start:end])) {
			continue
		}
		out.WriteString(text[from:start] + mark)
		from, found = end, true
	}
	return out.String() + text[from:], found
}

// patterns are those that are built in. Those that take more of a line come
// first: what they leave is looked through by the others.
func patterns() []pattern {
	var all []pattern
	for _, expression := range []string{
		// Private keys, also where only one end of the block is there.
		`(?s)(-*BEGIN [A-Z ]*PRIVATE KEY.*?(?:END [A-Z ]*PRIVATE KEY-*|$))`,
		`((?:[A-Za-z0-9+/=]{16,}\s*)*-*END [A-Z ]*PRIVATE KEY-*)`,
		// Headers that identify somebody, to the end of the line.
		`(?i)\b(?:authorization|cookie)["']?[ \t]*[:=][ \t]*(\S[^\n]*)`,
		`(?i)\b(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/=-]{8,})`,
		// Values whose names say what they are.
		`(?i)(?:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|(?:api|access|private|signing|encryption|account|shared)[-_.]?key|sessionid|session[-_.]id)` +
			`[\w.-]*["']?[ \t]*(?:=>|:=|[:=])[ \t]*(?:"((?:[^"\\\n]|\\.)*)"?|'((?:[^'\\\n]|\\.)*)'?|([^\s"']\S*))`,
		// Users and passwords in URLs.
		`://[^\s/@:]*:(\S+)@`,
		`://([^\s/@:]+)@`,
		// Keys and tokens that are known by their form.
		`\b((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|AROA)[A-Z0-9]{12,})`,
		`\b(eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)+)`,
		`\b((?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_(?:live|test)_|npm_|AIza)[A-Za-z0-9_-]{10,})`,
		// Numbers that are written as those on payment cards are.
		`\b(\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}|\d{4}[ -]\d{6}[ -]\d{5})\b`,
		// E-mail addresses.
		`([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`,
	} {
		all = append(all, pattern{find: regexp.MustCompile(expression)})
	}
	return append(all,
		pattern{find: regexp.MustCompile(`\b(\d{13,19})\b`), harmless: notACard},
		pattern{find: regexp.MustCompile(`([A-Za-z0-9/+]{40,})`), harmless: notASecretKey},
	)
}

// notACard tells other long numbers, times in milliseconds say, from the
// numbers of payment cards: those have a digit by which they are checked.
func notACard(match string) bool {
	sum, double := 0, false
	for i := len(match) - 1; i >= 0; i-- {
		n := int(match[i] - '0')
		if double {
			n *= 2
			n = n/10 + n%10
		}
		sum, double = sum+n, !double
	}
	return sum%10 != 0
}

// notASecretKey tells paths and digests from an AWS secret key: 40 characters
// with digits and letters of both cases.
func notASecretKey(match string) bool {
	has := func(is func(rune) bool) bool { return strings.IndexFunc(match, is) >= 0 }
	return len(match) != 40 || !has(unicode.IsDigit) || !has(unicode.IsUpper) || !has(unicode.IsLower)
}
