package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
)

// interval is the range of numbers of a numeric operator.
type interval struct {
	low, high         float64
	openLow, openHigh bool
}

func (i interval) contains(n float64) bool {
	if n < i.low || n == i.low && i.openLow {
		return false
	}
	return n < i.high || n == i.high && !i.openHigh
}

// compileNumeric reads ["=", n], [">", n], or [">", n, "<=", m].
func compileNumeric(operand any) (test, error) {
	accepted, err := readInterval(operand)
	if err != nil {
		return nil, fmt.Errorf("numeric: %w", err)
	}
	return func(value any) bool {
		number, ok := value.(json.Number)
		if !ok {
			return false
		}
		n, err := number.Float64()
		return err == nil && n >= -maxNumber && n <= maxNumber && accepted.contains(n)
	}, nil
}

func readInterval(operand any) (interval, error) {
	out := interval{low: -maxNumber, high: maxNumber}
	list, ok := operand.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return out, errors.New("it takes one or two comparisons")
	}
	for i := 0; i < len(list); i += 2 {
		number, err := readNumber(list[i+1])
		if err != nil {
			return out, err
		}
		if err := out.bound(list[i], number, i > 0, len(list) > 2); err != nil {
			return out, err
		}
	}
	if len(list) > 2 && out.low >= out.high {
		return out, errors.New("no number is in its range")
	}
	return out, nil
}

// bound narrows the interval by one comparison. A range begins with the lower
// bound.
func (i *interval) bound(comparison any, n float64, second, ranged bool) error {
	switch {
	case comparison == "=" && !ranged:
		i.low, i.high = n, n
	case (comparison == ">" || comparison == ">=") && !second:
		i.low, i.openLow = n, comparison == ">"
	case (comparison == "<" || comparison == "<=") && second == ranged:
		i.high, i.openHigh = n, comparison == "<"
	default:
		return fmt.Errorf("the comparison %v is unknown here", comparison)
	}
	return nil
}

func readNumber(value any) (float64, error) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%v is not a number", value)
	}
	n, err := number.Float64()
	if err != nil || n < -maxNumber || n > maxNumber {
		return 0, fmt.Errorf("%v is outside ±5e9", value)
	}
	return n, nil
}
