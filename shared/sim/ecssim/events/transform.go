package events

import (
	"encoding/json"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// body returns the text that a target gets for an event: the event itself, a fixed
// input, a part of the event, or a template with parts of it. AWS: EventBridge guide,
// "Input transformation".
func (t target) body(event string, now time.Time) string {
	switch {
	case t.entry.String("Input") != "":
		return t.entry.String("Input")
	case t.entry.String("InputPath") != "":
		if value, ok := lookUp(event, t.entry.String("InputPath")); ok {
			return encoded(value)
		}
		return ""
	case t.entry.Object("InputTransformer") != nil:
		return t.transform(event, now)
	}
	return event
}

// lookUp returns the value at a path such as $.detail.name.
func lookUp(event, path string) (any, bool) {
	var value any
	if json.Unmarshal([]byte(event), &value) != nil {
		return nil, false
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(path, "$"), "."), ".") {
		if name == "" {
			continue
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[name]; !ok {
			return nil, false
		}
	}
	return value, true
}

func encoded(value any) string {
	text, _ := json.Marshal(value) // read from JSON, so it always marshals
	return string(text)
}

// transform fills the template of an InputTransformer. A variable within quotes becomes
// a text without quotes, another one a JSON value. A variable whose path the event
// lacks becomes nothing.
func (t target) transform(event string, now time.Time) string {
	of := t.entry.Object("InputTransformer")
	values := t.variables(event, of.Object("InputPathsMap"), now)
	var out strings.Builder
	quoted, template := false, of.String("InputTemplate")
	for i := 0; i < len(template); i++ {
		name, _, closed := strings.Cut(template[i+1:], ">")
		value, known := values[name]
		switch {
		case template[i] == '<' && closed && known:
			if quoted {
				value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
			}
			out.WriteString(value)
			i += len(name) + 1
			continue
		case template[i] == '"' && (i == 0 || template[i-1] != '\\'):
			quoted = !quoted
		}
		out.WriteByte(template[i])
	}
	return out.String()
}

// variables returns the JSON text of each variable of a template.
func (t target) variables(event string, paths wire.Object, now time.Time) map[string]string {
	out := map[string]string{
		"aws.events.rule-arn":             encoded(t.rule.arn),
		"aws.events.rule-name":            encoded(t.rule.name),
		"aws.events.event.ingestion-time": encoded(now.UTC().Format(time.RFC3339)),
		"aws.events.event.json":           event,
	}
	for name := range paths {
		out[name] = ""
		if value, ok := lookUp(event, paths.String(name)); ok {
			out[name] = encoded(value)
		}
	}
	return out
}
