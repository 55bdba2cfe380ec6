package policy

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// kind is the type of a key's value, with its bounds.
type kind[T any] interface {
	// check reports an invalid value and normalizes a valid one. It gets the
	// position of the value and the name of the key.
	check(c *checker, at, name string, v *T)
	// show returns the value as explain prints it.
	show(v T) string
	// expected describes the valid values, in messages and in the documentation.
	expected() string
	// schema returns the JSON Schema of the value.
	schema(initial T) schema
}

// boolean is true or false.
type boolean struct{}

func (boolean) check(*checker, string, string, *bool) {}
func (boolean) show(v bool) string                    { return strconv.FormatBool(v) }
func (boolean) expected() string                      { return "true or false" }
func (boolean) schema(initial bool) schema            { return schema{"type": "boolean", "default": initial} }

// integer is a whole number within bounds.
type integer struct {
	// most is not checked if it is 0.
	least, most int
	unit        string
	// zero describes the effect of 0. It makes 0 valid too.
	zero string
}

func (k integer) check(c *checker, at, name string, v *int) {
	if *v >= k.least && (k.most == 0 || *v <= k.most) || *v == 0 && k.zero != "" {
		return
	}
	c.report(at, "%s is %d, expected %s", name, *v, k.expected())
}

func (integer) show(v int) string { return strconv.Itoa(v) }

func (k integer) expected() string {
	text := fmt.Sprintf("%d to %d", k.least, k.most)
	if k.most == 0 {
		text = fmt.Sprintf("%d or more", k.least)
	}
	if k.unit != "" {
		text += " " + k.unit
	}
	if k.zero != "" {
		text += ", or 0 " + k.zero
	}
	return text
}

func (k integer) schema(initial int) schema {
	s := schema{"type": "integer", "minimum": k.least}
	if k.most != 0 {
		s["maximum"] = k.most
	}
	return s.orZero(k.zero != "").withDefault(initial)
}

// decimal is a finite number within bounds.
type decimal struct {
	// most is not checked if it is 0. above excludes least itself.
	least, most float64
	above       bool
	// zero makes 0 valid too.
	zero bool
	// text describes the valid values.
	text string
	// advice is added to the message of an invalid value.
	advice string
}

func (k decimal) check(c *checker, at, name string, v *float64) {
	n := *v
	low := n >= k.least && !(k.above && n == k.least)
	if finite(n) && low && (k.most == 0 || n <= k.most) || n == 0 && k.zero {
		return
	}
	c.report(at, "%s is %v, expected %s%s", name, n, k.text, k.advice)
}

func (decimal) show(v float64) string { return formatNumber(v) }

func (k decimal) expected() string { return k.text }

func (k decimal) schema(initial float64) schema {
	s := schema{"type": "number", "minimum": k.least}
	if k.above {
		s = schema{"type": "number", "exclusiveMinimum": k.least}
	}
	if k.most != 0 {
		s["maximum"] = k.most
	}
	return s.orZero(k.zero && k.least > 0).withDefault(initial)
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// duration is a time within bounds.
type duration struct {
	least, most time.Duration
	// zero describes the effect of 0s. It makes 0s valid too.
	zero string
}

func (k duration) check(c *checker, at, name string, v *time.Duration) {
	if *v >= k.least && *v <= k.most || *v == 0 && k.zero != "" {
		return
	}
	c.report(at, "%s is %s, expected %s", name, *v, k.expected())
}

func (duration) show(v time.Duration) string { return v.String() }

func (k duration) expected() string {
	text := fleet.DurationText(k.least) + " to " + fleet.DurationText(k.most)
	if k.zero != "" {
		text += ", or 0s " + k.zero
	}
	return text
}

func (k duration) schema(initial time.Duration) schema {
	return durationSchema(k.expected()).withDefault(fleet.DurationText(initial))
}

// text is a string. It may be empty.
type text struct {
	// pattern has one group, the normal form of the value. The empty pattern matches
	// every value.
	pattern string
	// form describes the valid values.
	form string
}

func (k text) check(c *checker, at, name string, v *string) {
	if *v == "" || k.pattern == "" {
		return
	}
	found := regexp.MustCompile(k.pattern).FindStringSubmatch(*v)
	if found == nil {
		c.report(at, "%s is %q, expected %s", name, *v, k.form)
		return
	}
	*v = found[1]
}

func (text) show(v string) string { return strconv.Quote(v) }

func (k text) expected() string { return k.form }

func (k text) schema(string) schema {
	if k.pattern == "" {
		return schema{"type": "string"}
	}
	return schema{"type": "string", "pattern": "^$|" + k.pattern}
}

// names is a list of names.
type names struct{ most int }

func (k names) check(c *checker, at, _ string, v *[]string) {
	if len(*v) > k.most {
		c.report(at, "%d names, expected at most %d", len(*v), k.most)
	}
	for _, name := range *v {
		if strings.TrimSpace(name) == "" {
			c.report(at, "a name is empty")
		}
	}
}

func (names) show(v []string) string { return formatList(v) }

func (k names) expected() string { return fmt.Sprintf("up to %d names", k.most) }

func (k names) schema([]string) schema {
	return schema{"type": "array", "maxItems": k.most, "items": schema{"type": "string", "pattern": `\S`}}
}

func formatList(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
