package dynamo

import (
	_ "embed" // the reserved words
	"strings"
)

// lex splits an expression into names, placeholders, numbers and operators.
func lex(text string) ([]string, error) {
	var tokens []string
	for text = strings.TrimLeft(text, blanks); text != ""; text = strings.TrimLeft(text, blanks) {
		n := tokenLength(text)
		if n == 0 {
			return nil, invalid("Invalid expression: Syntax error; token: %q", text[:1])
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens, nil
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
