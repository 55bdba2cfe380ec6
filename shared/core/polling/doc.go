// Package polling decides the times and the parts of evaluations. It returns the parts
// of a snapshot to read and the services to evaluate in a sweep. It also returns the
// trigger alarms, which replace the reading of metrics. It is pure.
package polling
