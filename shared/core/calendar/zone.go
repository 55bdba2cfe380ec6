package calendar

import (
	"archive/zip"
	_ "embed" // for the database
	"fmt"
	"io"
	"strings"
	"time"
)

// database is the IANA database of the Go toolchain, byte for byte that of
// time/tzdata. It is embedded here because time.LoadLocation prefers the machine's
// files, and time/tzdata exports nothing.
//
//go:embed zoneinfo.zip
var database string

// Zone returns a time zone by its name in the IANA database, such as
// "Europe/Berlin". It never reads the machine's own zones. A function may have
// none, and a rehearsal must use the same clock as the function.
func Zone(name string) (*time.Location, error) {
	archive, err := zip.NewReader(strings.NewReader(database), int64(len(database)))
	if err != nil {
		return nil, fmt.Errorf("reading the time zones: %w", err)
	}
	near := ""
	for _, f := range archive.File {
		switch {
		case f.FileInfo().IsDir() || f.Name == "Factory": // the zone of an unconfigured machine
		case f.Name == name:
			return read(f)
		case strings.EqualFold(f.Name, name):
			near = f.Name
		}
	}
	if near != "" {
		return nil, fmt.Errorf("%q is not a time zone, expected %q", name, near)
	}
	return nil, fmt.Errorf("%q is not a time zone, expected a name such as \"Europe/Berlin\" or \"UTC\"", name)
}

// read decodes one file of the database.
func read(f *zip.File) (*time.Location, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the time zone %s: %w", f.Name, err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading the time zone %s: %w", f.Name, err)
	}
	return time.LoadLocationFromTZData(f.Name, data)
}
