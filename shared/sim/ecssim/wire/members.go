package wire

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed members/*.txt
var memberFiles embed.FS

// Use is what ecssim does with a member of a request.
type Use int

// The uses of a member.
const (
	// Refused is a member that no handler reads. A request with it is refused.
	Refused Use = iota
	// Read is a member that has an effect.
	Read
	// Kept is a member that is described again and has no other effect.
	Kept
)

// everyMember declares all members of a shape as kept.
const everyMember = "*"

// attachUses reads the uses of the members of a service. A service without a file of
// uses refuses no member.
func (m *Model) attachUses(service string) error {
	raw, err := memberFiles.ReadFile("members/" + service + ".txt")
	if err != nil {
		return nil //nolint:nilerr // there is no such file
	}
	uses, err := readUses(raw)
	if err != nil {
		return fmt.Errorf("members/%s.txt: %w", service, err)
	}
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		s := m.shapes[name]
		if s == nil {
			return fmt.Errorf("members/%s.txt: the model has no shape %s", service, name)
		}
		s.uses = map[string]Use{}
		for member, use := range uses[name] {
			if member == everyMember {
				m.keepAll(s, uses)
				continue
			}
			if _, known := s.Members[member]; !known {
				return fmt.Errorf("members/%s.txt: %s has no member %s", service, name, member)
			}
			s.uses[member] = use
		}
	}
	m.declared = true
	return nil
}

// keepAll marks all members of a shape as kept, and those of the shapes below it that
// have no uses of their own.
func (m *Model) keepAll(s *shape, uses map[string]map[string]Use) {
	if s.uses == nil {
		s.uses = map[string]Use{}
	}
	for member, ref := range s.Members {
		if _, said := s.uses[member]; said {
			continue
		}
		s.uses[member] = Kept
		m.keepBelow(ref.Shape, uses)
	}
}

func (m *Model) keepBelow(name string, uses map[string]map[string]Use) {
	s := m.shapes[name]
	switch {
	case s == nil || uses[name] != nil:
	case s.Type == "list":
		m.keepBelow(s.Member.Shape, uses)
	case s.Type == "map":
		m.keepBelow(s.Value.Shape, uses)
	case s.Type == "structure" && s.uses == nil:
		m.keepAll(s, uses)
	}
}

// readUses reads a file of uses: lines with the name of a shape, each followed by
// indented lines that begin with reads or keeps.
func readUses(raw []byte) (map[string]map[string]Use, error) {
	uses := map[string]map[string]Use{}
	current := ""
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
		case !strings.HasPrefix(lines.Text(), " "):
			current = words[0]
			if uses[current] != nil || len(words) > 1 {
				return nil, fmt.Errorf("line %d: expected the name of a shape that has none yet", n)
			}
			uses[current] = map[string]Use{}
		case current == "" || words[0] != "reads" && words[0] != "keeps":
			return nil, fmt.Errorf("line %d: expected reads or keeps below a shape", n)
		default:
			use := Read
			if words[0] == "keeps" {
				use = Kept
			}
			for _, member := range words[1:] {
				if _, twice := uses[current][member]; twice {
					return nil, fmt.Errorf("line %d: %s stands twice", n, member)
				}
				uses[current][member] = use
			}
		}
	}
	return uses, lines.Err()
}

// Uses returns the members of the requests by use, as "Shape.member", sorted. A service
// without a list of uses returns nil.
func (m *Model) Uses(use Use) []string {
	if !m.declared {
		return nil
	}
	var out []string
	for name, s := range m.inputs() {
		for member := range s.Members {
			if s.uses[member] == use {
				out = append(out, name+"."+member)
			}
		}
	}
	slices.Sort(out)
	return out
}

// inputs returns the structures that requests consist of. Those below a member that is
// refused are left out.
func (m *Model) inputs() map[string]*shape {
	out := map[string]*shape{}
	var walk func(name string)
	walk = func(name string) {
		s := m.shapes[name]
		if s == nil || out[name] != nil {
			return
		}
		switch s.Type {
		case "list":
			walk(s.Member.Shape)
		case "map":
			walk(s.Value.Shape)
		case "structure":
			out[name] = s
			for member, ref := range s.Members {
				if !m.declared || s.uses[member] != Refused {
					walk(ref.Shape)
				}
			}
		}
	}
	for _, op := range m.operations {
		walk(op.Input.Shape)
	}
	return out
}

// unset reports whether a value asks for nothing.
func unset(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case float64:
		return v == 0
	case int:
		return v == 0
	case []any:
		return len(v) == 0
	case Object:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return omitted(value)
}
