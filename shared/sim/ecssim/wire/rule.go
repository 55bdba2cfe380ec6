package wire

// Rule is a constraint of AWS that its service model does not state, such as one
// between two members.
type Rule struct {
	// Operation is the operation with the rule.
	Operation string
	// Name is the rule, as a sentence.
	Name string
	// Source is the document of AWS with the rule.
	Source string
	// Refuse returns the error for a request that breaks the rule; nil for another one.
	Refuse func(in Object) *Error
}

// NewRule returns a rule.
func NewRule(operation, name, source string, refuse func(in Object) *Error) Rule {
	return Rule{Operation: operation, Name: name, Source: source, Refuse: refuse}
}

// Rules adds rules to the operations of a service. They are checked in order, after
// the model and before the handler.
func (s *Server) Rules(service string, rules []Rule) {
	for _, r := range rules {
		key := call{service, r.Operation}
		s.rules[key] = append(s.rules[key], r)
	}
}

// checkRules returns the error of the first rule that a request breaks.
func (s *Server) checkRules(service, operation string, in Object) error {
	for _, r := range s.rules[call{service, operation}] {
		if err := r.Refuse(in); err != nil {
			return err
		}
	}
	return nil
}
