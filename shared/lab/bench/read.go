package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Read reads results from JSON lines.
func Read(in io.Reader) (results []Result, err error) {
	scanner := bufio.NewScanner(in)
	for n := 1; scanner.Scan(); n++ {
		var l Result
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil || l.Scenario == "" {
			return nil, fmt.Errorf("line %d is not from bench heal --output json: %w", n, orMissingName(err))
		}
		results = append(results, l)
	}
	return results, scanner.Err()
}

func orMissingName(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("it has no scenario")
}
