package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Read reads lines that were printed as JSON.
func Read(in io.Reader) (lines []Line, err error) {
	scanner := bufio.NewScanner(in)
	for n := 1; scanner.Scan(); n++ {
		var l Line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil || l.Scenario == "" {
			return nil, fmt.Errorf("line %d is no line of bench heal --output json: %w", n, orShape(err))
		}
		lines = append(lines, l)
	}
	return lines, scanner.Err()
}

func orShape(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("it names no scenario")
}
