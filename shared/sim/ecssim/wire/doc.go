// Package wire implements the protocols of AWS: JSON 1.0 and 1.1, Smithy RPC v2
// CBOR, and Query with XML answers. A handler is written once, over a tree of Go
// values, and serves every client in the client's protocol.
//
// A response tree holds string, bool, any integer, float64, time.Time, []byte,
// Object, []Object, []string, []any and map[string]string. Object is a structure.
// A map[string]string is a map with free keys; XML writes it differently. Nil
// values, nil Objects and zero times are omitted. A nil slice is an empty list.
package wire
