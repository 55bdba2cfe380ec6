// Command patterns answers whether events match patterns. Each line of its input is a
// JSON object with the texts "pattern" and "event". Its answer is a line: true, false,
// or "invalid" for a pattern that is refused.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"homeostat/shared/sim/ecssim/pattern"
)

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(in)
	lines := bufio.NewWriter(out)
	for {
		var pair struct{ Pattern, Event string }
		if err := decoder.Decode(&pair); err == io.EOF {
			return lines.Flush()
		} else if err != nil {
			return err
		}
		result := "invalid"
		if compiled, err := pattern.Compile([]byte(pair.Pattern)); err == nil {
			result = fmt.Sprint(compiled.Matches([]byte(pair.Event)))
		}
		if _, err := fmt.Fprintln(lines, result); err != nil {
			return err
		}
	}
}
