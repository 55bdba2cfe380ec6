package observe_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"
)

const (
	ownSecret    = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	ownParameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/"
)

// named serves a revision whose container names these sources, and permits to read their
// changes.
func (w *world) named(sources ...string) {
	var secrets []wire.Object
	for i, from := range sources {
		secrets = append(secrets, wire.Object{"name": fmt.Sprint("SECRET_", i), "valueFrom": from})
	}
	w.container(map[string]any{"secrets": secrets})
}

// container serves a revision whose container has further members.
func (w *world) container(members map[string]any) {
	definition := w.Define("v1", ecssim.Behaviour{}, func(spec *ecssim.TaskDefinitionSpec) { spec.Containers[0].Extra = members })
	w.Serve(definition, "act")
	w.Sources = observe.SourceDates{Config: w.Config, Now: w.Sim.Now}
}

// failing are the needs after the failure of a task.
func failing() fleet.Needs { return fleet.Needs{Revisions: true, Definitions: true} }

func TestTheLastChangeOfASourceIsRead(t *testing.T) {
	for name, c := range map[string]struct{ from, changed string }{
		"a secret by its ARN":                                {ownSecret + "shop/db-AbCdEf", "shop/db"},
		"a key of a secret":                                  {ownSecret + "shop/db-AbCdEf:password::", "shop/db"},
		"a stage of a secret":                                {ownSecret + "shop/db-AbCdEf::AWSPREVIOUS:", "shop/db"},
		"a secret by its ARN without the ending":             {ownSecret + "shop/db", "shop/db"},
		"a parameter by its ARN":                             {ownParameter + "shop/db", "/shop/db"},
		"a parameter by its ARN with one level":              {ownParameter + "db", ownParameter + "db"},
		"a parameter by its ARN with one level and its name": {ownParameter + "db", "/db"},
		"a parameter by its name":                            {"db", "db"},
		"a parameter by its name with several levels":        {"/shop/db", "/shop/db"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named(c.from)
			s := w.read(failing())
			assert.Equal(t, map[string]time.Time{c.from: w.Sim.Now().Add(-90*24*time.Hour - 5*time.Minute)}, s.SourceChanges, "long before the start")
			w.Sim.ChangeSecret(c.changed)
			at := w.Sim.Now()
			w.Run(time.Hour)
			s = w.read(failing())
			assert.Equal(t, map[string]time.Time{c.from: at}, s.SourceChanges)
			assert.NotContains(t, s.Unread, "sources")
		})
	}
}

func TestTheRegistrysCredentialsAndTheLogDriversSecretsAreSources(t *testing.T) {
	w := newWorld(t)
	w.container(map[string]any{
		"repositoryCredentials": wire.Object{"credentialsParameter": ownSecret + "registry-AbCdEf"},
		"logConfiguration": wire.Object{"logDriver": "splunk", "secretOptions": []wire.Object{
			{"name": "splunk-token", "valueFrom": ownParameter + "splunk/token"},
		}},
	})
	s := w.read(failing())
	assert.ElementsMatch(t, []string{ownSecret + "registry-AbCdEf", ownParameter + "splunk/token"}, slices.Collect(maps.Keys(s.SourceChanges)))
}

func TestAnUnknownChangeHasAReason(t *testing.T) {
	for name, c := range map[string]struct{ from, want string }{
		"a secret of another account":     {"arn:aws:secretsmanager:eu-central-1:210987654321:secret:db-AbCdEf", "in another account or region: "},
		"a parameter of another region":   {"arn:aws:ssm:eu-west-1:123456789012:parameter/db", "in another account or region: "},
		"a fixed version of a secret":     {ownSecret + "db-AbCdEf:::0123", "a fixed version: "},
		"a fixed version of a parameter":  {ownParameter + "shop/db:3", "a fixed version: "},
		"a name with a version":           {"db:3", "a fixed version: "},
		"a name with a space":             {"shop db", "neither a parameter nor a secret: "},
		"a name that is too long":         {strings.Repeat("a", 1025), "neither a parameter nor a secret: "},
		"a file instead of a secret":      {"arn:aws:s3:::bucket/file", "neither a parameter nor a secret: "},
		"an ARN that is cut off":          {"arn:aws:ssm", "neither a parameter nor a secret: "},
		"a secret without a name":         {ownSecret, "neither a parameter nor a secret: "},
		"a secret with too many parts":    {ownSecret + "db:a:b:c:d", "neither a parameter nor a secret: "},
		"a document instead of a secret":  {"arn:aws:ssm:eu-central-1:123456789012:document/db", "neither a parameter nor a secret: "},
		"a policy instead of a parameter": {"arn:aws:ssm:eu-central-1:123456789012:parameter/", "neither a parameter nor a secret: "},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named(c.from)
			s := w.read(failing())
			assert.Empty(t, s.SourceChanges)
			assert.Equal(t, c.want+c.from, s.Unread["sources"])
			assert.Zero(t, w.Sim.Calls("ssm", "DescribeParameters").Made+w.Sim.Calls("secretsmanager", "DescribeSecret").Made)
		})
	}
	t.Run("a deleted parameter", func(t *testing.T) {
		w := newWorld(t)
		w.named(ownParameter+"shop/db", ownSecret+"db-AbCdEf")
		w.Sim.BreakSecret(ecssim.SecretTrouble{Secret: "/shop/db", How: ecssim.SecretDeleted, Until: w.Sim.Now().Add(time.Hour)})
		s := w.read(failing())
		assert.Equal(t, "not found: "+ownParameter+"shop/db", s.Unread["sources"])
		assert.Contains(t, s.SourceChanges, ownSecret+"db-AbCdEf", "the other source is read")
	})
}

func TestARefusedReadLeavesTheOtherSourcesKnown(t *testing.T) {
	const parameter, secret = ownParameter + "shop/mail", ownSecret + "db-AbCdEf"
	deny := func(denied string) func(*world) {
		return func(w *world) {
			w.Sim.Server().Middleware(func(service, _ string) error {
				if service == denied {
					return wire.Errorf("AccessDeniedException", "User is not authorized to perform this action")
				}
				return nil
			})
		}
	}
	for name, c := range map[string]struct {
		trouble func(*world)
		known   []string
		want    string
	}{
		"parameters are denied": {deny("ssm"), []string{secret}, "not permitted: " + parameter},
		"secrets are denied":    {deny("secretsmanager"), []string{parameter}, "not permitted: " + secret},
		"parameters are throttled": {
			func(w *world) { w.Sim.SetThrottle("ssm", "", 1) }, []string{secret}, "throttled: " + parameter,
		},
		"secrets are throttled": {
			func(w *world) { w.Sim.SetThrottle("secretsmanager", "", 1) }, []string{parameter}, "throttled: " + secret,
		},
		"all is throttled": {
			func(w *world) { w.Sim.SetThrottle("ssm", "", 1); w.Sim.SetThrottle("secretsmanager", "", 1) },
			nil, "throttled: " + secret + ", " + parameter,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named(parameter, secret)
			c.trouble(w)
			s := w.read(failing())
			assert.ElementsMatch(t, c.known, slices.Collect(maps.Keys(s.SourceChanges)))
			assert.Equal(t, map[string]string{"sources": c.want}, s.Unread)
		})
	}
}

func TestTheCallsForSourcesAreFew(t *testing.T) {
	w := newWorld(t)
	var sources []string
	for i := range 60 {
		sources = append(sources, fmt.Sprintf("%sshop/%02d", ownParameter, i))
	}
	for i := range 12 {
		sources = append(sources, fmt.Sprintf("%sdb%02d-AbCdEf:user::", ownSecret, i), fmt.Sprintf("%sdb%02d-AbCdEf:password::", ownSecret, i))
	}
	w.named(sources...)
	s := w.read(failing())
	assert.Equal(t, 1, w.Sim.Calls("ssm", "DescribeParameters").Made)
	assert.Equal(t, 10, w.Sim.Calls("secretsmanager", "DescribeSecret").Made, "two keys of a secret cost one call")
	assert.Len(t, s.SourceChanges, 50+2*10)
	assert.Regexp(t, `^more than are read at once: (\S+, ){4}\S+ and 9 more$`, s.Unread["sources"])

	w.Sim.SetThrottle("secretsmanager", "", 1)
	w.read(failing())
	assert.Equal(t, 11, w.Sim.Calls("secretsmanager", "DescribeSecret").Made, "a throttle ends the read")
}

func TestSourcesAreReadOnlyForAFailingRevisionAndWithPermission(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		needs  fleet.Needs
		calls  int
		unread string
	}{
		"a failing revision":               {func(*world) {}, failing(), 2, ""},
		"a revision that does not fail":    {func(*world) {}, fleet.Needs{Revisions: true}, 0, ""},
		"a failing one without permission": {func(w *world) { w.Sources = nil }, failing(), 0, ""},
		"a definition that was not read": {
			func(w *world) { w.Sim.SetThrottle("ecs", "DescribeTaskDefinition", 1) }, failing(), 0, "the task definition was not read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named("/shop/db", ownSecret+"db-AbCdEf")
			c.change(w)
			s := w.read(c.needs)
			assert.Equal(t, c.calls, w.Sim.Calls("ssm", "DescribeParameters").Made+w.Sim.Calls("secretsmanager", "DescribeSecret").Made)
			assert.Equal(t, c.unread, s.Unread["sources"])
			assert.Len(t, s.SourceChanges, c.calls)
		})
	}
	t.Run("a definition without secrets costs no call", func(t *testing.T) {
		w := newWorld(t)
		w.container(nil)
		s := w.read(failing())
		assert.Nil(t, s.SourceChanges)
		assert.Empty(t, s.Unread)
		assert.Zero(t, w.Sim.Calls("ssm", "DescribeParameters").Made)
	})
}

// dates returns a reader that gets these answers.
func dates(s *responses) observe.SourceDates {
	l := logs(s, func(*aws.Config) {})
	return observe.SourceDates(l)
}

func TestARequestForDatesIsSignedAndAsksForNoValue(t *testing.T) {
	s := &responses{bodies: []string{`{"Parameters": [{"Name": "a", "LastModifiedDate": 1767592800.25}]}`, `{"LastChangedDate": 1767592800.25}`}}
	at := time.Date(2026, 1, 5, 6, 0, 0, 250e6, time.UTC)
	found, err := dates(s).Parameters(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	assert.Equal(t, map[string]time.Time{"a": at}, found)
	changed, err := dates(s).Secret(t.Context(), ownSecret+"db")
	require.NoError(t, err)
	assert.Equal(t, at, changed)
	for i, want := range []struct{ url, target, credential, body string }{
		{
			"https://ssm.eu-central-1.amazonaws.com/", "AmazonSSM.DescribeParameters", "eu-central-1/ssm/aws4_request",
			`{"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": ["a", "b"]}], "MaxResults": 50}`,
		},
		{
			"https://secretsmanager.eu-central-1.amazonaws.com/", "secretsmanager.DescribeSecret", "eu-central-1/secretsmanager/aws4_request",
			`{"SecretId": "` + ownSecret + `db"}`,
		},
	} {
		r := s.requests[i]
		assert.Equal(t, want.url, r.URL.String())
		assert.Equal(t, want.target, r.Header.Get("X-Amz-Target"))
		assert.Contains(t, r.Header.Get("Authorization"), want.credential)
		assert.JSONEq(t, want.body, s.sent[i])
	}
}

func TestTheLatestKnownDateOfASecretCounts(t *testing.T) {
	at := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want time.Time
	}{
		"changed after the rotation":    {`{"LastChangedDate": 1767592800, "LastRotatedDate": 1767592700}`, at},
		"rotated after the change":      {`{"LastChangedDate": 1767592700, "LastRotatedDate": 1767592800}`, at},
		"never rotated":                 {`{"LastChangedDate": 1767592800, "LastRotatedDate": null}`, at},
		"without a date it is unknown":  {`{"Name": "db"}`, time.Time{}},
		"a date before 1970 is unknown": {`{"LastChangedDate": -1}`, time.Time{}},
		"a date of no year is unknown":  {`{"LastChangedDate": 1e300}`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := dates(&responses{bodies: []string{c.body}}).Secret(t.Context(), "db")
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestPagesOfParametersAreReadUntilAllAreKnown(t *testing.T) {
	page := func(name, token string) string {
		return fmt.Sprintf(`{"Parameters": [{"Name": %q, "LastModifiedDate": 1767592800}], "NextToken": %q}`, name, token)
	}
	for name, c := range map[string]struct {
		bodies []string
		known  string
		fault  string
	}{
		"an empty page has a next one": {[]string{`{"Parameters": [], "NextToken": "1"}`, page("a", "2"), page("b", "")}, "a b", ""},
		"all are known":                {[]string{page("a", "1"), page("b", "2")}, "a b", ""},
		"the pages have an end":        {[]string{page("a", "1"), page("a", "2"), page("a", "3")}, "a", "more pages of parameters than are read"},
		"a later page is refused":      {[]string{page("a", "1"), `{"__type": "ThrottlingException", "message": "Rate exceeded"}`}, "a", "ThrottlingException"},
		"an answer is no JSON":         {[]string{`{"Parameters": 1}`}, "", "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &responses{bodies: c.bodies}
			found, err := dates(s).Parameters(t.Context(), []string{"a", "b"})
			assert.Equal(t, c.known, strings.Join(slices.Sorted(maps.Keys(found)), " "))
			assert.Len(t, s.sent, len(c.bodies))
			if c.fault == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.fault)
			assert.NotEqual(t, fault.Terminal, fault.ClassOf(fault.FromAWS("reading", err)))
		})
	}
}
