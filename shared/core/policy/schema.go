package policy

import (
	"maps"
	"strings"
)

// schema is a JSON Schema, draft 2020-12.
type schema map[string]any

// Schema returns the JSON Schema of a policy file, for editors and linters. It
// has the types and bounds of each key. Parse checks more: durations, patterns of
// names, cron expressions, and keys that depend on one another.
func Schema() map[string]any {
	t := newTable()
	service := t.rulesSchema()
	service["match"] = object(schema{"cluster": schema{"type": "string"}, "service": schema{"type": "string"}}).
		with("description", "Names of services, with * and ?. An absent name matches all.").with("minProperties", 1)
	file := t.rulesSchema()
	file["version"] = schema{"const": 1, "description": "Version of the format."}
	file["services"] = schema{
		"type": "array", "items": object(service).with("required", []string{"match"}),
		"description": "Rules for the services that match, applied in order. Of several that match, the later wins.",
	}
	return object(file).with("$schema", "https://json-schema.org/draft/2020-12/schema").with("title", "homeostat.yaml").
		with("required", []string{"version"})
}

// rulesSchema returns the properties of one block of rules.
func (t *table) rulesSchema() schema {
	block, sections := schema{}, map[string]schema{}
	for _, r := range t.rows {
		d := r.describe()
		s := d.schema.with("description", d.help)
		section, name, nested := strings.Cut(r.name(), ".")
		if !nested {
			block[r.name()] = s
			continue
		}
		if sections[section] == nil {
			sections[section] = schema{}
			block[section] = object(sections[section])
		}
		sections[section][name] = s
	}
	return block
}

// object returns the schema of a mapping with these keys and no others.
func object(properties schema) schema {
	return schema{"type": "object", "properties": properties, "additionalProperties": false}
}

// durationSchema returns the schema of a duration. JSON Schema cannot compare
// durations, so the bounds are a comment.
func durationSchema(bounds string) schema {
	return schema{
		"type": "string", "pattern": `^\+?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$`,
		"$comment": "expected " + bounds,
	}
}

// with returns the schema with one more keyword.
func (s schema) with(keyword string, value any) schema {
	out := maps.Clone(s)
	out[keyword] = value
	return out
}

func (s schema) withDefault(value any) schema { return s.with("default", value) }

// orZero returns a schema that accepts 0 too, if it should.
func (s schema) orZero(zero bool) schema {
	if !zero {
		return s
	}
	return schema{"anyOf": []schema{{"const": 0}, s}}
}
