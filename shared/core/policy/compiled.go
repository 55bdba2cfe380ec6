package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"homeostat/shared/core/strictyaml"
)

// compiled is the form of a policy in a function's bundle. The stack reads and
// checks the file; the lines refer to that file.
type compiled struct {
	File   string
	Lines  map[string][2]int // line and column
	Policy map[string]any
}

// Compiled returns the policy for ReadCompiled. It reads the result back and
// compares, so that a value changed by JSON is an error.
func (p *Policy) Compiled() ([]byte, error) {
	out := compiled{File: p.lines.File, Lines: make(map[string][2]int, len(p.lines.At)), Policy: p.rules.compiled()}
	for at, pos := range p.lines.At {
		out.Lines[at] = [2]int{pos.Line, pos.Column}
	}
	services := make([]map[string]any, len(p.services))
	for i := range p.services {
		services[i] = p.services[i].rules.compiled()
		services[i]["Match"] = p.services[i].match
	}
	out.Policy["Version"], out.Policy["Services"] = p.version, services
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", p.lines.File, err)
	}
	again, err := p.table.readCompiled(data)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", p.lines.File, err)
	}
	if !reflect.DeepEqual(p, again) {
		return nil, fmt.Errorf("compiling %s: a value of it is changed by JSON, expected texts in UTF-8", p.lines.File)
	}
	return data, nil
}

// compiled returns the values of a block by their compiled names.
func (r *rules) compiled() map[string]any {
	out := map[string]any{}
	for _, row := range r.set {
		section, name, nested := strings.Cut(row.name(), ".")
		if !nested {
			out[compiledName(section)] = row.value(&r.values)
			continue
		}
		keys, ok := out[compiledName(section)].(map[string]any)
		if !ok {
			keys = map[string]any{}
			out[compiledName(section)] = keys
		}
		keys[compiledName(name)] = row.value(&r.values)
	}
	return out
}

// compiledName returns the name of a key in the compiled form: "FalseRollback"
// for "false_rollback".
func compiledName(key string) string {
	if key == "cpu" {
		return "CPU"
	}
	var name strings.Builder
	for word := range strings.SplitSeq(key, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}

// ReadCompiled reads the result of Compiled and checks it again. It needs no YAML
// library: that would add half a megabyte to each function.
func ReadCompiled(data []byte) (*Policy, error) { return newTable().readCompiled(data) }

func (t *table) readCompiled(data []byte) (*Policy, error) {
	p := &Policy{table: t}
	if err := p.readBundle(data); err != nil {
		return nil, fmt.Errorf("the bundled policy does not match the version of the function, deploy the stack again: %w", err)
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Policy) readBundle(data []byte) error {
	var in struct {
		File   string
		Lines  map[string][2]int
		Policy map[string]json.RawMessage
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more data after its end")
	}
	p.lines = strictyaml.Lines{File: in.File, At: make(map[string]strictyaml.Position, len(in.Lines))}
	for at, pos := range in.Lines {
		p.lines.At[at] = strictyaml.Position{Line: pos[0], Column: pos[1]}
	}
	var services []map[string]json.RawMessage
	err := errors.Join(take(in.Policy, "Version", &p.version), take(in.Policy, "Services", &services))
	if err != nil {
		return err
	}
	paths := p.table.compiledPaths()
	for _, entry := range services {
		var s service
		if err := take(entry, "Match", &s.match); err != nil {
			return err
		}
		if s.rules, err = p.table.readCompiledBlock(entry, paths); err != nil {
			return err
		}
		p.services = append(p.services, s)
	}
	p.rules, err = p.table.readCompiledBlock(in.Policy, paths)
	return err
}

// take decodes a value and removes it from its block.
func take(block map[string]json.RawMessage, name string, into any) error {
	value, ok := block[name]
	delete(block, name)
	if !ok {
		return nil
	}
	return decodeJSON(value)(into)
}

// compiledPaths returns the path of each key by its compiled path.
func (t *table) compiledPaths() map[string]string {
	paths := make(map[string]string, len(t.rows))
	for _, row := range t.rows {
		section, name, nested := strings.Cut(row.name(), ".")
		path := compiledName(section)
		if nested {
			path += "." + compiledName(name)
		}
		paths[path] = row.name()
	}
	return paths
}

func (t *table) readCompiledBlock(block map[string]json.RawMessage, paths map[string]string) (rules, error) {
	values := map[string]decoder{}
	add := func(name string, value json.RawMessage) error {
		path, ok := paths[name]
		if !ok {
			return fmt.Errorf("json: unknown field %q", name[strings.LastIndexByte(name, '.')+1:])
		}
		if string(value) != "null" {
			values[path] = decodeJSON(value)
		}
		return nil
	}
	for name, value := range block {
		if !t.isSection(strings.ToLower(name)) {
			if err := add(name, value); err != nil {
				return rules{}, err
			}
			continue
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(value, &keys); err != nil {
			return rules{}, err
		}
		for key, value := range keys {
			if err := add(name+"."+key, value); err != nil {
				return rules{}, err
			}
		}
	}
	return t.read(values)
}

func decodeJSON(value json.RawMessage) decoder {
	return func(into any) error {
		d := json.NewDecoder(bytes.NewReader(value))
		d.DisallowUnknownFields()
		return d.Decode(into)
	}
}
