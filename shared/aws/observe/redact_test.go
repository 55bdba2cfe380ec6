package observe_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/aws/observe"
)

func TestSecretsAreRemoved(t *testing.T) {
	key := "AKIA" + strings.Repeat("Z", 16)
	for name, c := range map[string]struct{ line, want string }{
		"an access key":                        {"using " + key + " in eu-central-1", "using * in eu-central-1"},
		"a temporary access key":               {"id=ASIA" + strings.Repeat("A", 16), "id=*"},
		"a secret key without its name":        {"key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE9 used", "key * used"},
		"a secret key with its name":           {"aws_secret_access_key = abc/def", "aws_secret_access_key = *"},
		"a bearer token":                       {"GET / bearer abcdef.ghijkl", "GET / bearer *"},
		"an authorization header":              {"Authorization: Bearer abc.def.ghi, retry", "Authorization: *"},
		"an authorization header in JSON":      {`"authorization": "Basic dXNlcjpwYXNz"`, `"authorization": *`},
		"a cookie":                             {"cookie: a=b; c=d", "cookie: *"},
		"a JSON web token":                     {"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "jwt * end"},
		"a token of GitHub":                    {"clone with ghp_abcdefghijklmnopqrst now", "clone with * now"},
		"a token of Slack":                     {"post xoxb-1234567890-abc", "post *"},
		"a password of a pair":                 {"user=shop password=hunter2 host=db", "user=shop password=* host=db"},
		"a password between quotes":            {`DB_PASSWORD="two words" retry`, `DB_PASSWORD="*" retry`},
		"a password between quotes with one":   {`password: "a\"b" x`, `password: "*" x`},
		"a password whose quote does not end":  {`password='two words`, "password='*"},
		"a password in JSON":                   {`{"password":"abc","user":"x"}`, `{"password":"*","user":"x"}`},
		"a password in a Go map":               {"map[passwd:abc user:x]", "map[passwd:* user:x]"},
		"a password in a URL":                  {"dial postgres://shop:s3cret@db:5432/shop failed", "dial postgres://shop:*@db:5432/shop failed"},
		"a password in a URL with an at sign":  {"redis://:p@ss:word@cache:6379", "redis://:*@cache:6379"},
		"a token as a user in a URL":           {"https://abcdef@github.com/x", "https://*@github.com/x"},
		"an e-mail address":                    {"no such user ada.lovelace+1@mail.example.com.", "no such user *."},
		"the number of a card":                 {"card 4111111111111111 declined", "card * declined"},
		"the number of a card in groups":       {"card 4111 1111 1111 1111 declined", "card * declined"},
		"the number of a card in other groups": {"card 3782-822463-10005 declined", "card * declined"},
		"colours inside a secret":              {"password=hun\x1b[31mter2", "password=*"},
		"a secret that is already taken out":   {"password=* token=***", "password=* token=***"},
		"half of a secret beside a mark":       {"password=*rest", "password=*"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, []string{c.want}, observe.Redact([]string{c.line})) })
	}
}

func TestTextsThatExplainAFailureAreKept(t *testing.T) {
	for _, line := range []string{
		"panic: runtime error: invalid memory address or nil pointer dereference",
		"goroutine 1 [running]: main.main() /src/cmd/web/main.go:42 +0x1d",
		"java.lang.OutOfMemoryError: Java heap space",
		"2026-01-05T06:00:00.123Z ERROR connect ECONNREFUSED 10.0.3.17:5432",
		"time=1767600000001 level=error msg=\"exit status 3\"",
		"pulled 123456789012.dkr.ecr.eu-central-1.amazonaws.com/web@sha256:" + strings.Repeat("0a", 32),
		"built from 3f786850e387550fdab836ed7e6dc881de23001b",
		"GET https://shop.example.com:8443/cart?id=7 502",
		"request 550e8400-e29b-41d4-a716-446655440000 failed",
		"basic checks passed, missing environment variable DATABASE_URL",
	} {
		assert.Equal(t, []string{line}, observe.Redact([]string{line}))
	}
}

func TestPrivateKeysAreRemovedCompletely(t *testing.T) {
	begin, end, body := "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", strings.Repeat("MIIEow", 10)
	for name, c := range map[string]struct{ lines, want []string }{
		"over several lines":       {[]string{"loading", begin, body, body, end, "done"}, []string{"loading", "*", "done"}},
		"with an end that is cut":  {[]string{"loading", begin, body, body}, []string{"loading", "*"}},
		"with a start that is cut": {[]string{body, body, end, "done"}, []string{"*", "done"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, observe.Redact(c.lines)) })
	}
}

func TestFurtherPatternsRemoveTheirMatches(t *testing.T) {
	customer := regexp.MustCompile(`(customer|client)-\d+`)
	assert.Equal(t, []string{"* and * left"}, observe.Redact([]string{"customer-17 and client-4 left"}, customer))
	for _, odd := range []string{``, `.*`, `\*`, `x*`, `[^*]|\*`} {
		assert.NotPanics(t, func() { observe.Redact([]string{"some text"}, regexp.MustCompile(odd)) }, odd)
	}
	assert.Equal(t, []string{"*"}, observe.Redact([]string{"some text"}, regexp.MustCompile(`.*`)))
}

func TestOnlyTheNewestLinesAreKept(t *testing.T) {
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("line %04d of a container that says much", i))
	}
	got := observe.Redact(many)
	assert.Equal(t, many[2000-len(got):], got)
	assert.LessOrEqual(t, len(strings.Join(got, "\n")), 8<<10)
	assert.Greater(t, len(strings.Join(got, "\n")), 8<<10-100)

	got = observe.Redact([]string{"first", strings.Repeat("ä", 3000), "last"})
	assert.Equal(t, []string{"first", strings.Repeat("ä", 1024), "last"}, got, "a long line loses its end")
	got = observe.Redact([]string{"first", strings.Repeat("x ", 50_000), "last"})
	assert.Equal(t, []string{"first", "(a line of 100000 bytes was removed)", "last"}, got)
	assert.Nil(t, observe.Redact(nil))
}

// secrets returns patterns like those of Redact, written down a second time.
func secrets() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`),
		regexp.MustCompile(`\beyJ[\w-]{5,}\.[\w-]+\.[\w-]+`),
		regexp.MustCompile(`[a-z.]+@[a-z]+\.[a-z]+`),
		regexp.MustCompile(`(?i)password=[^\s*"'\\]`),
		regexp.MustCompile(`://\w*:[^\s*@]+@`),
		regexp.MustCompile(`BEGIN [A-Z ]*PRIVATE KEY-----`),
		regexp.MustCompile(`\bcustomer-\d+`),
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("user=shop password=hunter2 postgres://a:b@c ada@example.com AKIA" + strings.Repeat("Z", 16))
	f.Add("-----BEGIN PRIVATE KEY-----\nMIIEow\nAuthorization: Bearer eyJhbGci.eyJzdWIi.c2ln\n4111 1111 1111 1111")
	f.Add("BEGIN PRIVATE KEY-----")
	f.Add(strings.Repeat("customer-1 \xff password=\"", 900))
	further := regexp.MustCompile(`customer-\d+`)
	f.Fuzz(func(t *testing.T, text string) {
		got := observe.Redact(strings.Split(text, "\n"), further)
		out := strings.Join(got, "\n")
		assert.LessOrEqual(t, len(out), 8<<10)
		assert.True(t, utf8.ValidString(out))
		for _, s := range secrets() {
			assert.Empty(t, s.FindString(out), "%q is left of %q", s, text)
		}
		assert.Equal(t, got, observe.Redact(got, further), "there is nothing left to take out")
	})
}
