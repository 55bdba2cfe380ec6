package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind int

const (
	kindEnd kind = iota
	kindNumber
	kindName
	kindText
	kindSign
)

// token is a word of an expression, with its position in bytes.
type token struct {
	kind kind
	text string
	at   int
}

// signs are the operators and brackets, longer ones first.
func signs() []string {
	return []string{"<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "<", ">"}
}

// lex splits an expression into tokens. The last token is the end.
func lex(text string) ([]token, error) {
	var out []token
	for at := 0; at < len(text); {
		rest := text[at:]
		if c := rest[0]; c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			at++
			continue
		}
		t, err := next(rest)
		if err != nil {
			return nil, fmt.Errorf("at character %d: %w", utf8.RuneCountInString(text[:at])+1, err)
		}
		t.at = at
		out = append(out, t)
		at += len(t.text)
	}
	return append(out, token{at: len(text)}), nil
}

// next returns the first token of a text.
func next(rest string) (token, error) {
	switch c := rest[0]; {
	case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
		return token{kind: kindNumber, text: rest[:numberLength(rest)]}, nil
	case letter(c):
		end := 1
		for end < len(rest) && (letter(rest[end]) || digit(rest[end])) {
			end++
		}
		return token{kind: kindName, text: rest[:end]}, nil
	case c == '"' || c == '\'':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return token{}, fmt.Errorf("the text that begins here does not end")
		}
		return token{kind: kindText, text: rest[:end+2]}, nil
	}
	for _, sign := range signs() {
		if strings.HasPrefix(rest, sign) {
			return token{kind: kindSign, text: sign}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, fmt.Errorf("%q does not belong into an expression", r)
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// numberLength returns the length of 1, 1.5, .5 or 1e-3.
func numberLength(s string) int {
	end := 0
	digits := func() {
		for end < len(s) && digit(s[end]) {
			end++
		}
	}
	digits()
	if end < len(s) && s[end] == '.' {
		end++
		digits()
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		mark := end
		if end++; end < len(s) && (s[end] == '+' || s[end] == '-') {
			end++
		}
		if end == len(s) || !digit(s[end]) {
			return mark
		}
		digits()
	}
	return end
}
