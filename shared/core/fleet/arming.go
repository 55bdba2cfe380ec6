package fleet

import (
	"fmt"
	"hash/fnv"
	"time"
)

// TriggerAlarmPrefix begins the name of every arming alarm. It begins itself with the
// contract's prefix of alarms, by which permissions are given.
const TriggerAlarmPrefix = "homeostat/arm/"

// TriggerAlarm is the alarm by which a service calls when its CPU is above what
// its tasks are to bear.
type TriggerAlarm struct {
	Cluster, Service string
	// Threshold is in percent of the CPU, on average over Period.
	Threshold float64
	Period    time.Duration
}

// maxAlarmName is how long CloudWatch lets a name be.
const maxAlarmName = 255

// Name is the alarm's name. Cluster and service may each be as long as a whole
// name may: then a hash stands for the end.
func (a TriggerAlarm) Name() string {
	name := TriggerAlarmPrefix + a.Cluster + "/" + a.Service
	if len(name) <= maxAlarmName {
		return name
	}
	sum := fmt.Sprintf("~%016x", hashOf(name))
	return name[:maxAlarmName-len(sum)] + sum
}

// Print tells two alarms apart, whatever differs between them.
func (a TriggerAlarm) Print() uint64 {
	return hashOf(fmt.Sprintf("%s/%s\n%g\n%s", a.Cluster, a.Service, a.Threshold, a.Period))
}

func hashOf(text string) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return sum.Sum64()
}

// AlarmIndex is which arming alarms stood when that was last looked after, at At.
type AlarmIndex struct {
	At     time.Time
	prints map[uint64]bool
}

// NewAlarmIndex is an Arming of alarms with these prints.
func NewAlarmIndex(at time.Time, prints []uint64) AlarmIndex {
	a := AlarmIndex{At: at, prints: make(map[uint64]bool, len(prints))}
	for _, print := range prints {
		a.prints[print] = true
	}
	return a
}

// Has reports whether this very alarm stood.
func (a AlarmIndex) Has(alarm TriggerAlarm) bool { return a.prints[alarm.Print()] }
