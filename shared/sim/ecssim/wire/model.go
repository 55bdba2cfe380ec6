package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// Model is AWS's description of a service: its operations and the shapes of
// requests and responses.
type Model struct {
	operations map[string]modelOperation
	shapes     map[string]*shape
}

type modelOperation struct {
	Input, Output shapeRef
	Errors        []shapeRef
}

type shapeRef struct {
	Shape string `json:"shape"`
}

// shape is one type of a model, in the form of botocore.
type shape struct {
	Type       string              `json:"type"`
	Members    map[string]shapeRef `json:"members"`
	Required   []string            `json:"required"`
	Member     shapeRef            `json:"member"`
	Key        shapeRef            `json:"key"`
	Value      shapeRef            `json:"value"`
	Enum       []string            `json:"enum"`
	Pattern    string              `json:"pattern"`
	Min        *float64            `json:"min"`
	Max        *float64            `json:"max"`
	Union      bool                `json:"union"`
	Document   bool                `json:"document"`
	expression func() *regexp.Regexp
}

// LoadModel reads a service description (service-2.json of botocore).
func LoadModel(path string) (*Model, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Operations map[string]modelOperation `json:"operations"`
		Shapes     map[string]*shape         `json:"shapes"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	if len(file.Operations) == 0 {
		return nil, fmt.Errorf("read model %s: it has no operations", path)
	}
	for _, s := range file.Shapes {
		s.expression = sync.OnceValue(func() *regexp.Regexp { return compilePattern(s.Pattern) })
	}
	return &Model{operations: file.Operations, shapes: file.Shapes}, nil
}

// LoadModels reads the descriptions in a folder, keyed by service as in
// Server.Handle. It skips missing descriptions. For a missing folder it returns
// an error that is fs.ErrNotExist.
func LoadModels(dir string) (map[string]*Model, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	out := map[string]*Model{}
	for service, file := range ModelFiles() {
		model, err := LoadModel(filepath.Join(dir, file+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[service] = model
	}
	return out, nil
}

// ModelFiles returns botocore's name of each service, keyed by service as in
// Server.Handle.
func ModelFiles() map[string]string {
	return map[string]string{
		"ecs": "ecs", "ecr": "ecr", "logs": "logs", "events": "events", serviceSQS: "sqs", "sns": "sns", "sts": "sts",
		"dynamodb": "dynamodb", serviceMonitoring: "cloudwatch", serviceAAS: "application-autoscaling",
	}
}

// Operations returns the names of all operations, in no order.
func (m *Model) Operations() []string {
	out := make([]string, 0, len(m.operations))
	for name := range m.operations {
		out = append(out, name)
	}
	return out
}

// compilePattern returns nil without a pattern, or for a pattern that Go cannot
// express, such as one with a lookahead.
func compilePattern(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	return expression
}
