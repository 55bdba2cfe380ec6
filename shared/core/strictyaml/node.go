package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Node is one value of a document. The zero Node is empty.
type Node struct {
	file string
	node ast.Node
}

// Read parses one YAML document and passes its root to a function, for callers
// without a fixed struct. The error is that of the function, or a Problem.
func Read(name string, data []byte, read func(Node) error) (lines Lines, err error) {
	defer recoverPanic(name, &lines, &err)
	file, at, err := parse(name, data)
	if err != nil {
		return Lines{File: name}, err
	}
	root := Node{file: name}
	if len(file.Docs) > 0 {
		root.node = file.Docs[0].Body
	}
	return Lines{File: name, At: at}, read(root)
}

// Empty reports whether the value is null or missing.
func (n Node) Empty() bool {
	switch n.node.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return true
	}
	return false
}

// Decode decodes the value into a pointer. It allocates the target of a pointer
// to a nil pointer. Unknown keys of structs are errors.
func (n Node) Decode(into any) error {
	// The library leaves a nil pointer at the root as it is.
	if v := reflect.ValueOf(into).Elem(); v.Kind() == reflect.Pointer && v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
		into = v.Interface()
	}
	err := yaml.NodeToValue(n.node, into, yaml.DisallowUnknownField())
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	problem := problemOf(n.file, err)
	if problem.Line == 0 {
		return n.problem(problem.Message)
	}
	return problem
}

// Fields visits the keys of a mapping in the order of the file. An empty value
// has no keys. The visitor returns false for an unknown key.
func (n Node) Fields(visit func(key string, value Node) (known bool, err error)) error {
	if n.Empty() {
		return nil
	}
	mapping, ok := n.node.(ast.MapNode)
	if !ok {
		return n.mismatch("a mapping")
	}
	for all := mapping.MapRange(); all.Next(); {
		key := Node{n.file, all.Key()}
		name := key.node.GetToken().Value
		known, err := visit(name, Node{n.file, all.Value()})
		if err != nil {
			return err
		}
		if !known {
			return key.problem(fmt.Sprintf("unknown field %q", name))
		}
	}
	return nil
}

// Items visits the values of a list in order. An empty value has none.
func (n Node) Items(visit func(i int, item Node) error) error {
	if n.Empty() {
		return nil
	}
	list, ok := n.node.(*ast.SequenceNode)
	if !ok {
		return n.mismatch("a list")
	}
	for i, item := range list.Values {
		if err := visit(i, Node{n.file, item}); err != nil {
			return err
		}
	}
	return nil
}

func (n Node) mismatch(expected string) Problem {
	return n.problem(fmt.Sprintf("expected %s, got %s", expected, n.node.Type().YAMLName()))
}

func (n Node) problem(message string) Problem {
	problem := Problem{File: n.file, Message: message}
	if t := n.node.GetToken(); t != nil && t.Position != nil {
		problem.Line, problem.Column = t.Position.Line, t.Position.Column
	}
	return problem
}
