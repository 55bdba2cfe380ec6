package decode

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func digit(c byte) bool { return c >= '0' && c <= '9' }

// string reads a JSON string at its opening quote. Without an escape the
// result shares the document's memory.
func (p *parser) string() (string, bool) {
	start := p.at + 1
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.at = i + 1
			return p.text[start:i], true
		case c == '\\':
			return p.escaped(start, i)
		case c < ' ':
			p.at = i
			return "", p.fail("no control character in a text")
		}
	}
	p.at = len(p.text)
	return "", p.fail("a closing quote")
}

// escaped reads on from the first backslash of a string.
func (p *parser) escaped(start, slash int) (string, bool) {
	var out strings.Builder
	out.WriteString(p.text[start:slash])
	p.at = slash
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return out.String(), true
		case c == '\\':
			if !p.escape(&out) {
				return "", false
			}
		case c < ' ':
			return "", p.fail("no control character in a text")
		default:
			out.WriteByte(c)
			p.at++
		}
	}
	return "", p.fail("a closing quote")
}

func (p *parser) escape(out *strings.Builder) bool {
	p.at++
	c := p.peek()
	if c == 'u' {
		return p.unicode(out)
	}
	at := strings.IndexByte(`"\/bfnrt`, c)
	if c == 0 || at < 0 {
		return p.fail("an escape")
	}
	out.WriteByte("\"\\/\b\f\n\r\t"[at])
	p.at++
	return true
}

// unicode reads uXXXX, and a second one where the first is half of a pair. A
// half without the other becomes the replacement character, as in
// encoding/json.
func (p *parser) unicode(out *strings.Builder) bool {
	first, ok := p.hex()
	if !ok {
		return false
	}
	if !utf16.IsSurrogate(first) {
		out.WriteRune(first)
		return true
	}
	if !strings.HasPrefix(p.text[p.at:], `\u`) {
		out.WriteRune(utf8.RuneError)
		return true
	}
	back := p.at
	p.at++
	second, ok := p.hex()
	if !ok {
		return false
	}
	r := utf16.DecodeRune(first, second)
	if r == utf8.RuneError {
		p.at = back
	}
	out.WriteRune(r)
	return true
}

// hex reads uXXXX at the u.
func (p *parser) hex() (rune, bool) {
	p.at++
	var r rune
	for range 4 {
		switch c := p.peek(); {
		case digit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, p.fail("four hexadecimal digits")
		}
		p.at++
	}
	return r, true
}

func (p *parser) number(self int32) bool {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return false
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return false
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return false
		}
	}
	p.nodes[self].kind, p.nodes[self].text = kindNumber, p.text[start:p.at]
	return true
}

func (p *parser) digits() bool {
	if !digit(p.peek()) {
		return p.fail("a digit")
	}
	for digit(p.peek()) {
		p.at++
	}
	return true
}
