package wire

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// Model is AWS's description of a service: its operations and the shapes of
// requests and responses.
type Model struct {
	operations map[string]modelOperation
	shapes     map[string]*shape
	// declared is true if the uses of members are known.
	declared bool
}

type modelOperation struct {
	Input, Output shapeRef
	Errors        []shapeRef
}

// shapeRef names a shape. Those of members, elements, keys and values are resolved.
type shapeRef struct {
	Shape  string `json:"shape"`
	target *shape
}

// shape is one type of a model, in the form of botocore.
type shape struct {
	Type     string              `json:"type"`
	Members  map[string]shapeRef `json:"members"`
	Required []string            `json:"required"`
	Member   shapeRef            `json:"member"`
	Key      shapeRef            `json:"key"`
	Value    shapeRef            `json:"value"`
	Enum     []string            `json:"enum"`
	Pattern  string              `json:"pattern"`
	Min      *float64            `json:"min"`
	Max      *float64            `json:"max"`
	Union    bool                `json:"union"`
	Document bool                `json:"document"`
	// expression is the pattern, and whole the same for a whole text; nil for none.
	expression, whole func() *regexp.Regexp
	// uses are the members that ecssim reads or keeps, for the shapes of requests.
	uses map[string]Use
}

//go:embed models/*.json
var embedded embed.FS

// ReadModel reads a service description (service-2.json of botocore).
func ReadModel(raw []byte) (*Model, error) {
	var file struct {
		Operations map[string]modelOperation `json:"operations"`
		Shapes     map[string]*shape         `json:"shapes"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read a service model: %w", err)
	}
	if len(file.Operations) == 0 {
		return nil, errors.New("read a service model: it has no operations")
	}
	for _, s := range file.Shapes {
		s.Member.target, s.Key.target, s.Value.target = file.Shapes[s.Member.Shape], file.Shapes[s.Key.Shape], file.Shapes[s.Value.Shape]
		for name, ref := range s.Members {
			s.Members[name] = shapeRef{Shape: ref.Shape, target: file.Shapes[ref.Shape]}
		}
		s.expression = sync.OnceValue(func() *regexp.Regexp { return compilePattern(s.Pattern) })
		s.whole = sync.OnceValue(func() *regexp.Regexp {
			if s.Pattern == "" {
				return nil
			}
			return compilePattern("^(?:" + s.Pattern + ")$")
		})
	}
	return &Model{operations: file.Operations, shapes: file.Shapes}, nil
}

// Models are AWS's service models, reduced to the operations that ecssim serves. Each
// is read at its first use. They are safe for concurrent use: share one value between
// simulators.
type Models struct {
	files map[string]string
	mu    sync.Mutex
	read  map[string]*Model
}

// NewModels returns the models.
func NewModels() *Models { return &Models{files: ModelFiles(), read: map[string]*Model{}} }

// Of returns the model of a service, as in Server.Handle; nil if there is none.
func (m *Models) Of(service string) (*Model, error) {
	name, ok := m.files[service]
	if !ok {
		return nil, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if model, ok := m.read[service]; ok {
		return model, nil
	}
	raw, err := embedded.ReadFile("models/" + name + ".json")
	if err != nil {
		return nil, err
	}
	model, err := ReadModel(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := model.attachUses(name); err != nil {
		return nil, err
	}
	m.read[service] = model
	return model, nil
}

// ModelFiles returns botocore's name of each service, keyed by service as in
// Server.Handle.
func ModelFiles() map[string]string {
	return map[string]string{
		"ecs": "ecs", "ecr": "ecr", "logs": "logs", "events": "events", serviceSQS: "sqs", "sns": "sns", "sts": "sts",
		"cloudformation": "cloudformation", "elasticloadbalancing": "elasticloadbalancing", "ssm": "ssm", "secretsmanager": "secretsmanager",
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
