package calendar

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "copy the time zones from the Go toolchain")

// goVersion is the version of Go whose database is embedded.
const goVersion = "go1.26"

func TestTheZonesAreThoseOfGo(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT", "GOVERSION").Output()
	require.NoError(t, err)
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	want, err := os.ReadFile(filepath.Join(root, "lib", "time", "zoneinfo.zip"))
	if os.IsNotExist(err) {
		t.Skip("this Go came without its zone database")
	}
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("zoneinfo.zip", want, 0o644))
		t.Skip("zoneinfo.zip is written: run the test again")
	}
	if !strings.HasPrefix(version, goVersion) {
		t.Skipf("the zones are those of %s and this is %s; go test ./shared/core/calendar -update copies them", goVersion, version)
	}
	same := string(want) == database // without a diff of 400 kB
	assert.True(t, same, "zoneinfo.zip is not that of %s: go test ./shared/core/calendar -update copies it", version)
}

func TestZoneNeverReadsTheMachine(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "Europe"), 0o755))
	tokyo, err := os.ReadFile("/usr/share/zoneinfo/Asia/Tokyo")
	if err != nil {
		tokyo = []byte("no zone at all")
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Europe", "Berlin"), tokyo, 0o600))
	t.Setenv("ZONEINFO", folder)
	berlin, err := Zone("Europe/Berlin")
	require.NoError(t, err)
	_, seconds := utc("2027-01-05T12:00:00Z").In(berlin).Zone()
	assert.Equal(t, 3600, seconds)
}

func TestZone(t *testing.T) {
	for name, c := range map[string]struct {
		zone, at string
		want     time.Duration
	}{
		"in winter":                       {"Europe/Berlin", "2027-01-05T12:00:00Z", time.Hour},
		"in summer":                       {"Europe/Berlin", "2027-07-05T12:00:00Z", 2 * time.Hour},
		"of the past":                     {"Europe/Moscow", "2012-01-05T12:00:00Z", 4 * time.Hour},
		"after the last change on record": {"Europe/Berlin", "2060-07-05T12:00:00Z", 2 * time.Hour},
		"before Ramadan":                  {"Africa/Casablanca", "2027-02-06T12:00:00Z", time.Hour},
		"in Ramadan":                      {"Africa/Casablanca", "2027-02-20T12:00:00Z", 0},
		"after Ramadan":                   {"Africa/Casablanca", "2027-03-20T12:00:00Z", time.Hour},
		"by its old name":                 {"Asia/Calcutta", "2027-01-05T12:00:00Z", 5*time.Hour + 30*time.Minute},
		"UTC":                             {"UTC", "2027-01-05T12:00:00Z", 0},
		"an offset":                       {"Etc/GMT-1", "2027-01-05T12:00:00Z", time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := Zone(c.zone)
			require.NoError(t, err)
			assert.Equal(t, c.want, offset(utc(c.at), zone))
			assert.Equal(t, c.zone, zone.String())
		})
	}
}

func TestZoneRefusesOtherNames(t *testing.T) {
	for name, c := range map[string]struct{ zone, want string }{
		"in small letters":        {"europe/berlin", `"europe/berlin" is not a time zone, expected "Europe/Berlin"`},
		"an offset":               {"+01:00", `"+01:00" is not a time zone, expected a name such as "Europe/Berlin" or "UTC"`},
		"the machine's own":       {"Local", `"Local" is not a time zone`},
		"a path":                  {"../../etc/passwd", "is not a time zone"},
		"a folder":                {"Europe/", "is not a time zone"},
		"a rule":                  {"CET-1CEST,M3.5.0,M10.5.0/3", "is not a time zone"},
		"nothing":                 {"", `"" is not a time zone`},
		"nobody's clock":          {"Factory", "is not a time zone"},
		"a summer time's letters": {"CEST", `"CEST" is not a time zone`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Zone(c.zone)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func BenchmarkZone(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Zone("Europe/Berlin")
	}
}
