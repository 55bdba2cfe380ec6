// Package polling decides when a service is read and evaluated: which parts an
// evaluation reads, which services a sweep evaluates, and when a trigger alarm
// replaces the reading of metrics. It is pure.
package polling
