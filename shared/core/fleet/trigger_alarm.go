package fleet

import (
	"fmt"
	"hash/fnv"
	"time"
)

// TriggerAlarmPrefix begins the name of each trigger alarm. It starts with the
// contract's prefix of alarms; the IAM permissions use that prefix.
const TriggerAlarmPrefix = "homeostat/arm/"

// TriggerAlarm is a CloudWatch alarm that starts an evaluation of a service at a
// high CPU.
type TriggerAlarm struct {
	Cluster, Service string
	// Threshold is the average CPU over Period, in percent.
	Threshold float64
	Period    time.Duration
}

// Name returns the name of the alarm. If cluster and service are too long for
// CloudWatch, a hash replaces the end.
func (a TriggerAlarm) Name() string {
	name := TriggerAlarmPrefix + a.Cluster + "/" + a.Service
	if len(name) <= maxAlarmName {
		return name
	}
	sum := fmt.Sprintf("~%016x", hashOf(name))
	return name[:maxAlarmName-len(sum)] + sum
}

// Print returns a fingerprint of all fields, to compare two alarms.
func (a TriggerAlarm) Print() uint64 {
	return hashOf(fmt.Sprintf("%s/%s\n%g\n%s", a.Cluster, a.Service, a.Threshold, a.Period))
}

// hashOf returns the FNV-1a hash of a text.
func hashOf(text string) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return sum.Sum64()
}

// AlarmIndex holds the trigger alarms that existed at At. The zero AlarmIndex
// knows none.
type AlarmIndex struct {
	At     time.Time
	prints map[uint64]bool
}

// NewAlarmIndex returns an index of the alarms with these fingerprints.
func NewAlarmIndex(at time.Time, prints []uint64) AlarmIndex {
	a := AlarmIndex{At: at, prints: make(map[uint64]bool, len(prints))}
	for _, print := range prints {
		a.prints[print] = true
	}
	return a
}

// Has reports whether an alarm with exactly these fields existed.
func (a AlarmIndex) Has(alarm TriggerAlarm) bool { return a.prints[alarm.Print()] }
