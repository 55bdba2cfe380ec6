package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"homeostat/shared/core/strictyaml"
)

// compiled is a policy as the functions carry it: read and checked when the
// stack was made, with the places of its values in the file that a person wrote.
type compiled struct {
	File   string
	Lines  map[string][2]int // line and column
	Policy Policy
}

// Compiled is the policy for ReadCompiled. One that would not come out the same
// is an error, so that none is deployed that does something else.
func (p *Policy) Compiled() ([]byte, error) {
	out := compiled{File: p.lines.File, Lines: make(map[string][2]int, len(p.lines.At)), Policy: *p}
	for at, pos := range p.lines.At {
		out.Lines[at] = [2]int{pos.Line, pos.Column}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", p.lines.File, err)
	}
	again, err := ReadCompiled(data)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", p.lines.File, err)
	}
	if !reflect.DeepEqual(p, again) {
		return nil, fmt.Errorf("compiling %s: a value of it is changed by JSON, expected texts in UTF-8", p.lines.File)
	}
	return data, nil
}

// ReadCompiled reads what Compiled wrote, and checks it again. It needs no YAML,
// which would make each function half a megabyte larger.
func ReadCompiled(data []byte) (*Policy, error) {
	var in compiled
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after its end")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the bundled policy is not as this version's stack writes it, deploy the stack again: %w", err)
	}
	p := &in.Policy
	p.lines = strictyaml.Lines{File: in.File, At: make(map[string]strictyaml.Position, len(in.Lines))}
	for at, pos := range in.Lines {
		p.lines.At[at] = strictyaml.Position{Line: pos[0], Column: pos[1]}
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}
