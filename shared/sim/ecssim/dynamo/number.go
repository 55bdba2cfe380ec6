package dynamo

import (
	"math/big"
	"strconv"
	"strings"
)

// canonical returns the only stored form of a number: digits without an exponent. AWS:
// "Supported data types and naming rules in Amazon DynamoDB", up to 38 significant
// digits, and magnitudes from 1E-130 to 9.99…E+125.
func canonical(text string) (string, error) {
	if len(text) <= maxShort {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
	}
	if text == "" {
		return "", invalid("The parameter cannot be converted to a numeric value")
	}
	negative, digits, exponent, ok := scientific(text)
	if !ok {
		return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	if digits == "" {
		return "0", nil
	}
	if err := inRange(digits, exponent); err != nil {
		return "", err
	}
	return plainNumber(negative, digits, exponent), nil
}

// maxShort is the length of a text that is a whole number of 64 bits for certain.
const maxShort = 18

// scientific splits a number into its significant digits and the power of ten of the
// first one. Zero has no digits.
func scientific(text string) (negative bool, digits string, exponent int, ok bool) {
	mantissa, power, given := text, "", false
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, power, given = text[:i], text[i+1:], true
	}
	switch {
	case strings.HasPrefix(mantissa, "-"):
		negative, mantissa = true, mantissa[1:]
	case strings.HasPrefix(mantissa, "+"):
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return false, "", 0, false
	}
	if given {
		n, err := strconv.Atoi(power)
		if err != nil {
			return false, "", 0, false
		}
		exponent = n
	}
	all := whole + fraction
	digits = strings.TrimLeft(all, "0")
	exponent += len(whole) - 1 - (len(all) - len(digits))
	return negative, strings.TrimRight(digits, "0"), exponent, true
}

// inRange refuses a number that DynamoDB cannot store.
func inRange(digits string, exponent int) error {
	switch {
	case exponent > maxExponent:
		return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case exponent < minExponent:
		return invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(digits) > maxDigits:
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

func plainNumber(negative bool, digits string, exponent int) string {
	out := digits
	switch {
	case exponent < 0:
		out = "0." + strings.Repeat("0", -exponent-1) + digits
	case exponent >= len(digits)-1:
		out += strings.Repeat("0", exponent-len(digits)+1)
	default:
		out = digits[:exponent+1] + "." + digits[exponent+1:]
	}
	if negative {
		return "-" + out
	}
	return out
}

// compareNumbers compares two canonical numbers.
func compareNumbers(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return rational(a).Cmp(rational(b))
}

func rational(text string) *big.Rat {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return number
}

// addNumbers returns a + sign·b, or an error if DynamoDB cannot store it. DynamoDB calls
// a sum with too many digits an overflow too, as Alternator's tests found out.
func addNumbers(a, b string, sign int64) (string, error) {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	const safe = 1 << 61
	if errX == nil && errY == nil && max(x, -x, y, -y) < safe {
		return strconv.FormatInt(x+sign*y, 10), nil
	}
	term := new(big.Rat).Mul(rational(b), big.NewRat(sign, 1))
	sum, err := canonical(term.Add(term, rational(a)).FloatString(maxFraction))
	if err != nil && strings.HasPrefix(err.Error(), "ValidationException: Attempting") {
		return "", inRange("", maxExponent+1)
	}
	return sum, err
}
