// Package fleet holds the nouns of Homeostat: what an event said, what a
// service looks like, what was decided about it, why, and what came of it.
//
// It imports the standard library only and does no I/O. Every type is plain
// data with JSON tags, because an Episode is stored, replayed and shown to
// people exactly as it was decided.
package fleet
