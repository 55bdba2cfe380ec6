// Package wire speaks the protocols of AWS: JSON 1.0 and 1.1, Smithy RPC v2
// CBOR, and Query with XML answers. A handler is written once, over a tree of
// Go values, and serves every client in the protocol that the client chose.
//
// A response tree holds string, bool, any integer, float64, time.Time, []byte,
// Object, []Object, []string, []any and map[string]string. Object is a
// structure; map[string]string is a map with free keys, which XML writes
// differently. A nil value, a nil Object and a zero time are left out; a nil
// slice is an empty list.
package wire
