// Package arch asserts who may import whom, and the house rules that a
// compiler does not know, each with its reason.
package arch
