// Package arch asserts the import rules, and the house rules that a compiler does
// not check. Each rule has a reason.
package arch
