package style

import "strings"

// prose splits a Markdown text into paragraphs and rows. Paragraphs and items
// of lists count with their sentences. Rows are the lines of tables, headings
// and images and count with their words only. Fenced code does not count.
func (g grammar) prose(text passage) (paragraphs, rows []passage) {
	text = join(text.split(fences(text.text)), "")
	for _, paragraph := range text.split(g.blank.FindAllStringIndex(text.text, -1)) {
		var item []passage
		for _, line := range paragraph.split(lineBreaks(paragraph.text)) {
			if strings.ContainsAny(first(line.text), "|#<!") {
				rows = append(rows, line)
				continue
			}
			marker := g.item.FindStringIndex(line.text)
			if marker != nil && len(item) > 0 {
				paragraphs = append(paragraphs, join(item, " "))
				item = nil
			}
			if marker != nil {
				line = line.slice(marker[1], len(line.text))
			}
			item = append(item, line.trim())
		}
		if len(item) > 0 {
			paragraphs = append(paragraphs, join(item, " "))
		}
	}
	return paragraphs, rows
}

// first returns the first character of a line that is not white space.
func first(line string) string {
	line = strings.TrimLeft(line, space)
	if line == "" {
		return ""
	}
	return line[:1]
}

// fences returns the ranges of fenced code.
func fences(text string) [][]int {
	const fence = "```"
	var out [][]int
	for from := 0; ; {
		begin := strings.Index(text[from:], fence)
		if begin < 0 {
			return out
		}
		begin += from
		end := strings.Index(text[begin+len(fence):], fence)
		if end < 0 {
			return out
		}
		from = begin + len(fence) + end + len(fence)
		out = append(out, []int{begin, from})
	}
}

func lineBreaks(text string) [][]int {
	var out [][]int
	for i := range len(text) {
		if text[i] == '\n' {
			out = append(out, []int{i, i + 1})
		}
	}
	return out
}
