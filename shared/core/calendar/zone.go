package calendar

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Zone is the clock of a place, by its name in the IANA database, such as
// "Europe/Berlin". It is right for today and what follows, as far as laws are
// known, and says nothing of the past.
//
// Neither the machine's own zones are asked, because functions may have none,
// nor is Go's copy linked in, which is larger than all the rest of a policy.
func Zone(name string) (*time.Location, error) {
	near := ""
	for line := range strings.Lines(zones) {
		words := strings.Fields(line)
		if slices.Contains(words[1:], name) {
			return time.LoadLocationFromTZData(name, compiled(words[0]))
		}
		for _, other := range words[1:] {
			if strings.EqualFold(other, name) {
				near = other
			}
		}
	}
	switch {
	case near != "":
		return nil, fmt.Errorf("%q is not a time zone, expected %q", name, near)
	case slices.Contains(byTheMoon(), name):
		return nil, fmt.Errorf("the clock of %s changes by the moon, which no rule foretells; name its offset, such as \"Etc/GMT-1\" for one hour ahead of UTC", name)
	}
	return nil, fmt.Errorf("%q is not a time zone, expected a name such as \"Europe/Berlin\" or \"UTC\"", name)
}

// byTheMoon are the zones whose clocks change with Ramadan.
func byTheMoon() []string {
	return []string{"Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"}
}

// compiled is the rule of a zone (POSIX's TZ) in the form that the standard
// library reads (RFC 9636): no changes of the past, one type of local time, and
// the rule as footer.
func compiled(rule string) []byte {
	const header = 44
	part := func(version byte) []byte {
		b := make([]byte, header)
		copy(b, "TZif")
		b[4] = version
		binary.BigEndian.PutUint32(b[36:], 1) // types
		binary.BigEndian.PutUint32(b[40:], 4) // bytes of abbreviations
		b = append(b, 0, 0, 0, 0, 0, 0)       // UTC, no summer time, the first abbreviation
		return append(b, "UTC\x00"...)
	}
	data := append(part('3'), part('3')...)
	return append(data, "\n"+rule+"\n"...)
}
