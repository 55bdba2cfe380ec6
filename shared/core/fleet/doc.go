// Package fleet holds the types that all other packages share: events, services,
// decisions, reasons, results and the memory.
//
// It imports the standard library and package reason only, and does no I/O. Every
// type is plain data with JSON tags. An Episode is stored, replayed and shown
// exactly as it was decided.
package fleet
