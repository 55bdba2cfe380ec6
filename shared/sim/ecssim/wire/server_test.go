package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ecsTarget = "AmazonEC2ContainerServiceV20141113."

// post sends a raw request in memory.
func post(t testing.TB, h http.Handler, path, body string, header ...string) (*http.Response, string) {
	r := httptest.NewRequest(http.MethodPost, "http://ecssim.invalid"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := wire.Transport(h).RoundTrip(r)
	require.NoError(t, err)
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(raw)
}

func echo() *wire.Server {
	s := wire.NewServer()
	for _, service := range []string{"ecs", "monitoring", "sns"} {
		s.Handle(service, "Echo", func(in wire.Object) (wire.Object, error) { return in, nil })
		s.Handle(service, "Fail", func(wire.Object) (wire.Object, error) { return nil, errors.New("it broke") })
	}
	return s
}

func TestAnAnswerIsTheSameByteForByte(t *testing.T) {
	_, first := post(t, echo(), "/", `{"b":1,"a":[true,null,{"d":0.5,"c":"x"}],"e":{}}`, "X-Amz-Target", ecsTarget+"Echo")
	assert.JSONEq(t, `{"a":[true,null,{"c":"x","d":0.5}],"b":1,"e":{}}`, first)
}

func TestWhatCannotBeReadIsASerializationException(t *testing.T) {
	rpc := "/service/GraniteServiceVersion20100801/operation/Echo"
	for name, c := range map[string]struct {
		path, body string
		header     []string
	}{
		"JSON that ends early":            {"/", `{"a":`, []string{"X-Amz-Target", ecsTarget + "Echo"}},
		"a JSON list":                     {"/", `[]`, []string{"X-Amz-Target", ecsTarget + "Echo"}},
		"a JSON null":                     {"/", `null`, []string{"X-Amz-Target", ecsTarget + "Echo"}},
		"CBOR that ends early":            {rpc, "\xa1", []string{"Smithy-Protocol", "rpc-v2-cbor"}},
		"a CBOR number":                   {rpc, "\x01", []string{"Smithy-Protocol", "rpc-v2-cbor"}},
		"CBOR with keys that are no text": {rpc, "\xa1\x01\x01", []string{"Smithy-Protocol", "rpc-v2-cbor"}},
		"a form with a bad escape":        {"/", "Action=Echo&x=%zz", nil},
		"what says gzip and is not":       {"/", "{}", []string{"X-Amz-Target", ecsTarget + "Echo", "Content-Encoding", "gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := post(t, echo(), c.path, c.body, c.header...)
			assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
			assert.Contains(t, body, "SerializationException")
		})
	}
}

func TestAnUnknownOperationIsNamedInTheProtocolOfTheRequest(t *testing.T) {
	for name, c := range map[string]struct {
		path, body, target, code string
	}{
		"JSON":               {"/", "{}", ecsTarget + "Nope", "UnknownOperationException"},
		"an unknown target":  {"/", "{}", "Kinesis_20131202.Nope", "UnknownOperationException"},
		"CBOR":               {"/service/GraniteServiceVersion20100801/operation/Nope", "\xa0", "", "UnknownOperationException"},
		"Query":              {"/", "Action=Nope&Version=2010-03-31", "", "InvalidAction"},
		"an unknown version": {"/", "Action=Nope&Version=1999-01-01", "", "InvalidAction"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := post(t, echo(), c.path, c.body, "X-Amz-Target", c.target)
			assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
			assert.Contains(t, body, c.code)
			assert.Contains(t, body, "ecssim does not model")
			assert.Contains(t, body, "Nope")
		})
	}
	_, body := post(t, echo(), "/", "")
	assert.Contains(t, body, "MissingAction")
}

func TestAnErrorThatIsNotModelledIsAnInternalFailure(t *testing.T) {
	answer, body := post(t, echo(), "/", "{}", "X-Amz-Target", ecsTarget+"Fail")
	assert.Equal(t, http.StatusInternalServerError, answer.StatusCode)
	assert.JSONEq(t, `{"__type":"InternalFailure","message":"it broke"}`, body)
	answer, body = post(t, echo(), "/", "Action=Fail&Version=2010-03-31")
	assert.Equal(t, http.StatusInternalServerError, answer.StatusCode)
	assert.Contains(t, body, "<Type>Receiver</Type>")
}

func TestAValueThatNoProtocolCanWriteIsAnInternalFailure(t *testing.T) {
	s := wire.NewServer()
	s.Handle("ecs", "Bad", func(wire.Object) (wire.Object, error) { return wire.Object{"c": make(chan int)}, nil })
	s.Handle("ecs", "BadError", func(wire.Object) (wire.Object, error) {
		return nil, &wire.Error{Code: "ClientException", Message: "m", Fields: wire.Object{"c": make(chan int)}}
	})
	answer, body := post(t, s, "/", "{}", "X-Amz-Target", ecsTarget+"Bad")
	assert.Equal(t, http.StatusInternalServerError, answer.StatusCode)
	assert.Contains(t, body, "chan int")
	_, body = post(t, s, "/", "{}", "X-Amz-Target", ecsTarget+"BadError")
	assert.JSONEq(t, `{"__type":"ClientException","message":"m"}`, body)
}

func TestMiddlewareIsAskedBeforeHandlersAndMounts(t *testing.T) {
	s := echo()
	s.Mount("DynamoDB_20120810", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "mounted")
	}))
	var calls []string
	s.Middleware(func(service, operation string) error {
		calls = append(calls, service+" "+operation)
		if len(calls) > 2 {
			return &wire.Error{Code: "ThrottlingException", Message: "Rate exceeded", Fields: wire.Object{"extra": 1}}
		}
		return nil
	})
	_, body := post(t, s, "/", "{}", "X-Amz-Target", ecsTarget+"Echo")
	assert.Equal(t, "{}", body)
	_, body = post(t, s, "/", "{}", "X-Amz-Target", "DynamoDB_20120810.PutItem")
	assert.Equal(t, "mounted", body)
	_, body = post(t, s, "/", "{}", "X-Amz-Target", "DynamoDB_20120810.GetItem")
	assert.JSONEq(t, `{"__type":"ThrottlingException","message":"Rate exceeded","extra":1}`, body)
	assert.Equal(t, []string{"ecs Echo", "dynamodb PutItem", "dynamodb GetItem"}, calls)
}

func TestRequestIDsCount(t *testing.T) {
	s := echo()
	for _, want := range []string{"1", "2"} {
		answer, _ := post(t, s, "/", "{}", "X-Amz-Target", ecsTarget+"Echo")
		assert.Equal(t, "00000000-0000-4000-8000-00000000000"+want, answer.Header.Get("X-Amzn-Requestid"))
	}
}

func TestAFormBecomesATree(t *testing.T) {
	for name, c := range map[string]struct{ form, want string }{
		"values":                   {"A=1&B=two+words", `{"A":"1","B":"two words"}`},
		"structures":               {"A.B.C=1&A.D=2", `{"A":{"B":{"C":"1"},"D":"2"}}`},
		"lists in their order":     {"L.member.10=c&L.member.2=b&L.member.1=a", `{"L":["a","b","c"]}`},
		"lists of structures":      {"L.member.1.Name=a&L.member.2.Name=b", `{"L":[{"Name":"a"},{"Name":"b"}]}`},
		"flattened lists":          {"L.1=a&L.2=b", `{"L":["a","b"]}`},
		"maps":                     {"M.entry.1.key=k&M.entry.1.value=v", `{"M":{"k":"v"}}`},
		"maps of SNS":              {"M.entry.1.Name=k&M.entry.1.Value.T=v", `{"M":{"k":{"T":"v"}}}`},
		"an empty list":            {"L=", `{"L":""}`},
		"a structure named member": {"S.member=x", `{"S":{"member":"x"}}`},
		"an entry without a key":   {"M.entry.1.value=v", `{"M":{"entry":[{"value":"v"}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := wire.NewServer()
			var got wire.Object
			s.Handle("sns", "Echo", func(in wire.Object) (wire.Object, error) { got = in; return nil, nil })
			_, _ = post(t, s, "/", "Action=Echo&Version=2010-03-31&"+c.form)
			raw, err := json.Marshal(got)
			require.NoError(t, err)
			assert.JSONEq(t, c.want, string(raw))
		})
	}
}

func TestXMLTellsStructuresMapsAndListsApart(t *testing.T) {
	s := wire.NewServer()
	s.Handle("sns", "Get", func(wire.Object) (wire.Object, error) {
		return wire.Object{
			"Map": map[string]string{"a": "<"}, "List": []string{"x", "y"}, "At": time.Unix(0, 5e6).UTC(), "Sure": true, "N": 1.5,
		}, nil
	})
	_, body := post(t, s, "/", url.Values{"Action": {"Get"}, "Version": {"2010-03-31"}}.Encode())
	assert.Equal(t, `<GetResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><GetResult>`+
		`<At>1970-01-01T00:00:00.005Z</At><List><member>x</member><member>y</member></List>`+
		`<Map><entry><key>a</key><value>&lt;</value></entry></Map><N>1.5</N><Sure>true</Sure></GetResult>`+
		`<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></GetResponse>`, body)
}

func TestAnObjectReadsWhatEveryProtocolSends(t *testing.T) {
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	o := wire.Object{
		"text": "12", "int": 12, "int64": int64(12), "float": 12.0, "fraction": 1.5, "yes": "true", "true": true,
		"epoch": float64(at.Unix()), "rfc": "2026-07-01T02:00:00+02:00", "time": at, "null": nil,
		"any": []any{"a", 1, map[string]any{"k": "v"}}, "map": map[string]string{"k": "v"},
	}
	for _, key := range []string{"text", "int", "int64", "float"} {
		n, ok := o.Int(key)
		assert.True(t, ok, key)
		assert.Equal(t, 12, n, key)
	}
	_, ok := o.Int("fraction")
	assert.False(t, ok)
	for _, key := range []string{"epoch", "rfc", "time"} {
		got, ok := o.Time(key)
		assert.True(t, ok, key)
		assert.Equal(t, at, got, key)
	}
	for _, key := range []string{"yes", "true"} {
		got, ok := o.Bool(key)
		assert.True(t, ok && got, key)
	}
	assert.Equal(t, []string{"a"}, o.Strings("any"))
	assert.Equal(t, []wire.Object{{"k": "v"}}, o.Objects("any"))
	assert.Equal(t, "v", o.Object("map").String("k"))
	assert.True(t, o.Has("null"))
	assert.Nil(t, o.Object("absent"))
	assert.Empty(t, o.Object("absent").String("deep"))
}

func TestAnAnswerIsCheckedAgainstTheModel(t *testing.T) {
	ecs, err := wire.NewModels().Of("ecs")
	require.NoError(t, err)
	good := wire.Object{"services": []wire.Object{{
		"serviceName": "web", "desiredCount": 2, "createdAt": time.Now(), "launchType": "FARGATE",
		"deployments": []wire.Object{}, "tags": []wire.Object{{"key": "a", "value": "b"}},
	}}, "failures": []wire.Object{}}
	assert.Empty(t, ecs.Validate("DescribeServices", good))
	assert.Empty(t, ecs.Validate("DescribeServices", nil))
	bad := wire.Object{"service": wire.Object{
		"serviceName": 5, "desiredCount": "2", "createdAt": "yesterday", "launchType": "CLOUD", "color": "red",
		"deployments": wire.Object{}, "tags": []string{"a"},
	}}
	assert.ElementsMatch(t, []string{
		"service.serviceName is int, not a string",
		"service.desiredCount is string, not integer",
		"service.createdAt is string, not timestamp",
		`service.launchType is "CLOUD", which is not one of [EC2 FARGATE EXTERNAL MANAGED_INSTANCES]`,
		"service.color is unknown to the model",
		"service.deployments is wire.Object, not a list",
		"service.tags[0] is string, not a structure",
	}, ecs.Validate("UpdateService", bad))
	assert.Len(t, ecs.Validate("NoSuch", nil), 1)
	assert.True(t, ecs.HasError("UpdateService", "ServiceNotFoundException"))
	assert.False(t, ecs.HasError("UpdateService", "NoSuchException"))
}

func TestAServerReportsAnswersThatDoNotFit(t *testing.T) {
	s := wire.NewServer()
	var reports []string
	s.Check(func(problem string) { reports = append(reports, problem) })
	s.Handle("ecs", "ListClusters", func(wire.Object) (wire.Object, error) { return wire.Object{"arns": 1}, nil })
	_, _ = post(t, s, "/", "{}", "X-Amz-Target", ecsTarget+"ListClusters")
	assert.Equal(t, []string{"ecs ListClusters: arns is unknown to the model"}, reports)
}

func FuzzForm(f *testing.F) {
	f.Add("A.member.1=x&A.entry.1.key=k&A.entry.1.value=v&.=1&..=2")
	s := echo()
	f.Fuzz(func(t *testing.T, form string) {
		answer, body := post(t, s, "/", "Action=Echo&Version=2010-03-31&"+form, "Content-Type", "application/x-www-form-urlencoded")
		assert.NotZero(t, answer.StatusCode)
		assert.NotEmpty(t, body)
	})
}

func FuzzCBOR(f *testing.F) {
	seed, err := cbor.Marshal(map[string]any{"a": []any{1, -1, 0.5, true, nil, "x", []byte{1}}, "m": map[string]any{}})
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte("\xbf\x61a\xc1\xfb\x41\xd9\x00\x00\x00\x00\x00\x00\xff"))
	s := echo()
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, raw := post(t, s, "/service/GraniteServiceVersion20100801/operation/Echo", string(body))
		require.NoError(t, cbor.Wellformed([]byte(raw)))
		if answer.StatusCode != http.StatusOK {
			return
		}
		_, again := post(t, s, "/service/GraniteServiceVersion20100801/operation/Echo", raw)
		assert.Equal(t, raw, again, "an answer that is sent back comes back")
	})
}

func BenchmarkJSONThroughTransport(b *testing.B) {
	s := wire.NewServer()
	out := wire.Object{"service": wire.Object{
		"serviceName": "web", "desiredCount": 2, "runningCount": 2, "createdAt": time.Unix(1e9, 0), "status": "ACTIVE",
		"deployments": []wire.Object{{"id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 2, "rolloutState": "COMPLETED"}},
	}}
	s.Handle("ecs", "UpdateService", func(wire.Object) (wire.Object, error) { return out, nil })
	transport := wire.Transport(s)
	body := []byte(`{"cluster":"shop","service":"web","desiredCount":3,"forceNewDeployment":false}`)
	b.ReportAllocs()
	for b.Loop() {
		r, _ := http.NewRequest(http.MethodPost, "http://ecssim.invalid/", bytes.NewReader(body))
		r.Header.Set("X-Amz-Target", ecsTarget+"UpdateService")
		answer, err := transport.RoundTrip(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(err, answer.Status)
		}
	}
}
