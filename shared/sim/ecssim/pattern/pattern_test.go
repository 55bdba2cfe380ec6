package pattern_test

import (
	"encoding/json"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/pattern"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type matchCase struct {
	name, pattern, event string
	want                 bool
}

func testMatches(t *testing.T, cases []matchCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := pattern.Compile([]byte(c.pattern))
			require.NoError(t, err)
			assert.Equal(t, c.want, p.Matches([]byte(c.event)))
		})
	}
}

func TestAPatternMatchesValuesAndStructuresAsEventBridgeDocuments(t *testing.T) {
	testMatches(t, []matchCase{
		{"a value equals one of the list", `{"source":["aws.ecs","aws.ecr"]}`, `{"source":"aws.ecr"}`, true},
		{"a value equals none of the list", `{"source":["aws.ecs"]}`, `{"source":"aws.ecr"}`, false},
		{"a field that is absent matches no value", `{"source":["aws.ecs"]}`, `{}`, false},
		{"every field has to match", `{"a":["1"],"b":["2"]}`, `{"a":"1","b":"3"}`, false},
		{"other fields of the event do not matter", `{"a":["1"]}`, `{"a":"1","z":[{}]}`, true},
		{"names are case-sensitive", `{"a":["1"]}`, `{"A":"1"}`, false},
		{"null matches null", `{"a":[null]}`, `{"a":null}`, true},
		{"null does not match an absent field", `{"a":[null]}`, `{}`, false},
		{"a boolean is not its text", `{"a":[true]}`, `{"a":"true"}`, false},
		{"a number is compared as it is written", `{"a":[300]}`, `{"a":300.0}`, false},
		{"a number matches itself", `{"a":[300]}`, `{"a":300}`, true},
		{"a number is not its text", `{"a":[300]}`, `{"a":"300"}`, false},
		{"objects nest", `{"detail":{"lastStatus":["STOPPED"]}}`, `{"detail":{"lastStatus":"STOPPED"}}`, true},
		{"a nested pattern does not match a scalar", `{"detail":{"a":["x"]}}`, `{"detail":"x"}`, false},
		{"any element of a list in the event may match", `{"a":["x"]}`, `{"a":["w","x"]}`, true},
		{"an empty list in the event matches nothing", `{"a":["x"]}`, `{"a":[]}`, false},
		{"lists within lists count too", `{"a":["x"]}`, `{"a":[["w"],["x"]]}`, true},
		{"a list of objects matches by one of them", `{"c":{"n":["a"],"x":[137]}}`, `{"c":[{"n":"b","x":0},{"n":"a","x":137}]}`, true},
		{"a list of objects does not match across them", `{"c":{"n":["a"],"x":[137]}}`, `{"c":[{"n":"b","x":137},{"n":"a","x":0}]}`, false},
	})
}

func TestAPatternMatchesByItsOperatorsAsEventBridgeDocuments(t *testing.T) {
	testMatches(t, []matchCase{
		{"prefix", `{"a":[{"prefix":"ecs-"}]}`, `{"a":"ecs-svc"}`, true},
		{"prefix is case-sensitive", `{"a":[{"prefix":"ecs-"}]}`, `{"a":"ECS-svc"}`, false},
		{"prefix ignoring case", `{"a":[{"prefix":{"equals-ignore-case":"ecs-"}}]}`, `{"a":"ECS-svc"}`, true},
		{"suffix", `{"a":[{"suffix":".png"}]}`, `{"a":"a.png"}`, true},
		{"suffix ignoring case", `{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}`, `{"a":"a.png"}`, true},
		{"prefix does not match a number", `{"a":[{"prefix":"1"}]}`, `{"a":12}`, false},
		{"equals-ignore-case", `{"a":[{"equals-ignore-case":"Alarm"}]}`, `{"a":"ALARM"}`, true},
		{"wildcard in the middle", `{"a":[{"wildcard":"dir/*/file"}]}`, `{"a":"dir/x/y/file"}`, true},
		{"wildcard takes nothing too", `{"a":[{"wildcard":"a*b*"}]}`, `{"a":"ab"}`, true},
		{"wildcard has to reach the end", `{"a":[{"wildcard":"a*b"}]}`, `{"a":"abc"}`, false},
		{"wildcard pieces do not overlap", `{"a":[{"wildcard":"ab*ba"}]}`, `{"a":"aba"}`, false},
		{"an escaped star is a star", `{"a":[{"wildcard":"a\\*b"}]}`, `{"a":"a*b"}`, true},
		{"an escaped star is nothing else", `{"a":[{"wildcard":"a\\*b"}]}`, `{"a":"axb"}`, false},
		{"anything-but a value", `{"a":[{"anything-but":"x"}]}`, `{"a":"y"}`, true},
		{"anything-but the value itself", `{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{"anything-but needs the field", `{"a":[{"anything-but":"x"}]}`, `{}`, false},
		{"anything-but a list", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"y"}`, false},
		{"anything-but numbers", `{"a":[{"anything-but":[1,2]}]}`, `{"a":3}`, true},
		{"anything-but a prefix", `{"a":[{"anything-but":{"prefix":"init"}}]}`, `{"a":"initializing"}`, false},
		{"anything-but a list of prefixes", `{"a":[{"anything-but":{"prefix":["in","out"]}}]}`, `{"a":"through"}`, true},
		{"anything-but a suffix", `{"a":[{"anything-but":{"suffix":".md"}}]}`, `{"a":"a.go"}`, true},
		{"anything-but a wildcard", `{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"a":"x/lib/y"}`, false},
		{"anything-but ignoring case", `{"a":[{"anything-but":{"equals-ignore-case":["X"]}}]}`, `{"a":"x"}`, false},
		{"numeric equal whatever the writing", `{"a":[{"numeric":["=",300]}]}`, `{"a":3.0e2}`, true},
		{"numeric range, inside", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, true},
		{"numeric range, at its open end", `{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":0}`, false},
		{"numeric below", `{"a":[{"numeric":["<",10]}]}`, `{"a":-1}`, true},
		{"numeric above the largest number matches none", `{"a":[{"numeric":[">",5e9]}]}`, `{"a":5e9}`, false},
		{"numeric does not read texts", `{"a":[{"numeric":["<",10]}]}`, `{"a":"1"}`, false},
		{"exists", `{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{"exists is about leaves", `{"a":[{"exists":true}]}`, `{"a":{"b":1}}`, false},
		{"exists does not see an empty list", `{"a":[{"exists":true}]}`, `{"a":[]}`, false},
		{"not exists", `{"a":[{"exists":false}]}`, `{"b":1}`, true},
		{"not exists, but it does", `{"a":[{"exists":false}]}`, `{"a":1}`, false},
		{"not exists, but in another element of a list", `{"d":{"a":[{"exists":false}]}}`, `{"d":[{"a":1},{"b":1}]}`, false},
		{"not exists in any element of a list", `{"d":{"a":[{"exists":false}]}}`, `{"d":[{"b":1},{"c":1}]}`, true},
		{"not exists, with empty lists only", `{"d":{"a":[{"exists":false}]}}`, `{"d":[{"a":[]},{"b":1}]}`, true},
		{"not exists, and the lists are nested", `{"d":{"a":{"b":[{"exists":false}]}}}`, `{"d":[{"a":[{"b":"x"}]},{"c":1}]}`, false},
		{"not exists below an absent object", `{"d":{"a":[{"exists":false}]}}`, `{"b":1}`, true},
		{"not exists or a value", `{"a":["x",{"exists":false}]}`, `{"a":"x"}`, true},
		{"$or takes either", `{"$or":[{"a":["1"]},{"b":["2"]}]}`, `{"b":"2"}`, true},
		{"$or needs one", `{"$or":[{"a":["1"]},{"b":["2"]}]}`, `{"b":"1"}`, false},
		{"$or goes with its neighbours", `{"s":["x"],"$or":[{"a":["1"]},{"b":["2"]}]}`, `{"b":"2"}`, false},
		{"$or within a nested object", `{"d":{"$or":[{"a":["1"]},{"b":[{"numeric":[">",2]}]}]}}`, `{"d":{"b":3}}`, true},
		{"cidr", `{"ip":[{"cidr":"10.0.0.0/24"}]}`, `{"ip":"10.0.0.7"}`, true},
		{"cidr outside", `{"ip":[{"cidr":"10.0.0.0/24"}]}`, `{"ip":"10.0.1.7"}`, false},
		{"what is not JSON matches nothing", `{"a":[{"exists":false}]}`, `{`, false},
		{"a list matches nothing", `{"a":[{"exists":false}]}`, `[]`, false},
		{"null matches nothing", `{"a":[{"exists":false}]}`, `null`, false},
	})
}

func TestAPatternThatEventBridgeWouldRefuseIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":                                 `{`,
		"a list":                                   `[]`,
		"null":                                     `null`,
		"something after the object":               `{"a":["x"]} {}`,
		"an empty object":                          `{}`,
		"an empty nested object":                   `{"a":{}}`,
		"an empty list":                            `{"a":[]}`,
		"a bare value":                             `{"a":"x"}`,
		"a list in a list":                         `{"a":[["x"]]}`,
		"an unknown operator":                      `{"a":[{"regex":"x"}]}`,
		"an operator with two keys":                `{"a":[{"prefix":"x","suffix":"y"}]}`,
		"an operator with no key":                  `{"a":[{}]}`,
		"prefix of a number":                       `{"a":[{"prefix":1}]}`,
		"prefix of an unknown operator":            `{"a":[{"prefix":{"wildcard":"x"}}]}`,
		"two stars in a row":                       `{"a":[{"wildcard":"a**"}]}`,
		"a wildcard that escapes a letter":         `{"a":[{"wildcard":"\\a"}]}`,
		"anything-but nothing":                     `{"a":[{"anything-but":[]}]}`,
		"anything-but texts and numbers":           `{"a":[{"anything-but":["x",1]}]}`,
		"anything-but null":                        `{"a":[{"anything-but":null}]}`,
		"anything-but an unknown operator":         `{"a":[{"anything-but":{"numeric":["=",1]}}]}`,
		"anything-but no prefixes":                 `{"a":[{"anything-but":{"prefix":[]}}]}`,
		"exists that is a text":                    `{"a":[{"exists":"true"}]}`,
		"numeric without a comparison":             `{"a":[{"numeric":[]}]}`,
		"numeric with half a comparison":           `{"a":[{"numeric":[">"]}]}`,
		"numeric with the upper bound first":       `{"a":[{"numeric":["<",5,">",0]}]}`,
		"numeric with no number in range":          `{"a":[{"numeric":[">",5,"<",5]}]}`,
		"numeric with a text":                      `{"a":[{"numeric":["=","1"]}]}`,
		"numeric beyond what is compared":          `{"a":[{"numeric":["=",6e9]}]}`,
		"numeric with one number as a range":       `{"a":[{"numeric":[">=",5,"<=",5]}]}`,
		"anything-but an empty prefix":             `{"a":[{"anything-but":{"prefix":""}}]}`,
		"anything-but a list with an empty suffix": `{"a":[{"anything-but":{"suffix":["x",""]}}]}`,
		"anything-but a prefix ignoring case":      `{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}`,
		"cidr of one address":                      `{"a":[{"cidr":"10.0.0.7/32"}]}`,
		"cidr of one address of IPv6":              `{"a":[{"cidr":"2001:db8::7/128"}]}`,
		"$or with one object":                      `{"$or":[{"a":["x"]}]}`,
		"$or with a text":                          `{"$or":["a","b"]}`,
		"cidr that is none":                        `{"a":[{"cidr":"10.0.0.0"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pattern.Compile([]byte(text))
			assert.Error(t, err)
		})
	}
}

// wildcardOracle matches a wildcard by its definition. It is exponential and
// simple.
func wildcardOracle(w, s string) bool {
	if w == "" {
		return s == ""
	}
	if w[0] == '*' {
		return wildcardOracle(w[1:], s) || s != "" && wildcardOracle(w, s[1:])
	}
	return s != "" && s[0] == w[0] && wildcardOracle(w[1:], s[1:])
}

func TestAWildcardMatchesAsItsDefinitionSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.StringMatching(`(\*?[ab]{0,2}){0,4}`).Filter(func(s string) bool {
			return !strings.Contains(s, "**")
		}).Draw(t, "wildcard")
		s := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "text")
		p := compile(t, map[string]any{"a": []any{map[string]any{"wildcard": w}}})
		assert.Equal(t, wildcardOracle(w, s), p.Matches(encode(t, map[string]any{"a": s})))
	})
}

func TestAnythingButIsTheContraryOfItsOperator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operator := rapid.SampledFrom([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}).Draw(t, "operator")
		operand := rapid.StringMatching(`[aAb]{1,3}`).Draw(t, "operand")
		event := encode(t, map[string]any{"f": rapid.StringMatching(`[aAb]{0,4}`).Draw(t, "value")})
		inner := map[string]any{operator: operand}
		plain := compile(t, map[string]any{"f": []any{inner}})
		contrary := compile(t, map[string]any{"f": []any{map[string]any{"anything-but": inner}}})
		assert.NotEqual(t, plain.Matches(event), contrary.Matches(event))
	})
}

func TestAnEventMatchesThePatternOfItsOwnLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,4}`), rapid.String(), 1, 5).Draw(t, "event")
		own, other := map[string]any{}, map[string]any{}
		for key, value := range event {
			own[key] = []any{value}
			other[key] = []any{value + "x"}
		}
		assert.True(t, compile(t, own).Matches(encode(t, event)))
		assert.False(t, compile(t, other).Matches(encode(t, event)))
	})
}

func compile(t require.TestingT, tree map[string]any) *pattern.Pattern {
	p, err := pattern.Compile(encode(t, tree))
	require.NoError(t, err)
	return p
}

func encode(t require.TestingT, tree any) []byte {
	raw, err := json.Marshal(tree)
	require.NoError(t, err)
	return raw
}

func FuzzCompile(f *testing.F) {
	f.Add(`{"a":[{"anything-but":{"prefix":["x"]}}],"$or":[{"b":[1]},{"c":[{"exists":false}]}]}`, `{"a":["y"],"b":1}`)
	f.Add(`{"a":{"b":[{"numeric":[">",0,"<",1e3]}]}}`, `{"a":[{"b":5}]}`)
	f.Add(`{"a":[{"wildcard":"*\\*\\\\"}]}`, `{"a":null}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := pattern.Compile([]byte(text))
		if err != nil {
			return
		}
		assert.Equal(t, p.Matches([]byte(event)), p.Matches([]byte(event)))
	})
}
