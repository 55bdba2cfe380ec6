package traffic

import (
	"math"
	"math/rand/v2"
)

// Generated returns the built-in traces, one for each typical shape. They are the
// same at each call. Traces of single seconds contain Poisson noise; the others are
// means.
func Generated() []Trace {
	return []Trace{
		seconds("flat", "the same rate for 6 hours, with Poisson noise", 6*hour, func(int) float64 { return 300 }),
		seconds("ramp", "an hour low, an hour's climb to seven times the rate, an hour high, an hour's fall", 4*hour, ramp),
		seconds("step", "ten times the rate at once after an hour, for two hours", 4*hour, step),
		minutes("daily", "a week of equal days: a quiet night, a peak at noon and one in the evening", 7*day, daily),
		minutes("weekly", "two weeks of days with quiet weekends", 14*day, weekly),
		seconds("flash-crowd", "ten times the rate within a minute, fading over an hour; later five times, within five minutes", 6*hour, flashCrowd),
		seconds("square", "15 minutes low, 15 minutes four times as high, and so on for 6 hours", 6*hour, square),
		onOff(),
		seconds("sawtooth", "a rise to five times the rate in 20 minutes and an immediate fall, again and again for 6 hours", 6*hour, sawtooth),
		noise(),
	}
}

// seconds returns a trace of single seconds, with Poisson draws around a rate.
func seconds(name, about string, length int, rate func(second int) float64) Trace {
	t := Trace{Name: name, About: about, Step: 1, Requests: make([]float64, length)}
	chance := rand.New(rand.NewPCG(uint64(length), uint64(len(name))))
	for i := range t.Requests {
		t.Requests[i] = poisson(chance, rate(i))
	}
	return t
}

// poisson draws from the normal approximation of the Poisson distribution. The
// rates are high enough for it.
func poisson(chance *rand.Rand, mean float64) float64 {
	return max(0, math.Round(mean+math.Sqrt(mean)*chance.NormFloat64()))
}

// minutes returns a trace of minutes, with the rate in the middle of each.
func minutes(name, about string, length int, rate func(second int) float64) Trace {
	t := Trace{Name: name, About: about, Step: minute, Requests: make([]float64, length/minute)}
	for i := range t.Requests {
		t.Requests[i] = math.Round(minute * rate(i*minute+minute/2))
	}
	return t
}

func ramp(second int) float64 {
	const low = peakRate / 7
	switch at := float64(second) / hour; {
	case at < 1:
		return low
	case at < 2:
		return low + (peakRate-low)*(at-1)
	case at < 3:
		return peakRate
	default:
		return peakRate - (peakRate-low)*(at-3)
	}
}

func step(second int) float64 {
	if second >= hour && second < 3*hour {
		return peakRate
	}
	return peakRate / 10
}

// daily has its minimum at 4:00, a peak at noon and a higher one in the evening.
func daily(second int) float64 {
	at := 2 * math.Pi * float64(second%day) / day
	shape := 1 - 0.62*math.Cos(at-2*math.Pi*4/24) - 0.22*math.Cos(2*at-2*math.Pi*8/24)
	return peakRate / 1.8 * max(0.1, shape)
}

// weekly begins on a Monday.
func weekly(second int) float64 {
	if second/day%7 >= 5 {
		return 0.4 * daily(second)
	}
	return daily(second)
}

func flashCrowd(second int) float64 {
	const low = peakRate / 10
	rate := low
	crowd := func(begin, rise int, height, halfLife float64) {
		switch since := float64(second - begin); {
		case since < 0:
		case since < float64(rise):
			rate += height * since / float64(rise)
		default:
			rate += height * math.Exp2(-(since-float64(rise))/halfLife)
		}
	}
	crowd(hour, minute, 9*low, 10*minute)
	crowd(4*hour, 5*minute, 4*low, 20*minute)
	return rate
}

func square(second int) float64 {
	if second/(15*minute)%2 == 0 {
		return peakRate / 4
	}
	return peakRate
}

func sawtooth(second int) float64 {
	const low = peakRate / 5
	return low + (peakRate-low)*float64(second%(20*minute))/(20*minute)
}

// onOff is the traffic of a batch service.
func onOff() Trace {
	t := Trace{
		Name: "on-off", About: "two days of batches: about 10 minutes of requests, then about 30 without, at random",
		Step: minute, Requests: make([]float64, 2*day/minute),
	}
	chance := rand.New(rand.NewPCG(1, 1))
	on := false
	for i := 0; i < len(t.Requests); on = !on {
		mean, rate := pauseMinutes, 0.0
		if on {
			mean, rate = batchMinutes, peakRate*minute
		}
		for end := i + 1 + int(mean*chance.ExpFloat64()); i < min(end, len(t.Requests)); i++ {
			t.Requests[i] = rate
		}
	}
	return t
}

// noise is a random walk around a rate, with a correlation between neighbouring
// minutes.
func noise() Trace {
	t := Trace{
		Name: "noise", About: "two days of a random rate, mostly between half and twice its median",
		Step: minute, Requests: make([]float64, 2*day/minute),
	}
	chance := rand.New(rand.NewPCG(2, 2))
	level := 0.0
	for i := range t.Requests {
		level = noiseMemory*level + math.Sqrt(1-noiseMemory*noiseMemory)*noiseSpread*chance.NormFloat64()
		t.Requests[i] = math.Round(peakRate / 2 * minute * math.Exp(level))
	}
	return t
}
