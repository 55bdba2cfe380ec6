package observe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern finds secrets. The secret is the full match, or the one group that took
// part.
type pattern struct {
	find *regexp.Regexp
	full bool
	// harmless reports whether a match only resembles a secret; nil reports false.
	harmless func(match string) bool
}

// Redact removes secrets and personal data from the lines, by the built-in patterns
// and further ones. It keeps the newest lines up to 8 KiB. It repeats the removal
// until no pattern matches, so the result contains no match.
func Redact(lines []string, further ...*regexp.Regexp) []string {
	all := patterns()
	for _, p := range further {
		all = append(all, pattern{find: p, full: true})
	}
	text := clean(strings.Join(newestLines(lines), "\n"), all)
	// A shortened line may match although the full line did not.
	return split(clean(strings.Join(shortened(split(text)), "\n"), all))
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// newestLines returns the newest lines within the limit. It never cuts a line,
// because the secret in it might lose the name that identifies it.
func newestLines(lines []string) []string {
	var kept []string
	size := 0
	for _, line := range slices.Backward(lines) {
		line = printable(line)
		if len(line) > readLimit {
			line = fmt.Sprintf("(a line of %d bytes was removed)", len(line))
		}
		if size += len(line) + 1; size > readLimit {
			break
		}
		kept = append(kept, line)
	}
	slices.Reverse(kept)
	return kept
}

// printable removes terminal control sequences: cursor movements and colors could
// hide a part of a secret.
func printable(text string) string {
	text = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`).ReplaceAllString(strings.ToValidUTF8(text, "?"), "")
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// shortened returns the newest lines that fit. It cuts long lines at their end.
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

// clean removes matches until no pattern matches. It ends, because each round
// leaves fewer bytes other than the mask.
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
		for group := 2; group < len(at) && !p.full; group += 2 {
			if at[group] >= 0 {
				start, end = at[group], at[group+1]
			}
		}
		if strings.Trim(text[start:end], mask) == "" || (p.harmless != nil && p.harmless(text[start:end])) {
			continue
		}
		out.WriteString(text[from:start] + mask)
		from, found = end, true
	}
	return out.String() + text[from:], found
}

// patterns returns the built-in patterns. Patterns with long matches come first,
// and the others search the rest.
func patterns() []pattern {
	var all []pattern
	for _, expression := range []string{
		// Private keys, also with only one end of the block.
		`(?s)(-*BEGIN [A-Z ]*PRIVATE KEY.*?(?:END [A-Z ]*PRIVATE KEY-*|$))`,
		`((?:[A-Za-z0-9+/=]{16,}\s*)*-*END [A-Z ]*PRIVATE KEY-*)`,
		// Headers with credentials or sessions, to the end of the line.
		`(?i)\b(?:authorization|cookie)["']?[ \t]*[:=][ \t]*(\S[^\n]*)`,
		`(?i)\b(?:bearer|basic)[ \t]+([A-Za-z0-9._~+/=-]{8,})`,
		// Values with names of secrets.
		`(?i)(?:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|(?:api|access|private|signing|encryption|account|shared)[-_.]?key|sessionid|session[-_.]id)` +
			`[\w.-]*["']?[ \t]*(?:=>|:=|[:=])[ \t]*(?:"((?:[^"\\\n]|\\.)*)"?|'((?:[^'\\\n]|\\.)*)'?|([^\s"']\S*))`,
		// Users and passwords in URLs.
		`://[^\s/@:]*:(\S+)@`,
		`://([^\s/@:]+)@`,
		// Keys and tokens with a known form.
		`\b((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|AROA)[A-Z0-9]{12,})`,
		`\b(eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)+)`,
		`\b((?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_(?:live|test)_|npm_|AIza)[A-Za-z0-9_-]{10,})`,
		// Numbers in the form of payment cards.
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

// notACard reports whether a long number has no valid check digit of a payment
// card, as times in milliseconds.
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

// notASecretKey reports whether the match is a path or a digest. An AWS secret key
// has 40 characters, with digits and letters of both cases.
func notASecretKey(match string) bool {
	has := func(is func(rune) bool) bool { return strings.IndexFunc(match, is) >= 0 }
	return len(match) != secretKeyLength || !has(unicode.IsDigit) || !has(unicode.IsUpper) || !has(unicode.IsLower)
}
