package dynamo

import (
	_ "embed" // the reserved words
	"strings"
	"unicode/utf8"
)

// token is a part of an expression: a name, a placeholder, a number or an operator.
type token struct {
	text string
	at   int // the offset in the expression
}

// lex splits an expression. A character that begins no token becomes a token of its
// own, which the parser refuses.
func lex(text string) []token {
	var tokens []token
	for at := 0; ; {
		rest := strings.TrimLeft(text[at:], blanks)
		at = len(text) - len(rest)
		if rest == "" {
			return tokens
		}
		n := tokenLength(rest)
		if n == 0 {
			_, n = utf8.DecodeRuneInString(rest)
		}
		tokens = append(tokens, token{rest[:n], at})
		at += n
	}
}

const blanks = " \t\r\n"

// tokenLength returns the length of the first token of a text; 0 means none.
func tokenLength(text string) int {
	if c := text[0]; isWord(c) || c == '#' || c == ':' {
		n := 1
		for n < len(text) && isWord(text[n]) {
			n++
		}
		return n
	}
	for _, operator := range []string{"<>", "<=", ">=", "(", ")", "[", "]", ",", ".", "=", "<", ">", "+", "-"} {
		if strings.HasPrefix(text, operator) {
			return len(operator)
		}
	}
	return 0
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// reservedWords are AWS's reserved words, one a line: Amazon DynamoDB Developer Guide,
// "Reserved words in DynamoDB".
//
//go:embed reserved.txt
var reservedWords string

// reserved reports whether a word needs a placeholder.
func reserved(word string) bool {
	line := strings.ToUpper(word) + "\n"
	return strings.HasPrefix(reservedWords, line) || strings.Contains(reservedWords, "\n"+line)
}
