package decide

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// draft is a reason under construction.
type draft fleet.Reason

// because returns a reason with a headline. A headline of more than maxHeadline
// characters is cut after a clause, and the rest begins the detail.
func because(name reason.Name, format string, args ...any) draft {
	return becauseText(name, fmt.Sprintf(format, args...))
}

// becauseText returns a reason with a headline, as because does.
func becauseText(name reason.Name, text string) draft {
	headline, rest := cutHeadline(text)
	return draft{Name: name, Text: headline, Detail: rest}
}

// detail adds a text to the detail; an empty one adds nothing.
func (d draft) detail(text string) draft {
	switch {
	case text == "":
	case d.Detail == "":
		d.Detail = text
	default:
		d.Detail += "; " + text
	}
	return d
}

// with replaces the fields. A field without a value is left out.
func (d draft) with(fields ...fleet.Field) draft {
	d.Fields = slices.DeleteFunc(fields, func(f fleet.Field) bool { return f.Value == "" })
	return d
}

// str returns a field with a text.
func str[S ~string](key string, value S) fleet.Field {
	return fleet.Field{Key: key, Value: string(value)}
}

// num returns a field with a number.
func num(key string, value int) fleet.Field {
	return fleet.Field{Key: key, Value: strconv.Itoa(value)}
}

// at returns a field with a time in UTC by RFC 3339; without a value for no time.
func at(key string, value time.Time) fleet.Field {
	if value.IsZero() {
		return fleet.Field{Key: key}
	}
	return fleet.Field{Key: key, Value: value.UTC().Format(time.RFC3339)}
}

// span returns a field with a duration.
func span(key string, value time.Duration) fleet.Field {
	return fleet.Field{Key: key, Value: value.String()}
}

// reason returns the finished reason.
func (d draft) reason() fleet.Reason { return fleet.Reason(d) }

// full returns the headline with the detail.
func (d draft) full() string { return d.reason().Full() }

// sentence returns the headline as a sentence of an alert.
func (d draft) sentence() string {
	if strings.HasSuffix(d.Text, "…") {
		return d.Text
	}
	return d.Text + "."
}

// noOp returns the reason without a decision.
func (d draft) noOp() (fleet.Decision, []fleet.Reason) {
	return d.noOpFor(0)
}

// noOpFor returns the reason without a decision, and the time to the next
// evaluation.
func (d draft) noOpFor(requeueAfter time.Duration) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{RequeueAfter: requeueAfter}, []fleet.Reason{d.reason()}
}

// alert returns a decision that notifies the operator.
func (d draft) alert(text string) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{Kind: fleet.Notify, Notify: text, Reasons: []fleet.Reason{d.reason()}}, nil
}

// cutHeadline returns the text as a headline of one line. It cuts a longer text
// after its last clause that fits, and returns the remainder. Without such a clause
// it cuts after a word, and returns the whole text too.
func cutHeadline(text string) (headline, rest string) {
	if strings.ContainsAny(text, "\n\r\t") {
		text = strings.Join(strings.Fields(text), " ")
	}
	text = strings.TrimRight(text, " .")
	if utf8.RuneCountInString(text) <= maxHeadline {
		return text, ""
	}
	limit := runes(text, maxHeadline)
	for i := limit; i >= minHeadline; i-- {
		if strings.IndexByte(",;:", text[i]) >= 0 && i+1 < len(text) && text[i+1] == ' ' {
			return text[:i], text[i+2:]
		}
	}
	head := text[:runes(text, maxHeadline-1)]
	if i := strings.LastIndexByte(head, ' '); i >= minHeadline {
		head = head[:i]
	}
	return head + "…", text
}

// runes returns the number of bytes of the first n characters of a longer text.
func runes(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// clock returns the time of day in UTC.
func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }
