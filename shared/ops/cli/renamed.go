package cli

import "fmt"

// renamedVerb is the new name of a verb. Alias reports whether the old name
// still works.
type renamedVerb struct {
	name  string
	alias bool
}

// renamedVerbs returns the renamed verbs by their old names. An old name with
// alias set is also an alias in the tags of verbs.
func renamedVerbs() map[string]renamedVerb {
	return map[string]renamedVerb{"thaw": {name: "unfreeze", alias: true}}
}

// checkVerb returns a note with the new name of a renamed verb, or a usage error
// if the old name no longer works.
func checkVerb(verb string, renamed map[string]renamedVerb) (note string, err error) {
	r, ok := renamed[verb]
	if !ok {
		return "", nil
	}
	note = fmt.Sprintf("the verb %q is now %q", verb, r.name)
	if r.alias {
		return note, nil
	}
	return "", usageError{fmt.Errorf("%s", note)}
}
