package demand

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// layout is the version of the bytes; another one is learned anew.
const layout = 1

// stored is a State as bytes: single precision is enough for what is learned.
type stored struct {
	Layout, Rung                                     uint8
	Period, Newest, Panic                            int64
	PanicCount, Chosen, Startup                      int32
	Count                                            int64
	Level, Slope, Surprise, Last, Need, Work, Weight float32
	Forecasters                                      [forecasters]storedForecaster
	HourWork                                         [hourBins]float32
	HourSeen                                         [hourBins]uint8
	DayWork                                          [dayBins]float32
	DaySeen                                          [dayBins]uint8
	Shadows                                          [shadows]storedShadow
	Startups                                         [startupsKept]uint16
	Busy, Requests, Seconds                          float32
	CostNewest                                       int64
	Counts                                           [requestsKept]storedCount
}

type storedForecaster struct {
	Ahead, Brief, Lasting, Total float32
	Past                         [remembered]float32
	Errors                       [errorBins]float32
}

type storedShadow struct {
	Count, Ready, Late, Later, SpareTop uint16
	LateIn, LaterIn                     int16 // seconds from the newest sample
	Spare, Loss                         float32
}

type storedCount struct {
	End     int64
	Seconds int32
	N       float32
}

// MarshalBinary is the state as some 9 kB.
func (s *State) MarshalBinary() ([]byte, error) {
	out := stored{
		Layout: layout, Rung: uint8(s.Rung), Period: int64(s.Period), Newest: seconds(s.Newest), Panic: seconds(s.panicUntil),
		PanicCount: int32(s.panicCount), Chosen: int32(s.chosen), Startup: int32(s.startup % startupsKept), Count: int64(s.count),
		Level: float32(s.level), Slope: float32(s.slope), Surprise: float32(s.surprise), Last: float32(s.last),
		Need: float32(s.meanNeed), Work: float32(s.meanWork), Weight: float32(s.weight), DayWork: s.day.work, DaySeen: s.day.seen,
		Startups: s.startups, Busy: float32(s.cost.busy), Requests: float32(s.cost.requests), Seconds: float32(s.cost.seconds), CostNewest: s.cost.newest,
	}
	copy(out.HourWork[:], s.hour.work[:])
	copy(out.HourSeen[:], s.hour.seen[:])
	for i, f := range s.forecasters {
		to := &out.Forecasters[i]
		*to = storedForecaster{Ahead: float32(f.ahead), Brief: float32(f.brief), Lasting: float32(f.lasting), Total: float32(f.total)}
		narrow(to.Past[:], f.past[:])
		narrow(to.Errors[:], f.errors[:])
	}
	for i, v := range s.shadows {
		out.Shadows[i] = storedShadow{
			Count: small(v.count), Ready: small(v.ready), Late: small(v.late.count), Later: small(v.later.count), SpareTop: small(v.spareTop),
			LateIn: due(v.late, out.Newest), LaterIn: due(v.later, out.Newest), Spare: float32(v.spare), Loss: float32(v.loss),
		}
	}
	for i, c := range s.requests {
		out.Counts[i] = storedCount{c.end, int32(c.seconds), float32(c.n)}
	}
	return binary.Append(nil, binary.LittleEndian, &out)
}

// UnmarshalBinary reads what MarshalBinary wrote. Bytes of another layout, or
// that cannot be a state, leave the state as it is and are an error: the
// service is learned anew.
func (s *State) UnmarshalBinary(data []byte) error {
	var in stored
	if len(data) == 0 || data[0] != layout {
		return errors.New("the learned state is of another layout")
	}
	if n, err := binary.Decode(data, binary.LittleEndian, &in); err != nil || n != len(data) {
		return fmt.Errorf("the learned state has %d bytes, expected %d", len(data), binary.Size(in))
	}
	if in.Chosen < 0 || in.Chosen >= shadows || in.Rung > uint8(CPU) || in.Startup < 0 || in.Count < 0 || in.Period < 0 || !in.finite() {
		return errors.New("the learned state holds what no state can")
	}
	out := State{
		Rung: Rung(in.Rung), Period: time.Duration(in.Period), Newest: moment(in.Newest), panicUntil: moment(in.Panic),
		panicCount: int(in.PanicCount), chosen: int(in.Chosen), startup: int(in.Startup), count: int(in.Count),
		level: float64(in.Level), slope: float64(in.Slope), surprise: float64(in.Surprise), last: float64(in.Last),
		meanNeed: float64(in.Need), meanWork: float64(in.Work), weight: float64(in.Weight), startups: in.Startups,
		day:  profile{in.DayWork, in.DaySeen},
		cost: costs{float64(in.Busy), float64(in.Requests), float64(in.Seconds), in.CostNewest},
	}
	copy(out.hour.work[:], in.HourWork[:])
	copy(out.hour.seen[:], in.HourSeen[:])
	for i, f := range in.Forecasters {
		to := &out.forecasters[i]
		*to = forecaster{ahead: float64(f.Ahead), brief: float64(f.Brief), lasting: float64(f.Lasting), total: float64(f.Total)}
		widen(to.past[:], f.Past[:])
		widen(to.errors[:], f.Errors[:])
	}
	for i, v := range in.Shadows {
		out.shadows[i] = shadow{
			count: int(v.Count), ready: int(v.Ready), spareTop: int(v.SpareTop), spare: float64(v.Spare), loss: float64(v.Loss),
			late: batch{int(v.Late), in.Newest + int64(v.LateIn)}, later: batch{int(v.Later), in.Newest + int64(v.LaterIn)},
		}
	}
	for i, c := range in.Counts {
		out.requests[i] = count{c.End, int64(c.Seconds), float64(c.N)}
	}
	*s = out
	return nil
}

// finite reports whether every number that is reckoned with is one.
func (in *stored) finite() bool {
	all := []float32{in.Level, in.Slope, in.Surprise, in.Last, in.Need, in.Work, in.Weight, in.Busy, in.Requests, in.Seconds}
	for i := range in.Forecasters {
		f := &in.Forecasters[i]
		all = append(append(append(all, f.Ahead, f.Brief, f.Lasting, f.Total), f.Past[:]...), f.Errors[:]...)
	}
	for _, v := range in.Shadows {
		all = append(all, v.Spare, v.Loss)
	}
	for _, c := range in.Counts {
		all = append(all, c.N)
	}
	all = append(append(all, in.HourWork[:]...), in.DayWork[:]...)
	for _, f := range all {
		if f := float64(f); math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
	}
	return true
}

func narrow(to []float32, from []float64) {
	for i, f := range from {
		to[i] = float32(f)
	}
}

func widen(to []float64, from []float32) {
	for i, f := range from {
		to[i] = float64(f)
	}
}

func small(n int) uint16 { return uint16(min(max(n, 0), math.MaxUint16)) }

func due(b batch, newest int64) int16 {
	if b.count == 0 {
		return 0
	}
	return int16(min(max(b.due-newest, 0), math.MaxInt16))
}

// seconds and moment keep the zero time zero.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
