package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// readModel returns the model of a service, from a folder of botocore's layout or
// from a file of its own.
func readModel(dir, name string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	folder := name
	if name == "elasticloadbalancing" { // botocore's folder of the version 2
		folder = "elbv2"
	}
	found, err := filepath.Glob(filepath.Join(dir, folder, "*", "service-2.json*"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("%s holds neither %s.json nor %s/VERSION/service-2.json", dir, name, name)
	}
	newest := slices.Max(found) // versions are dates
	raw, err = os.ReadFile(newest)
	if err != nil || filepath.Ext(newest) != ".gz" {
		return raw, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", newest, err)
	}
	return io.ReadAll(unzipped)
}

// object is a part of a model.
type object = map[string]any

// file is a service model of botocore.
type file struct {
	Metadata   object            `json:"metadata"`
	Operations map[string]object `json:"operations"`
	Shapes     map[string]object `json:"shapes"`
}

// reduce keeps the given operations and the shapes that they reach. It writes one
// operation or shape a line.
func reduce(raw []byte, operations []string) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var in file
	if err := decoder.Decode(&in); err != nil {
		return nil, err
	}
	out := file{Metadata: keep(in.Metadata, metadataKeys()), Operations: map[string]object{}, Shapes: map[string]object{}}
	for _, name := range operations {
		operation, ok := in.Operations[name]
		if !ok {
			return nil, fmt.Errorf("the model has no operation %s", name)
		}
		out.Operations[name] = reduceOperation(operation)
		if err := in.reach(out.Operations[name], out.Shapes); err != nil {
			return nil, err
		}
	}
	return out.lines()
}

func reduceOperation(in object) object {
	out := keep(in, []string{"name"})
	for _, key := range []string{"input", "output"} {
		if ref, ok := in[key].(object); ok {
			out[key] = keep(ref, []string{"shape"})
		}
	}
	if list, ok := in["errors"].([]any); ok {
		out["errors"] = refs(list)
	}
	return out
}

func refs(list []any) []any {
	out := make([]any, len(list))
	for i, ref := range list {
		ref, _ := ref.(object)
		out[i] = keep(ref, []string{"shape"})
	}
	return out
}

// reach adds every shape below a part of the model.
func (f *file) reach(part any, into map[string]object) error {
	switch part := part.(type) {
	case []any:
		for _, element := range part {
			if err := f.reach(element, into); err != nil {
				return err
			}
		}
	case object:
		if name, ok := part["shape"].(string); ok {
			return f.add(name, into)
		}
		for _, element := range part {
			if err := f.reach(element, into); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *file) add(name string, into map[string]object) error {
	if into[name] != nil {
		return nil
	}
	shape, ok := f.Shapes[name]
	if !ok {
		return fmt.Errorf("the model has no shape %s", name)
	}
	into[name] = reduceShape(shape)
	return f.reach(below(into[name]), into)
}

// below returns the references of a shape to other shapes. A member may have the
// name "shape", so members are taken out of their structure.
func below(shape object) []any {
	out := []any{shape["member"], shape["key"], shape["value"]}
	if members, ok := shape["members"].(object); ok {
		for _, member := range members {
			out = append(out, member)
		}
	}
	return out
}

func reduceShape(in object) object {
	out := keep(in, shapeKeys())
	for _, key := range []string{"member", "key", "value"} {
		if ref, ok := in[key].(object); ok {
			out[key] = keep(ref, referenceKeys())
		}
	}
	members, ok := in["members"].(object)
	if !ok {
		return out
	}
	kept := object{}
	for name, ref := range members {
		ref, _ := ref.(object)
		kept[name] = keep(ref, referenceKeys())
	}
	out["members"] = kept
	return out
}

func keep(in object, keys []string) object {
	out := object{}
	for _, key := range keys {
		if value, ok := in[key]; ok {
			out[key] = value
		}
	}
	return out
}

func metadataKeys() []string {
	return []string{"apiVersion", "endpointPrefix", "jsonVersion", "protocol", "serviceId", "targetPrefix", "xmlNamespace"}
}

// shapeKeys are the members of a shape that describe values.
func shapeKeys() []string {
	return []string{"type", "required", "enum", "pattern", "min", "max", "union", "document", "flattened", "locationName", "exception", "error"}
}

func referenceKeys() []string { return []string{"shape", "flattened", "locationName"} }

// lines writes the model with one operation or shape a line.
func (f *file) lines() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("{\n\"metadata\":")
	if err := write(&out, f.Metadata); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name  string
		items map[string]object
	}{{"operations", f.Operations}, {"shapes", f.Shapes}} {
		out.WriteString(",\n\"" + part.name + "\":{")
		for i, name := range slices.Sorted(maps.Keys(part.items)) {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString("\n\"" + name + "\":")
			if err := write(&out, part.items[name]); err != nil {
				return nil, err
			}
		}
		out.WriteString("\n}")
	}
	out.WriteString("\n}\n")
	return out.Bytes(), nil
}

// write writes a value on one line. Patterns keep their < and &.
func write(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder's line break
	return nil
}
