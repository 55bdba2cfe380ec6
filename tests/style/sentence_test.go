package style

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSentencesAreSplitAndClassified(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 31))
	for name, c := range map[string]struct {
		text string
		want []Sentence
	}{
		"a text of three words is no sentence":             {"Three words only.", nil},
		"a text of four words is one":                      {"Here are four words.", []Sentence{{Text: "Here are four words.", Words: 4}}},
		"a sentence ends before a capital":                 {"It ends here, surely. The next one begins.", []Sentence{{Text: "It ends here, surely.", Words: 4}, {Text: "The next one begins.", Words: 4}}},
		"a full stop before a small letter ends nothing":   {"It takes e.g. two or three.", []Sentence{{Text: "It takes e.g. two or three.", Words: 6}}},
		"a colon ends a sentence before a capital":         {"It has three kinds: Apples and pears and plums.", []Sentence{{Text: "It has three kinds:", Words: 4}, {Text: "Apples and pears and plums.", Words: 5}}},
		"a colon before a small letter does not":           {"It has three kinds: apples.", []Sentence{{Text: "It has three kinds: apples.", Words: 5}}},
		"a stop in brackets ends nothing":                  {"It has (one part.) Another one follows.", []Sentence{{Text: "It has (one part.) Another one follows.", Words: 7}}},
		"a code span is one word, whatever it holds":       {"The value of `who. What is` is set.", []Sentence{{Text: "The value of x is set.", Words: 6}}},
		"white space does not count":                       {"Here  are \n four words.", []Sentence{{Text: "Here are four words.", Words: 4}}},
		"which is a relative clause":                       {"It returns those which fit.", []Sentence{{Text: "It returns those which fit.", Words: 5, Relative: true}}},
		"one that is a relative clause":                    {"It returns one that fits.", []Sentence{{Text: "It returns one that fits.", Words: 5, Relative: true}}},
		"that alone is none":                               {"It returns tasks that fit.", []Sentence{{Text: "It returns tasks that fit.", Words: 5}}},
		"whole and whatever are none":                      {"It returns whole tasks, whatever fits.", []Sentence{{Text: "It returns whole tasks, whatever fits.", Words: 6}}},
		"a sentence may begin with a relative clause":      {"What it returns is kept.", []Sentence{{Text: "What it returns is kept.", Words: 5, Relative: true, Begin: true}}},
		"those who at the beginning count as such":         {"Those who ask get it.", []Sentence{{Text: "Those who ask get it.", Words: 5, Relative: true, Begin: true}}},
		"which at the beginning is a relative clause only": {"Which task is it now?", []Sentence{{Text: "Which task is it now?", Words: 5, Relative: true}}},
		"a sentence of 31 words is long":                   {long, []Sentence{{Text: long, Words: 31}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := newGrammar().sentences(oneLine(c.text, 0))
			assert.Equal(t, c.want, got)
			for _, s := range got {
				assert.Equal(t, s.Words > 30, s.Long())
			}
		})
	}
}

func TestASentenceHasTheLineOfItsFirstWord(t *testing.T) {
	text := newPassage("The first sentence\nends here. The second\n one `of\ncode` ends.\n\n The third one is here.", 10)
	var lines []int
	for _, s := range newGrammar().sentences(text) {
		lines = append(lines, s.Line)
	}
	assert.Equal(t, []int{10, 11, 15}, lines)
}

func TestMarkdownIsSplitIntoParagraphsItemsAndRows(t *testing.T) {
	for name, c := range map[string]struct {
		text             string
		paragraphs, rows []string
	}{
		"lines of a paragraph are one text":          {"one\n  two", []string{"one two"}, nil},
		"an empty line ends a paragraph":             {"one\n \ntwo", []string{"one", "two"}, nil},
		"each item of a list is a text of its own":   {"- one\n  more\n* two\n12. three", []string{"one more", "two", "three"}, nil},
		"a dash without a blank begins no item":      {"one\n-two", []string{"one -two"}, nil},
		"headings, tables, HTML and images are rows": {"# one\n| two |\n<p>\n![three](x)\nfour", []string{"four"}, []string{"# one", "| two |", "<p>", "![three](x)"}},
		"fenced code is left out":                    {"one\n```\ntwo\n\nthree\n```\nfour", []string{"one", "four"}, nil},
		"fenced code in a line is left out":          {"one ```two``` three", []string{"one  three"}, nil},
		"a fence without an end is text":             {"one ``` two", []string{"one ``` two"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			paragraphs, rows := newGrammar().prose(newPassage(c.text, 1))
			assert.Equal(t, c.paragraphs, texts(paragraphs))
			assert.Equal(t, c.rows, texts(rows))
		})
	}
}

func texts(passages []passage) []string {
	var out []string
	for _, p := range passages {
		out = append(out, p.text)
	}
	return out
}
